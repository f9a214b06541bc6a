import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BundleRefused } from './bundle-refused.js';

/** The ONNX graph of a bundle: `features` float32 [n, F] in, `probability` and `margin` float32 [n, 1] out. */
export interface Session {
  /** Scores `rows` rows of F numbers each; `features` must not change until the promise settles. */
  run(features: Float32Array, rows: number): Promise<{ probabilities: Float32Array; margins: Float32Array }>;
  release(): Promise<void>;
}

const OUTPUTS = ['probability', 'margin'];

/**
 * One thread, no pool: trees of this size take microseconds, and a pool's threads spin beside the event loop.
 * @throws {BundleRefused} the graph cannot be read or has other inputs or outputs
 */
export async function openSession(onnx: Uint8Array, featureCount: number): Promise<Session> {
  const session = await load(onnx);
  const found = `${list(session.inputMetadata)} -> ${list(session.outputMetadata)}`;
  const input = session.inputMetadata[0];
  const columns = input?.isTensor === true ? input.shape[1] : undefined;
  const fits =
    found.startsWith('features float32') &&
    session.inputMetadata.length === 1 &&
    OUTPUTS.every((name) => list(session.outputMetadata).includes(`${name} float32`)) &&
    (columns === featureCount || typeof columns === 'string');
  if (!fits) {
    await session.release();
    throw new BundleRefused({
      file: 'model.onnx',
      expected: `features float32[n,${featureCount}] -> probability float32[n,1], margin float32[n,1]`,
      found,
      remedy: 'Package the bundle with a trainer of this version.',
    });
  }
  return {
    async run(features, rows) {
      const matrix = new Tensor('float32', features.subarray(0, rows * featureCount), [rows, featureCount]);
      const outputs = await session.run({ features: matrix }, OUTPUTS);
      const [probabilities, margins] = OUTPUTS.map((name) => outputs[name]!.data as Float32Array);
      if (probabilities!.length !== rows || margins!.length !== rows) {
        throw new Error(`model.onnx answered ${probabilities!.length} probabilities for ${rows} rows.`);
      }
      return { probabilities: probabilities!, margins: margins! };
    },
    release: () => session.release(),
  };
}

async function load(onnx: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(onnx, {
      executionProviders: ['cpu'],
      executionMode: 'sequential',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
    });
  } catch (cause) {
    throw new BundleRefused(
      {
        file: 'model.onnx',
        expected: 'a graph that onnxruntime can load',
        found: cause instanceof Error ? cause.message : String(cause),
        remedy: 'Check the opsets of the export against the version of onnxruntime-node.',
      },
      cause,
    );
  }
}

function list(values: readonly InferenceSession.ValueMetadata[]): string {
  return values
    .map((v) => (v.isTensor ? `${v.name} ${v.type}[${v.shape.join(',')}]` : `${v.name} no tensor`))
    .join(', ');
}
