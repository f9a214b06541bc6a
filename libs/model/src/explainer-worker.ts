/*
 * The thread that explains: one row in, its contributions out. `explainer.ts` starts it, from dist as JavaScript and
 * from src by Node's own type stripping, which follows imports as written: hence `.ts` here, which tsc rewrites.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { contributionsOf, scratchFor, type ShapForest } from './tree-shap.ts';

/** `vector` of {@link ShapForest.features} numbers. */
export interface Question {
  id: number;
  vector: Float32Array;
}

export interface Answer {
  id: number;
  contributions: Float64Array;
}

const forest = workerData as ShapForest;
const scratch = scratchFor(forest);

parentPort!.on('message', ({ id, vector }: Question) => {
  const contributions = contributionsOf(forest, vector, scratch);
  parentPort!.postMessage({ id, contributions } satisfies Answer, [contributions.buffer as ArrayBuffer]);
});
