import type { Model } from '@vigia/model';

const WARM_UP = 50;
const ROWS = 300;

/**
 * Mean processor time of this thread to score one row alone, as scoring does it, µs. The clock on the wall would tell of
 * what else the machine does, and fail a model for it.
 */
export async function scoringLatencyUs(model: Model, vectors: Float32Array[]): Promise<number> {
  const score = async (rows: number): Promise<void> => {
    for (let i = 0; i < rows; i++) await model.score(vectors[i % vectors.length]!);
  };
  await score(WARM_UP);
  const before = process.threadCpuUsage();
  await score(ROWS);
  const { user, system } = process.threadCpuUsage(before);
  return Math.round((user + system) / ROWS);
}
