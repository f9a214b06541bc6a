/** 2026-11-20T23:15:03.900Z: a Friday, 20:15 in São Paulo, inside the night limit's hours from 20:00 on. */
export const TEST_TIME_MS = Date.UTC(2026, 10, 20, 23, 15, 3, 900);

export interface FixedClock {
  /** Milliseconds since 1970, UTC. Needs no `this`: pass it where a clock is asked for. */
  now: () => number;
  advance(ms: number): void;
}

/** A clock that stands still until it is told to go on. */
export function fixedClock(startMs = TEST_TIME_MS): FixedClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}
