import { EntityTrace, type Touch } from './history-trace.js';

const DAY_MS = 86_400_000;
const REACH_MS = 30 * DAY_MS;

/** An entity met once a minute; `served` is the position that the windows had, null where it was not served from them. */
function trace(
  ...touches: { served: number | null; recomputed: number; reads?: true; afterMs?: number; atMs?: number }[]
) {
  const entity = new EntityTrace(REACH_MS);
  let atMs = 0;
  touches.forEach(({ served, recomputed, reads, afterMs = 60_000, atMs: servedAtMs }, n) => {
    atMs += afterMs;
    const touch: Touch = {
      endToEndId: `E${n}`,
      arrivedUs: atMs * 1_000,
      adds: !reads,
      recomputed: { position: recomputed, atMs },
      ...(served === null ? {} : { served: { position: served, atMs: servedAtMs ?? atMs } }),
    };
    entity.touch(touch);
  });
  return entity.found.map(({ kind, endToEndId, after, notServed }) => [
    kind,
    endToEndId,
    ...(after === undefined ? [] : [`after ${after}`]),
    ...(notServed ? ['not served'] : []),
  ]);
}

test('they agree where the log is older than the history', () => {
  expect(
    trace({ served: 8, recomputed: 1 }, { served: 8, recomputed: 1, reads: true }, { served: 9, recomputed: 2 }),
  ).toEqual([]);
});

test('an event that the log lacks', () => {
  expect(trace({ served: 8, recomputed: 1 }, { served: 8, recomputed: 2 }, { served: 9, recomputed: 3 })).toEqual([
    ['lacking', 'E1', 'after E0'],
  ]);
});

test('the first event of all', () => {
  expect(trace({ served: 0, recomputed: 1 }, { served: 1, recomputed: 2 })).toEqual([['lacking', 'E0']]);
});

test('one that was not served shows at the next that was', () => {
  const touches = [
    { served: 1, recomputed: 1 },
    { served: null, recomputed: 2 },
  ] as const;
  expect(trace(...touches, { served: 2, recomputed: 3 })).toEqual([['lacking', 'E1', 'after E0', 'not served']]);
  // It was in time for the windows all the same.
  expect(trace(...touches, { served: 3, recomputed: 3 })).toEqual([]);
});

test('a log that was lost, and one that ended by itself when no window held an event', () => {
  const before = [
    { served: 5, recomputed: 5 },
    { served: 6, recomputed: 6 },
  ] as const;
  expect(trace(...before, { served: 1, recomputed: 7 }, { served: 2, recomputed: 8 })).toEqual([
    ['lost', 'E2', 'after E1'],
  ]);
  expect(trace(...before, { served: 1, recomputed: 7, afterMs: REACH_MS + 1 }, { served: 2, recomputed: 8 })).toEqual(
    [],
  );
  expect(trace(...before, { served: 1, recomputed: 7, afterMs: REACH_MS })).toEqual([['lost', 'E2', 'after E1']]);
});

test('an event that the history lacks', () => {
  expect(trace({ served: 1, recomputed: 1 }, { served: 3, recomputed: 2 }, { served: 4, recomputed: 3 })).toEqual([
    ['surplus', 'E1', 'after E0'],
  ]);
});

test('a clock that somebody else moved', () => {
  expect(trace({ served: 1, recomputed: 1 }, { served: 2, recomputed: 2, atMs: 9e9 })).toEqual([
    ['clock', 'E1', 'after E0'],
  ]);
});

test('the last label is known', () => {
  const entity = new EntityTrace(REACH_MS);
  expect(entity.lastLabel()).toBeUndefined();
  entity.labelled('E1', 10);
  entity.labelled('E2', 20);
  expect(entity.lastLabel()).toEqual({ kind: 'label', endToEndId: 'E2', arrivedUs: 20 });
});
