import { createHash, randomUUID } from 'node:crypto';
import { bundleManifest } from '@vigia/contracts';
import { ModelRegistry } from '@vigia/registry';

export const FEATURES = ['amount', 'hour', 'flag'];
export const FEATURE_SET = { name: 'pix', hash: 'a'.repeat(64) };

/** A model of a test's own in a real registry, its versions written as vigia-train writes them. */
export class RegisteredModel {
  readonly name = `model-${randomUUID().slice(0, 8)}`;
  readonly registry: ModelRegistry;
  private experimentId: string | undefined;
  private versions = 0;

  constructor(private readonly url: string) {
    this.registry = new ModelRegistry({ url, timeoutMs: 30_000 });
  }

  /**
   * Registers a version, called `bundle-N`; answers N.
   * @param reference text of its reference.json; null for none
   */
  async addVersion(reference: string | null, metrics: Record<string, number> = {}): Promise<string> {
    const version = String(++this.versions);
    if (version === '1') {
      const reply = await this.ask('experiments/create', { name: this.name });
      this.experimentId = String(reply['experiment_id']);
      await this.ask('registered-models/create', { name: this.name });
    }
    const { run } = (await this.ask('runs/create', { experiment_id: this.experimentId, start_time: Date.now() })) as {
      run: { info: { run_id: string } };
    };
    const { model } = (await this.ask('logged-models', {
      experiment_id: this.experimentId,
      source_run_id: run.info.run_id,
      name: this.name,
    })) as { model: { info: { model_id: string; artifact_uri: string } } };
    const folder = model.info.artifact_uri.replace('mlflow-artifacts:/', '');
    const files = reference === null ? {} : { 'reference.json': sha256(reference) };
    const manifest = JSON.stringify(manifestOf(this.name, `bundle-${version}`, files, metrics));
    await this.put(`${folder}/bundle/bundle.json`, manifest);
    if (reference !== null) await this.put(`${folder}/bundle/reference.json`, reference);
    await this.ask('model-versions/create', {
      name: this.name,
      source: `models:/${model.info.model_id}`,
      run_id: run.info.run_id,
      model_id: model.info.model_id,
      tags: [
        { key: 'vigia.bundle_version', value: `bundle-${version}` },
        { key: 'vigia.bundle_sha256', value: sha256(manifest) },
      ],
    });
    return version;
  }

  private ask(path: string, fields: object): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json' };
    return this.send(`mlflow/${path}`, { method: 'POST', headers, body: JSON.stringify(fields) });
  }

  private put(path: string, body: string): Promise<unknown> {
    return this.send(`mlflow-artifacts/artifacts/${path}`, { method: 'PUT', body });
  }

  private async send(path: string, init: RequestInit): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}/api/2.0/${path}`, init);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return JSON.parse((await response.text()) || '{}') as Record<string, unknown>;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function manifestOf(
  name: string,
  version: string,
  files: Record<string, string>,
  metrics: Record<string, number>,
) {
  const part = { from: '', to: '', rows: 0, frauds: 0 };
  return bundleManifest.parse({
    format: 2,
    name,
    version,
    createdAt: '2026-11-20T00:00:00.000Z',
    featureSet: FEATURE_SET,
    features: FEATURES,
    algorithm: 'xgboost',
    explanation: 'trees',
    calibration: { method: 'platt', slope: 1, intercept: 0 },
    thresholds: { review: 0.2, reject: 0.6 },
    metrics: { average_precision: 0.6, precision_at_review: 0.5, recall_at_review: 0.8, ...metrics },
    training: { ...part, datasetSha256: '0'.repeat(64), seed: 1 },
    validation: part,
    holdOut: part,
    parameters: { trees: 10 },
    codeCommit: '',
    lockSha256: '0'.repeat(64),
    files,
  });
}
