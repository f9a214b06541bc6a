import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BundleManifest } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import { ModelRegistry } from '@vigia/registry';

const ROOT = resolve(__dirname, '../../../..');

/** Makes a bundle of the pix feature set: other seeds give other trees. */
export async function makeBundle(directory: string, variant: { seed: number; slope: number }): Promise<void> {
  const { name, hash, features } = compileFeatureSet(PIX);
  const specification = {
    name: 'fixture',
    version: '1',
    featureSet: { name, hash },
    features,
    intercept: 0,
    ...variant,
  };
  const python = join(ROOT, 'pipelines/.venv/bin/python');
  const script = join(ROOT, 'libs/model/fixtures/make.py');
  await promisify(execFile)(python, [script, directory, JSON.stringify(specification)]);
}

/** What a test does to a copy of a bundle before it is registered. */
export type Spoil = (directory: string, manifest: BundleManifest) => void;

/** A model of its own in a real registry. */
export class RegisteredModel {
  readonly name = `pix-${randomUUID().slice(0, 8)}`;
  readonly registry: ModelRegistry;
  private versions = 0;

  constructor(
    readonly mlflowUrl: string,
    /** For copies of the bundles, and the cache. */
    private readonly directory: string,
  ) {
    this.registry = new ModelRegistry({ url: mlflowUrl });
  }

  get champion(): string {
    return `models:/${this.name}@champion`;
  }

  get challenger(): string {
    return `models:/${this.name}@challenger`;
  }

  /** A cache of bundles for this model alone. */
  get cacheDirectory(): string {
    return join(this.directory, this.name, 'cache');
  }

  /** Where a version's bundle lies as it was registered. */
  bundleOf(version: string): string {
    return join(this.directory, this.name, version);
  }

  /** Registers a copy of a bundle, whose version it names `bundle-N`; answers the number N. */
  async add(bundle: string, spoil: Spoil = () => undefined): Promise<string> {
    if (this.versions === 0) await this.post('registered-models/create', { name: this.name });
    const version = String(++this.versions);
    const copy = this.bundleOf(version);
    mkdirSync(copy, { recursive: true });
    cpSync(bundle, copy, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(copy, 'bundle.json'), 'utf8')) as BundleManifest;
    Object.assign(manifest, { name: this.name, version: `bundle-${version}` });
    spoil(copy, manifest);
    const bytes = Buffer.from(JSON.stringify(manifest));
    writeFileSync(join(copy, 'bundle.json'), bytes);
    const { model } = (await this.post('logged-models', { experiment_id: '0', name: this.name })) as {
      model: { info: { model_id: string; artifact_uri: string } };
    };
    const { model_id: modelId, artifact_uri: uri } = model.info;
    const folder = uri.replace('mlflow-artifacts:/', 'mlflow-artifacts/artifacts/');
    for (const file of readdirSync(copy)) {
      await this.send(`${folder}/bundle/${file}`, { method: 'PUT', body: readFileSync(join(copy, file)) });
    }
    await this.post('model-versions/create', {
      name: this.name,
      source: `models:/${modelId}`,
      model_id: modelId,
      tags: [
        { key: 'vigia.bundle_version', value: manifest.version },
        { key: 'vigia.bundle_sha256', value: createHash('sha256').update(bytes).digest('hex') },
      ],
    });
    return version;
  }

  private post(path: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return this.send(`mlflow/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  private async send(path: string, request: RequestInit): Promise<unknown> {
    const response = await fetch(`${this.mlflowUrl}/api/2.0/${path}`, request);
    if (!response.ok) throw new Error(`MLflow answered ${response.status} to ${path}: ${await response.text()}`);
    return JSON.parse((await response.text()) || '{}');
  }
}
