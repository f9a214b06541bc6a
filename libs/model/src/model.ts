import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BundleManifest } from '@vigia/contracts';
import { Batcher, type Score } from './batcher.js';
import { readBundle } from './bundle-files.js';
import { BundleRefused } from './bundle-refused.js';
import { Explainer } from './explainer.js';
import { checkSelfTest } from './self-test.js';
import { openSession, type Session } from './session.js';
import { shapForest } from './shap-forest.js';
import type { ShapForest } from './tree-shap.js';
import { parseTrees } from './trees.js';

/** What the service that loads a bundle computes: the columns of its vectors, in order. */
export interface FeatureSetIdentity {
  name: string;
  hash: string;
  features: readonly string[];
}

/** What one feature adds to the margin of a row, in log-odds: positive speaks for fraud. */
export interface Contribution {
  feature: string;
  contribution: number;
}

export interface Model {
  readonly manifest: BundleManifest;
  /**
   * Expected margin: `bias` and all contributions of a row add up to its margin (within float32). Null where the bundle
   * explains nothing.
   */
  readonly bias: number | null;
  /** Rows that arrive in one turn of the event loop are scored together. NaN = missing. */
  score(vector: Float32Array): Promise<Score>;
  /**
   * Exact TreeSHAP, on a thread of its own: one entry per feature, in the order of `manifest.features`; none where the
   * bundle explains nothing.
   */
  explain(vector: Float32Array): Promise<Contribution[]>;
  /** Refuses new rows, answers those it has, then frees the session and ends the thread. */
  close(): Promise<void>;
}

export interface LoadOptions {
  featureSet: FeatureSetIdentity;
  /** SHA-256 that `bundle.json` must have, where a registry names it. */
  manifestSha256?: string;
}

/**
 * Loads a bundle and serves it only if it is whole and says what it said where it was trained: digests, feature set,
 * order of features, self-test vectors through the ONNX graph and through the trees. Between its steps others may run:
 * a service loads the next model while the one before answers.
 * @throws {BundleRefused} naming file, expected, found and remedy
 */
export async function loadBundle(directory: string, { featureSet, manifestSha256 }: LoadOptions): Promise<Model> {
  const { manifest, onnx, trees, selfTest } = await readBundle(directory, manifestSha256);
  checkFeatureSet(manifest, featureSet);
  await nextTurn();
  const forest = manifest.explanation === 'trees' ? await forestOf(trees, manifest) : null;
  await nextTurn();
  const features = manifest.features.length;
  const session = await openSession(onnx, features);
  try {
    await checkSelfTest(selfTest, session, { features, forest });
  } catch (error) {
    await session.release();
    throw error;
  }
  return new LoadedModel(manifest, forest && forest.bias, session, forest && new Explainer(forest));
}

async function forestOf(trees: unknown, { features }: BundleManifest): Promise<ShapForest> {
  const parsed = parseTrees(trees);
  await nextTurn();
  if (parsed.features !== features.length) {
    throw new BundleRefused({
      file: 'trees.json',
      expected: `${features.length} features as in bundle.json`,
      found: String(parsed.features),
      remedy: 'Package the trees of the model that was exported.',
    });
  }
  return shapForest(parsed);
}

/** A model that was told to close takes no more rows. */
export class ModelClosed extends Error {
  constructor({ name, version }: BundleManifest) {
    super(`Model ${name} version ${version} is closed: take the current one from its slot.`);
    this.name = 'ModelClosed';
  }
}

class LoadedModel implements Model {
  private readonly batcher: Batcher;
  private closing: Promise<void> | undefined;

  constructor(
    readonly manifest: BundleManifest,
    readonly bias: number | null,
    private readonly session: Session,
    private readonly explainer: Explainer | null,
  ) {
    this.batcher = new Batcher(session, manifest.features.length);
  }

  async score(vector: Float32Array): Promise<Score> {
    this.check(vector);
    return this.batcher.score(vector);
  }

  async explain(vector: Float32Array): Promise<Contribution[]> {
    this.check(vector);
    if (this.explainer === null) return [];
    const contributions = await this.explainer.explain(vector);
    return this.manifest.features.map((feature, index) => ({ feature, contribution: contributions[index]! }));
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await Promise.all([this.batcher.settled(), this.explainer?.close()]);
      await this.session.release();
    })();
    return this.closing;
  }

  private check(vector: Float32Array): void {
    if (this.closing !== undefined) throw new ModelClosed(this.manifest);
    const { length } = this.manifest.features;
    if (vector.length !== length) throw new RangeError(`The model takes ${length} features; got ${vector.length}.`);
  }
}

function checkFeatureSet({ featureSet, features }: BundleManifest, served: FeatureSetIdentity): void {
  const refuse = (expected: string, found: string): never => {
    throw new BundleRefused({
      file: 'bundle.json',
      expected,
      found,
      remedy: 'Train on the feature set that is served, or serve the one that the model was trained on.',
    });
  };
  if (featureSet.name !== served.name) refuse(`feature set ${served.name}`, featureSet.name);
  if (featureSet.hash !== served.hash) refuse(`hash ${served.hash} of feature set ${served.name}`, featureSet.hash);
  if (features.length !== served.features.length) {
    refuse(`${served.features.length} features`, `${features.length}`);
  }
  const at = features.findIndex((feature, index) => feature !== served.features[index]);
  if (at >= 0) refuse(`${served.features[at]} as feature ${at}`, features[at]!);
}
