import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SelfTest } from '@vigia/contracts';
import { BundleRefused } from './bundle-refused.js';
import type { Session } from './session.js';
import { contributionsOf, scratchFor, type ShapForest } from './tree-shap.js';

/** How far the trees' own sum, here in float64, may be from the margin that XGBoost adds up in float32. */
const TREES_TOLERANCE = 1e-4;

/**
 * Scores the bundle's self-test vectors: probability and margin of the graph, and bias plus contributions of the trees,
 * must be what the trainer saw. So a graph and trees of different models do not pass. `forest` is null where the bundle
 * explains nothing.
 * @throws {BundleRefused} a row is off, has the wrong length, or there is none
 */
export async function checkSelfTest(
  { vectors, probabilities, margins, tolerance }: SelfTest,
  session: Session,
  { features, forest }: { features: number; forest: ShapForest | null },
): Promise<void> {
  if (vectors.length === 0 || probabilities.length !== vectors.length || margins.length !== vectors.length) {
    throw new BundleRefused({
      file: 'self-test.json',
      expected: 'at least one vector, and a probability and a margin for each',
      found: `${vectors.length} vectors, ${probabilities.length} probabilities, ${margins.length} margins`,
      remedy: 'Package the bundle again.',
    });
  }
  const scratch = forest && scratchFor(forest);
  for (const [row, values] of vectors.entries()) {
    await nextTurn();
    if (values.length !== features) {
      throw new BundleRefused({
        file: 'self-test.json',
        expected: `${features} numbers in vector ${row}`,
        found: String(values.length),
        remedy: 'Package the bundle again.',
      });
    }
    const vector = Float32Array.from(values, (value) => value ?? NaN);
    const scored = await session.run(vector, 1);
    compare('model.onnx', `probability of vector ${row}`, probabilities[row]!, scored.probabilities[0]!, tolerance);
    compare('model.onnx', `margin of vector ${row}`, margins[row]!, scored.margins[0]!, tolerance);
    if (forest === null || scratch === null) continue;
    const sum = contributionsOf(forest, vector, scratch).reduce((total, value) => total + value, forest.bias);
    compare('trees.json', `margin of vector ${row}`, margins[row]!, sum, Math.max(tolerance, TREES_TOLERANCE));
  }
}

function compare(file: string, what: string, expected: number, found: number, tolerance: number): void {
  // NaN is within no tolerance.
  if (Math.abs(found - expected) <= tolerance) return;
  throw new BundleRefused({
    file,
    expected: `${what} = ${expected} within ${tolerance} (self-test.json)`,
    found: String(found),
    remedy: 'The model does not compute here what it computed where it was trained: export and package it again.',
  });
}
