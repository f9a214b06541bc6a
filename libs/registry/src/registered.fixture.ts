import { createHash, randomUUID } from 'node:crypto';
import { MlflowClient } from './mlflow-client.js';
import { JOB_TAG, VERSION_TAGS } from './registered-version.js';

/** A model of the tests' own in a real registry, written as vigia-train writes it. */
export class RegisteredModel {
  readonly name = `model-${randomUUID().slice(0, 8)}`;
  readonly experiment = this.name;
  private readonly client: MlflowClient;
  private experimentId: string | undefined;

  constructor(url: string) {
    this.client = new MlflowClient({ url });
  }

  async startRun(job: string): Promise<string> {
    this.experimentId ??= String(
      (await this.client.ask('POST', 'experiments/create', { name: this.name }))['experiment_id'],
    );
    const fields = { experiment_id: this.experimentId, start_time: Date.now(), tags: [{ key: JOB_TAG, value: job }] };
    const { run } = (await this.client.ask('POST', 'runs/create', fields)) as { run: { info: { run_id: string } } };
    return run.info.run_id;
  }

  /** Number of the new version, of these files below `bundle/`. */
  async addVersion(
    runId: string,
    files: Record<string, string>,
    bundleSha256 = sha256(files['bundle.json'] ?? ''),
  ): Promise<string> {
    await this.client.ask('POST', 'registered-models/create', { name: this.name }).catch(() => undefined);
    const fields = { experiment_id: this.experimentId, source_run_id: runId, name: this.name };
    const { model } = (await this.client.ask('POST', 'logged-models', fields)) as {
      model: { info: { model_id: string; artifact_uri: string } };
    };
    const { model_id: modelId, artifact_uri: uri } = model.info;
    const folder = uri.replace(/^mlflow-artifacts:\//, '');
    for (const [path, text] of Object.entries(files)) {
      await this.client.writeArtifact(`${folder}/bundle/${path}`, Buffer.from(text));
    }
    const reply = await this.client.ask('POST', 'model-versions/create', {
      name: this.name,
      source: `models:/${modelId}`,
      run_id: runId,
      model_id: modelId,
      tags: [
        { key: VERSION_TAGS.bundleVersion, value: '20260301-1a2b3c4d' },
        { key: VERSION_TAGS.bundleSha256, value: bundleSha256 },
        { key: VERSION_TAGS.gate, value: 'pending' },
      ],
    });
    return (reply['model_version'] as { version: string }).version;
  }
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
