/** Columns of two sides, drawn from a seed: what the drift tests are timed on. */
export interface DriftData {
  kinds: ('numbers' | 'categories')[];
  reference: Float32Array[];
  current: Float32Array[];
}

const FEATURES = 70;

/** 60 numbers of the shapes that the `pix` features have and 10 categories; on a third of them the second side moved. */
export function driftData(rows: number): DriftData {
  const next = uniform(20261128);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const shapes: ((by: number) => number)[] = [
    (by) => Math.exp(4 + by + 1.3 * normal()),
    (by) => 50 + 10 * (normal() + by),
    (by) => Math.floor(-Math.log(1 - next()) * (3 + by)),
    (by) => next() * 86_400 * (1 + by),
    (by) => (next() < 0.7 ? 0 : Math.exp(2 + by + normal())),
    (by) => normal() + (next() < 0.1 ? 5 + by : 0),
  ];
  const category = (by: number): number => Math.floor(12 * next() ** (1 + by));
  const kinds: DriftData['kinds'] = Array.from({ length: FEATURES }, (_, index) =>
    index % 7 === 6 ? 'categories' : 'numbers',
  );
  const side = (moved: number): Float32Array[] =>
    kinds.map((kind, index) => {
      const draw = kind === 'categories' ? category : shapes[index % 7]!;
      const by = index % 3 === 0 ? moved : 0;
      return Float32Array.from({ length: rows }, () => draw(by));
    });
  return { kinds, reference: side(0), current: side(0.1) };
}

/** Calibrated probabilities of a rare class, without repeats. */
export function probabilitiesOf(rows: number): Float64Array {
  const next = uniform(7);
  return Float64Array.from({ length: rows }, () => 1 / (1 + Math.exp(9 - 11 * next() ** 2)));
}

/** Numbers in [0, 1) by xorshift32 (Marsaglia 2003). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
