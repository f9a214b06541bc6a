import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selfTest, type JobContext, type JobHandler } from '@vigia/contracts';
import { HANDBOOK, PIX, compileFeatureSet } from '@vigia/features';
import { BundleRefused, loadBundle } from '@vigia/model';
import type { BundleCache, CachedBundle, ModelRegistry, RegisteredVersion } from '@vigia/registry';
import type { Executor } from '../executor/executor.js';
import { runInto } from '../executor/run-into.js';
import { foundVersion } from '../models/found-version.js';
import type { TrainingMetrics } from '../training/training-metrics.js';
import type { TrainingSets } from '../training/training-sets.js';
import { moveChallenger } from './challenger.js';
import { gateReport, refusedVerdict, type GateReport, type Verdict } from './gate-report.js';
import { scoringLatencyUs } from './latency.js';

export interface EvaluateParts {
  registry: ModelRegistry;
  bundles: BundleCache;
  executor: Executor;
  trainingSets: TrainingSets;
  metrics: TrainingMetrics;
  /** Where reports lie while they are made. */
  directory: string;
  /** YAML file of the gate's limits; empty for those that ship. */
  limitsFile: string;
}

export interface EvaluateResult {
  model: string;
  version: string;
  bundleVersion: string;
  /** Version that was live meanwhile; null where none was, or this one. */
  champion: string | null;
  passed: boolean;
  checks: GateReport['checks'];
}

const FEATURE_SETS = new Map([PIX, HANDBOOK].map((set) => [set.name, set]));

/**
 * Holds a version against the gate: loads it as scoring would, measures it on the scoring path, has `vigia-gate` compare
 * it with the champion on its hold-out. The verdict goes to its run and to its tag; what passes becomes the challenger.
 */
export function evaluateHandler(parts: EvaluateParts): JobHandler<'evaluate', EvaluateResult> {
  const { registry, metrics } = parts;
  return async ({ model, version }, context) => {
    const candidate = await foundVersion(registry, model, version);
    const alias = await registry.byAlias(model, 'champion');
    const champion = alias?.version === version ? null : alias;
    const { report, files } = await judge(parts, candidate, champion, context);
    for (const [name, bytes] of Object.entries(files)) {
      await registry.logArtifact(candidate.runId, `gate/${name}`, bytes);
    }
    const verdict = report.passed ? 'passed' : 'failed';
    await registry.setGate(model, version, verdict);
    await moveChallenger(registry, candidate, report.passed);
    metrics.judged(model, verdict);
    return {
      model,
      version,
      bundleVersion: candidate.bundleVersion,
      champion: champion?.version ?? null,
      passed: report.passed,
      checks: report.checks,
    };
  };
}

async function judge(
  { bundles, executor, trainingSets, directory, limitsFile }: EvaluateParts,
  candidate: RegisteredVersion,
  champion: RegisteredVersion | null,
  { jobId, attempt, progress, signal }: JobContext,
): Promise<Verdict> {
  void progress(0, 'fetching the bundle');
  const bundle = await bundles.get(candidate);
  void progress(0.1, 'measuring it on the scoring path');
  let latencyUs: number;
  try {
    latencyUs = await latencyOf(bundle);
  } catch (error) {
    if (error instanceof BundleRefused) return refusedVerdict(error.message);
    throw error;
  }
  const data = await trainingSets.byDigest(bundle.manifest.training.datasetSha256);
  const against = champion && (await bundles.get(champion));
  signal.throwIfAborted();
  const out = join(directory, jobId);
  const args = [
    ...['--candidate', bundle.directory, '--data', data, '--out', out, '--latency-us', String(latencyUs), '--json'],
    ...(against ? ['--champion', against.directory] : []),
    ...(limitsFile === '' ? [] : ['--limits', limitsFile]),
  ];
  const tell: JobContext['progress'] = (share, text, details) => void progress(0.2 + 0.75 * share, text, details);
  const task = { command: 'vigia-gate' as const, args, jobId, attempt, progress: tell, signal };
  return runInto(executor, task, { directory: out, parent: directory, read: () => verdictIn(out) });
}

async function verdictIn(directory: string): Promise<Verdict> {
  const files = {
    'gate.json': await readFile(join(directory, 'gate.json')),
    'gate.md': await readFile(join(directory, 'gate.md')),
  };
  return { report: gateReport.parse(JSON.parse(files['gate.json'].toString())), files };
}

/** @throws {BundleRefused} where scoring would refuse it */
async function latencyOf({ directory, manifest }: CachedBundle): Promise<number> {
  const declared = FEATURE_SETS.get(manifest.featureSet.name);
  if (!declared) {
    throw new BundleRefused({
      file: 'bundle.json',
      expected: `feature set ${[...FEATURE_SETS.keys()].join(' or ')}`,
      found: manifest.featureSet.name,
      remedy: 'Train on a feature set that is declared.',
    });
  }
  const { name, hash, features } = compileFeatureSet(declared);
  const model = await loadBundle(directory, { featureSet: { name, hash, features } });
  try {
    const { vectors } = selfTest.parse(JSON.parse(await readFile(join(directory, 'self-test.json'), 'utf8')));
    return await scoringLatencyUs(
      model,
      vectors.map((vector) => Float32Array.from(vector, (value) => value ?? NaN)),
    );
  } finally {
    await model.close();
  }
}
