import type { Model } from '@vigia/model';

const WARM_UP = 50;
const ROWS = 300;

/** 99th percentile of the time to score one row alone, as scoring does it, µs. */
export async function scoringLatencyUs(model: Model, vectors: Float32Array[]): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + ROWS; i++) {
    const startedMs = performance.now();
    await model.score(vectors[i % vectors.length]!);
    if (i >= WARM_UP) times.push((performance.now() - startedMs) * 1_000);
  }
  return Math.round(times.sort((a, b) => a - b)[Math.ceil(ROWS * 0.99) - 1]!);
}
