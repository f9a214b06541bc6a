import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Batcher } from './batcher.js';
import { openSession, type Session } from './session.js';

const FEATURES = 6;
const ROWS = 1_000;

let session: Session;
beforeAll(async () => {
  session = await openSession(readFileSync(join(__dirname, '../fixtures/bundle/model.onnx')), FEATURES);
});
afterAll(() => session.release());

const vectorOf = (row: number): Float32Array =>
  Float32Array.from({ length: FEATURES }, (_, feature) =>
    (row + feature) % 7 === 0 ? NaN : Math.sin(row * 1.7 + feature * 2.3) * 2,
  );

/** The real session, seen: the size of every batch, and a failure for every batch with a row that starts with `poison`. */
function watched(poison = Infinity): { run: Session['run']; sizes: number[] } {
  const sizes: number[] = [];
  return {
    sizes,
    run(features, rows) {
      sizes.push(rows);
      for (let row = 0; row < rows; row++) {
        if (features[row * FEATURES] === poison) return Promise.reject(new Error('poisoned batch'));
      }
      return session.run(features, rows);
    },
  };
}

test('1,000 rows at once score as they do one by one', async () => {
  const oneByOne: Awaited<ReturnType<Session['run']>>[] = [];
  for (let row = 0; row < ROWS; row++) oneByOne.push(await session.run(vectorOf(row), 1));
  const { run, sizes } = watched();
  const batcher = new Batcher({ run }, FEATURES);
  const together = await Promise.all(Array.from({ length: ROWS }, (_, row) => batcher.score(vectorOf(row))));
  together.forEach(({ probability, margin }, row) => {
    expect(probability).toBe(oneByOne[row]!.probabilities[0]);
    expect(margin).toBe(oneByOne[row]!.margins[0]);
  });
  expect(sizes).toEqual([...Array<number>(15).fill(64), 40]);
  expect(new Set(together.map(({ margin }) => margin)).size).toBeGreaterThan(100);
});

test('rows of different turns that arrive while a batch runs share the next one', async () => {
  const { run, sizes } = watched();
  let free!: () => void;
  const held = new Promise<void>((resolve) => (free = resolve));
  const batcher = new Batcher({ run: async (features, rows) => (await held, run(features, rows)) }, FEATURES);
  const scores = [batcher.score(vectorOf(0))];
  for (let row = 1; row <= 3; row++) {
    await new Promise((resolve) => setImmediate(resolve));
    scores.push(batcher.score(vectorOf(row)));
  }
  free();
  await Promise.all(scores);
  expect(sizes).toEqual([1, 3]);
});

test('the caller may reuse its vector at once', async () => {
  const batcher = new Batcher(session, FEATURES);
  const vector = vectorOf(1);
  const score = batcher.score(vector);
  vector.fill(9);
  expect((await score).margin).toBe((await session.run(vectorOf(1), 1)).margins[0]);
});

test('a failing batch rejects its own rows only', async () => {
  const { run } = watched(1_234);
  const batcher = new Batcher({ run }, FEATURES, 4);
  const poisoned = Float32Array.of(1_234, 0, 0, 0, 0, 0);
  const rows = Array.from({ length: 12 }, (_, row) => (row === 5 ? poisoned : vectorOf(row)));
  const settled = await Promise.allSettled(rows.map((row) => batcher.score(row)));
  expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(rows.map((_, row) => row < 4 || row > 7));
  expect(settled[4]).toMatchObject({ reason: new Error('poisoned batch') });
  await expect(batcher.score(vectorOf(1))).resolves.toHaveProperty('margin');
});
