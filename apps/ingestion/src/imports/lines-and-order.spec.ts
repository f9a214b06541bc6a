import fc from 'fast-check';
import { linesOf } from './lines.js';
import { mapInOrder } from './map-in-order.js';

async function* from<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** The bytes in pieces of the given lengths, over and over. */
function pieces(bytes: Buffer, lengths: number[]): Buffer[] {
  const result: Buffer[] = [];
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const end = at + lengths[n % lengths.length]!;
    result.push(bytes.subarray(at, end));
    at = end;
  }
  return result;
}

const line = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', '"'), maxLength: 12 });
const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

test('however the bytes are cut, the lines are the same; those too long are null', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), lengths, fc.integer({ min: 1, max: 30 }), async (texts, cuts, maxLineBytes) => {
      const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      const lines = await all(linesOf(from(pieces(bytes, cuts)), maxLineBytes));
      expect(lines.map(({ bytes: found }) => found?.toString() ?? null)).toEqual(
        texts.map((text) => (Buffer.byteLength(text) > maxLineBytes ? null : text)),
      );
      expect(lines.map(({ number }) => number)).toEqual(texts.map((_, index) => index + 1));
    }),
    { numRuns: 200 },
  );
});

test('a last line needs no line feed', async () => {
  const lines = await all(linesOf(from([Buffer.from('a\nb')]), 10));
  expect(lines.map(({ bytes }) => bytes?.toString())).toEqual(['a', 'b']);
});

test('results come in order, with no more in work or read ahead than the width', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      async (turns, width) => {
        let read = 0;
        let given = 0;
        let inWork = 0;
        const source = (async function* () {
          for (const [index, wait] of turns.entries()) {
            read += 1;
            // One more than the width: the one being read has not been handed over.
            expect(read - given).toBeLessThanOrEqual(width + 1);
            yield await Promise.resolve({ index, wait });
          }
        })();
        const results: number[] = [];
        const work = async ({ index, wait }: { index: number; wait: number }): Promise<number> => {
          expect(++inWork).toBeLessThanOrEqual(width);
          for (let turn = 0; turn < wait; turn++) await new Promise(setImmediate);
          inWork -= 1;
          return index;
        };
        for await (const result of mapInOrder(source, width, work)) {
          results.push(result);
          given += 1;
        }
        expect(results).toEqual(turns.map((_, index) => index));
      },
    ),
    { numRuns: 100 },
  );
});

test('a result is given although the next item does not come', async () => {
  const source = (async function* () {
    yield 1;
    await new Promise(() => undefined);
  })();
  const results = mapInOrder(source, 4, (item) => Promise.resolve(item * 2));
  expect(await results.next()).toEqual({ done: false, value: 2 });
  await results.return(undefined);
});

test('a source that breaks ends the results by its error', async () => {
  const source = (async function* () {
    yield 1;
    await Promise.resolve();
    throw new Error('the connection ended');
  })();
  const broken = all(mapInOrder(source, 4, (item) => Promise.resolve(item)));
  await expect(broken).rejects.toThrow('the connection ended');
});
