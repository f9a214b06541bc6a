import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '@vigia/contracts';
import { createHash, randomUUID } from 'node:crypto';
import { MlflowClient } from './mlflow-client.js';
import { BUNDLE_FOLDER, JOB_TAG, VERSION_TAGS, type GateState, type RegisteredVersion } from './registered-version.js';

export interface RegistryOptions {
  /** Address of the MLflow server, as http://127.0.0.1:5000. */
  url: string;
  /** After this time a question counts as failed. Default 5,000. */
  timeoutMs?: number;
  /** User and password as MLflow's own authentication takes them. */
  credentials?: { user: string; password: string };
}

export type Alias = 'champion' | 'challenger';
export type RunEnd = 'FINISHED' | 'FAILED' | 'KILLED';

interface VersionReply {
  name: string;
  version: string;
  run_id?: string;
  creation_timestamp: number;
  aliases?: string[];
  tags?: { key: string; value: string }[];
}

/**
 * The models of MLflow's registry and the runs behind them.
 * Questions throw Fault `dependency_unavailable` while MLflow is away.
 */
export class ModelRegistry {
  private readonly client: MlflowClient;

  constructor(options: RegistryOptions) {
    this.client = new MlflowClient(options);
  }

  /** Null where no version has the alias. */
  async byAlias(model: string, alias: Alias): Promise<RegisteredVersion | null> {
    const reply = await this.client.find('GET', 'registered-models/alias', { name: model, alias });
    return reply && this.complete(reply['model_version'] as VersionReply);
  }

  async version(model: string, version: string): Promise<RegisteredVersion | null> {
    const reply = await this.client.find('GET', 'model-versions/get', { name: model, version });
    return reply && versionOf(reply['model_version'] as VersionReply);
  }

  /** Newest first. Empty where there is no such model. */
  async versions(model: string, limit = 200): Promise<RegisteredVersion[]> {
    const reply = await this.client.find('GET', 'model-versions/search', {
      filter: `name='${model.replaceAll("'", '')}'`,
      max_results: String(limit),
      order_by: 'version_number DESC',
    });
    const found = (reply?.['model_versions'] as VersionReply[] | undefined) ?? [];
    const aliases = await this.aliases(model);
    return found.map((each) => versionOf({ ...each, aliases: aliases.get(each.version) ?? [] }));
  }

  async setAlias(model: string, alias: Alias, version: string): Promise<void> {
    await this.client.ask('POST', 'registered-models/alias', { name: model, alias, version });
  }

  async removeAlias(model: string, alias: Alias): Promise<void> {
    await this.client.find('DELETE', 'registered-models/alias', { name: model, alias });
  }

  async setGate(model: string, version: string, gate: GateState): Promise<void> {
    await this.client.ask('POST', 'model-versions/set-tag', {
      name: model,
      version,
      key: VERSION_TAGS.gate,
      value: gate,
    });
  }

  /**
   * Fetches the bundle of a version into `directory`, which then is whole or was there before. Its `bundle.json` must
   * have the digest that the version names; those of the other files are checked by whoever loads it.
   * @throws {Fault} `not_found`; `internal` where bundle.json is another than was registered
   */
  async fetchBundle({ model, version, bundleSha256 }: RegisteredVersion, directory: string): Promise<void> {
    const reply = await this.client.ask('GET', 'model-versions/get-download-uri', { name: model, version });
    const folder = `${artifactPath(String(reply['artifact_uri']))}/${BUNDLE_FOLDER}`;
    const files = await this.client.listArtifacts(folder);
    if (!files.includes('bundle.json')) {
      throw new Fault('not_found', {
        detail: `${model} version ${version} has no ${BUNDLE_FOLDER}/bundle.json: register it by vigia-train.`,
      });
    }
    const aside = `${directory}.${randomUUID()}.part`;
    try {
      for (const file of files) {
        const bytes = await this.client.readArtifact(`${folder}/${file}`);
        if (file === 'bundle.json') requireDigest(bytes, bundleSha256, `${model} version ${version}`);
        await mkdir(dirname(join(aside, file)), { recursive: true });
        await writeFile(join(aside, file), bytes);
      }
      await rename(aside, directory).catch(async (error: NodeJS.ErrnoException) => {
        // Another process had it whole before.
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      });
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }

  /** Runs that a job started, newest first. */
  async runsOfJob(experiment: string, jobId: string): Promise<{ runId: string; status: string }[]> {
    const known = await this.client.find('GET', 'experiments/get-by-name', { experiment_name: experiment });
    if (!known) return [];
    const { experiment_id } = known['experiment'] as { experiment_id: string };
    const filter = `tags.\`${JOB_TAG}\` = '${jobId.replaceAll("'", '')}'`;
    const reply = await this.client.ask('POST', 'runs/search', { experiment_ids: [experiment_id], filter });
    const runs = (reply['runs'] as { info: { run_id: string; status: string } }[] | undefined) ?? [];
    return runs.map(({ info }) => ({ runId: info.run_id, status: info.status }));
  }

  async endRun(runId: string, status: RunEnd): Promise<void> {
    await this.client.ask('POST', 'runs/update', { run_id: runId, status, end_time: Date.now() });
  }

  async tagRun(runId: string, key: string, value: string): Promise<void> {
    await this.client.ask('POST', 'runs/set-tag', { run_id: runId, key, value });
  }

  /** Adds a file to what a run logged. */
  async logArtifact(runId: string, path: string, bytes: Uint8Array): Promise<void> {
    const reply = await this.client.ask('GET', 'runs/get', { run_id: runId });
    const { info } = reply['run'] as { info: { artifact_uri: string } };
    await this.client.writeArtifact(`${artifactPath(info.artifact_uri)}/${path}`, bytes);
  }

  /** MLflow tells the aliases of a version only where it is asked for that version. */
  private async complete({ name, version }: VersionReply): Promise<RegisteredVersion | null> {
    return this.version(name, version);
  }

  private async aliases(model: string): Promise<Map<string, string[]>> {
    const reply = await this.client.find('GET', 'registered-models/get', { name: model });
    const { aliases = [] } = (reply?.['registered_model'] ?? {}) as { aliases?: { alias: string; version: string }[] };
    const result = new Map<string, string[]>();
    for (const { alias, version } of aliases) result.set(version, [...(result.get(version) ?? []), alias]);
    return result;
  }
}

function versionOf(reply: VersionReply): RegisteredVersion {
  const tags = new Map(reply.tags?.map(({ key, value }) => [key, value]));
  return {
    model: reply.name,
    version: reply.version,
    runId: reply.run_id ?? '',
    bundleVersion: tags.get(VERSION_TAGS.bundleVersion) ?? '',
    bundleSha256: tags.get(VERSION_TAGS.bundleSha256) ?? '',
    gate: (tags.get(VERSION_TAGS.gate) as GateState | undefined) ?? 'pending',
    aliases: [...(reply.aliases ?? [])].sort(),
    createdAt: new Date(Number(reply.creation_timestamp)).toISOString(),
  };
}

/** `mlflow-artifacts:/1/models/m-.../artifacts` or with a host, as the path that the server's proxy knows. */
function artifactPath(uri: string): string {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(uri);
  if (match) return match[1]!.replace(/\/$/, '');
  throw new Fault('internal', {
    detail: `MLflow keeps artifacts at ${uri.split(':')[0]}:, past its server: start it with --artifacts-destination.`,
  });
}

function requireDigest(bytes: Uint8Array, expected: string, what: string): void {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === expected) return;
  throw new Fault('internal', {
    detail: `bundle.json of ${what} has SHA-256 ${found}, registered was ${expected || 'none'}: register it anew.`,
  });
}
