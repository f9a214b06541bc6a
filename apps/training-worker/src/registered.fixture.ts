import { createHash, randomUUID } from 'node:crypto';
import { bundleManifest } from '@vigia/contracts';
import { JOB_TAG, ModelRegistry } from '@vigia/registry';
import type { z } from 'zod';

/** A model of a test's own in a real registry, its versions written as vigia-train writes them. */
export class RegisteredModel {
  readonly name = `model-${randomUUID().slice(0, 8)}`;
  readonly experiment = this.name;
  readonly registry: ModelRegistry;
  private experimentId: string | undefined;
  private versions = 0;

  constructor(private readonly url: string) {
    this.registry = new ModelRegistry({ url, timeoutMs: 30_000 });
  }

  /** A run of a job that goes on. */
  async startRun(job: string): Promise<string> {
    this.experimentId ??= String((await this.ask('experiments/create', { name: this.experiment }))['experiment_id']);
    const fields = { experiment_id: this.experimentId, start_time: Date.now(), tags: [{ key: JOB_TAG, value: job }] };
    const { run } = (await this.ask('runs/create', fields)) as { run: { info: { run_id: string } } };
    return run.info.run_id;
  }

  /** Registers a version, called `bundle-N`, of a bundle of which only the manifest exists; answers N. */
  async addVersion(
    gate: string,
    overrides: Partial<z.input<typeof bundleManifest>> = {},
    job: string = randomUUID(),
  ): Promise<string> {
    const runId = await this.startRun(job);
    const version = String(++this.versions);
    const bytes = JSON.stringify(manifestOf(`bundle-${version}`, overrides));
    if (version === '1') await this.ask('registered-models/create', { name: this.name });
    const { model } = (await this.ask('logged-models', {
      experiment_id: this.experimentId,
      source_run_id: runId,
      name: this.name,
    })) as { model: { info: { model_id: string; artifact_uri: string } } };
    const folder = model.info.artifact_uri.replace('mlflow-artifacts:/', '');
    await this.send(`mlflow-artifacts/artifacts/${folder}/bundle/bundle.json`, { method: 'PUT', body: bytes });
    await this.ask('model-versions/create', {
      name: this.name,
      source: `models:/${model.info.model_id}`,
      run_id: runId,
      model_id: model.info.model_id,
      tags: [
        { key: 'vigia.bundle_version', value: `bundle-${version}` },
        { key: 'vigia.bundle_sha256', value: createHash('sha256').update(bytes).digest('hex') },
        { key: 'vigia.gate', value: gate },
      ],
    });
    return version;
  }

  async tagsOf(runId: string): Promise<Map<string, string>> {
    const { run } = (await this.send(`mlflow/runs/get?run_id=${runId}`, {})) as {
      run: { data: { tags: { key: string; value: string }[] } };
    };
    return new Map(run.data.tags.map(({ key, value }) => [key, value]));
  }

  private ask(path: string, fields: object): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json' };
    return this.send(`mlflow/${path}`, { method: 'POST', headers, body: JSON.stringify(fields) });
  }

  private async send(path: string, init: RequestInit): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}/api/2.0/${path}`, init);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return JSON.parse((await response.text()) || '{}') as Record<string, unknown>;
  }
}

function manifestOf(version: string, overrides: Partial<z.input<typeof bundleManifest>>) {
  const part = { from: '', to: '', rows: 0, frauds: 0 };
  return bundleManifest.parse({
    format: 2,
    name: 'fixture',
    version,
    createdAt: '2026-11-20T00:00:00.000Z',
    featureSet: { name: 'pix', hash: '0'.repeat(64) },
    features: ['amount'],
    algorithm: 'xgboost',
    explanation: 'trees',
    calibration: { method: 'platt', slope: 1, intercept: 0 },
    thresholds: { review: 0.2, reject: 0.6 },
    metrics: { average_precision: 0.5 },
    training: { ...part, datasetSha256: '0'.repeat(64), seed: 1 },
    validation: part,
    holdOut: part,
    parameters: { trees: 10 },
    codeCommit: '',
    lockSha256: '0'.repeat(64),
    files: {},
    ...overrides,
  });
}
