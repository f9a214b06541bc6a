import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleManifest, type BundleManifest } from '@vigia/contracts';
import { Ledger, migrate, type AssessmentRow } from '@vigia/ledger';
import { digestApiKey, mintApiKey } from '@vigia/platform';
import { freePort, startMlflow, waitFor, type OwnedServer } from '@vigia/testing';
import { Client } from 'pg';
import { startApp, type RunningApp } from '../stack.js';

export const MODEL = 'pix-fraud';
const PATIENCE = { timeoutMs: 1_800_000, intervalMs: 100 };

interface Servers {
  postgres: OwnedServer;
  valkey: OwnedServer;
}

interface RunJob {
  state: string;
  problem: { detail?: string } | null;
}

export interface OpenedAlert {
  id: string;
  kind: string;
  openedAt: string;
  signals: { signal: string }[];
}

/** MLflow with one champion, for as many databases as are to be monitored. */
export class MonitoringSite {
  readonly manifest: BundleManifest;
  private readonly directory = mkdtempSync(join(tmpdir(), 'vigia-bench-monitoring-'));
  private databases = 0;

  private constructor(
    private readonly servers: Servers,
    private readonly mlflow: OwnedServer,
    private readonly bundle: string,
    private readonly minimumPayments: number,
  ) {
    this.manifest = bundleManifest.parse(JSON.parse(readFileSync(join(bundle, 'bundle.json'), 'utf8')));
  }

  /** @param minimumPayments that a window needs */
  static async open(servers: Servers, bundle: string, minimumPayments: number): Promise<MonitoringSite> {
    const site = new MonitoringSite(servers, await startMlflow(), bundle, minimumPayments);
    await site.register();
    return site;
  }

  /** Monitoring of a database of its own, which is empty. */
  async fresh(): Promise<Monitored> {
    const name = `monitored_${this.databases++}`;
    const client = new Client({ connectionString: this.servers.postgres.url });
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    const url = new URL(this.servers.postgres.url);
    url.pathname = `/${name}`;
    await migrate(url.href);
    return this.of(url.href);
  }

  /** Monitoring of a database that is there. */
  async of(databaseUrl: string): Promise<Monitored> {
    const key = mintApiKey();
    const apiKeysFile = join(this.directory, 'api-keys.json');
    writeFileSync(
      apiKeysFile,
      JSON.stringify([{ name: 'bench', sha256: digestApiKey(key), scopes: ['read', 'admin'] }]),
    );
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const environment = {
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      REDIS_URL: this.servers.valkey.url,
      QUEUE_PREFIX: `{monitoring-${port}}:jobs`,
      MLFLOW_URL: this.mlflow.url,
      MLFLOW_TIMEOUT_MS: '60000',
      API_KEYS_FILE: apiKeysFile,
      BUNDLE_DIRECTORY: join(this.directory, 'bundles'),
      MONITOR_EVERY_MINUTES: '0',
      MINIMUM_PAYMENTS: String(this.minimumPayments),
      RETRAIN_ON: '',
      SHUTDOWN_GRACE_MS: '0',
      NODE_ENV: 'production',
    };
    const app = await startApp('monitoring', this.directory, environment, `${url}/health/ready`);
    const ledger = Ledger.connect({ url: databaseUrl });
    const spool = mkdtempSync(join(this.directory, 'spool-'));
    return new Monitored(app, ledger, url, key, spool, join(this.directory, 'monitoring.log'));
  }

  async close(): Promise<void> {
    await this.mlflow.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** As `vigia-train` does it, by MLflow's REST API. */
  private async register(): Promise<void> {
    const experiment = String((await this.ask('experiments/create', { name: 'bench' }))['experiment_id']);
    const { run } = (await this.ask('runs/create', { experiment_id: experiment, start_time: Date.now() })) as {
      run: { info: { run_id: string } };
    };
    const runId = run.info.run_id;
    await this.ask('registered-models/create', { name: MODEL });
    const { model } = (await this.ask('logged-models', {
      experiment_id: experiment,
      source_run_id: runId,
      name: MODEL,
    })) as { model: { info: { model_id: string; artifact_uri: string } } };
    const folder = model.info.artifact_uri.replace('mlflow-artifacts:/', '');
    const manifest = readFileSync(join(this.bundle, 'bundle.json'));
    for (const file of ['bundle.json', ...Object.keys(this.manifest.files)]) {
      const body = readFileSync(join(this.bundle, file));
      await this.send(`mlflow-artifacts/artifacts/${folder}/bundle/${file}`, { method: 'PUT', body });
    }
    const sha256 = createHash('sha256').update(manifest).digest('hex');
    await this.ask('model-versions/create', {
      name: MODEL,
      source: `models:/${model.info.model_id}`,
      run_id: runId,
      model_id: model.info.model_id,
      tags: [
        { key: 'vigia.bundle_version', value: this.manifest.version },
        { key: 'vigia.bundle_sha256', value: sha256 },
      ],
    });
    await this.ask('registered-models/alias', { name: MODEL, alias: 'champion', version: '1' });
  }

  private ask(path: string, fields: object): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json' };
    return this.send(`mlflow/${path}`, { method: 'POST', headers, body: JSON.stringify(fields) });
  }

  private async send(path: string, init: RequestInit): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.mlflow.url}/api/2.0/${path}`, init);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return JSON.parse((await response.text()) || '{}') as Record<string, unknown>;
  }
}

/** A ledger and the service that monitors it. */
export class Monitored {
  constructor(
    private readonly app: RunningApp,
    private readonly ledger: Ledger,
    private readonly url: string,
    private readonly key: string,
    private readonly spoolDirectory: string,
    private readonly logFile: string,
  ) {}

  get pid(): number {
    return this.app.pid;
  }

  async record(rows: Iterable<AssessmentRow>): Promise<void> {
    const writer = await this.ledger.openWriter({ spoolDirectory: this.spoolDirectory, maxInFlight: 20_000 });
    try {
      let batch: Promise<unknown>[] = [];
      for (const row of rows) {
        batch.push(writer.record(row));
        if (batch.length < 5_000) continue;
        await Promise.all(batch);
        batch = [];
      }
      await Promise.all(batch);
    } finally {
      await writer.close();
    }
  }

  /** Runs a window and answers how long it took, ms. */
  async run(fromMs: number, toMs: number): Promise<number> {
    const startedMs = performance.now();
    const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
    const { id } = await this.ask<{ id: string }>('v1/monitoring-runs', { model: MODEL, from, to });
    let job: RunJob | undefined;
    await waitFor(async () => {
      job = await this.ask<RunJob>(`v1/monitoring-runs/${id}`);
      return job.state === 'completed' || job.state === 'failed';
    }, PATIENCE);
    if (job!.state === 'failed') {
      const log = readFileSync(this.logFile, 'utf8').slice(-3_000);
      throw new Error(`the run from ${from} failed: ${job!.problem?.detail}\n${log}`);
    }
    return performance.now() - startedMs;
  }

  async alerts(): Promise<OpenedAlert[]> {
    return (await this.ask<{ alerts: OpenedAlert[] }>('v1/alerts?limit=500')).alerts;
  }

  async close(): Promise<void> {
    await this.ledger.close();
    await this.app.stop();
  }

  private async ask<T>(path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'x-api-key': this.key, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}
