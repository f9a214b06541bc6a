import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assessment, PaymentInput } from '@vigia/contracts';
import { migrate } from '@vigia/ledger';
import { digestApiKey, mintApiKey } from '@vigia/platform';
import { startPostgres, startValkey, waitFor, type OwnedServer, type ValkeyOptions } from '@vigia/testing';
import { Redis } from 'ioredis';
import { Client, type QueryResultRow } from 'pg';
import { startApp, type RunningApp } from '../stack.js';

/** A row of the record, as far as an answer can be held against it. */
export interface RecordedRow {
  decision: string;
  decidedAt: string;
  degraded: string[];
}

/** PostgreSQL, Valkey and scoring processes of one spec file's own: a test may kill each of them. */
export class Bank {
  readonly key = mintApiKey();
  private readonly scorings: Scoring[] = [];

  private constructor(
    readonly directory: string,
    readonly postgres: OwnedServer,
    readonly valkey: OwnedServer,
  ) {
    const keys = [{ name: 'bank', sha256: digestApiKey(this.key), scopes: ['assess', 'read'] }];
    writeFileSync(join(directory, 'keys.json'), JSON.stringify(keys));
  }

  static async open(options: { valkey?: ValkeyOptions } = {}): Promise<Bank> {
    const directory = mkdtempSync(join(tmpdir(), 'vigia-promises-'));
    const postgres = await startPostgres();
    const valkey = await startValkey(options.valkey);
    await migrate(postgres.url);
    return new Bank(directory, postgres, valkey);
  }

  /** Starts scoring from its build; a second start under the same name takes over log and spool of the first. */
  async startScoring(settings: Record<string, string> = {}, name = 'one'): Promise<Scoring> {
    const directory = join(this.directory, name);
    mkdirSync(directory, { recursive: true });
    const url = `http://127.0.0.1:${await freePort()}`;
    const environment = {
      HOST: '127.0.0.1',
      PORT: new URL(url).port,
      GRPC_PORT: String(await freePort()),
      DATABASE_URL: this.postgres.url,
      REDIS_URL: this.valkey.url,
      SPOOL_DIRECTORY: join(directory, 'spool'),
      API_KEYS_FILE: join(this.directory, 'keys.json'),
      PSEUDONYM_SECRET: 'a secret of the tests, 32 characters or more',
      LOG_LEVEL: 'debug',
      SHUTDOWN_GRACE_MS: '0',
      // A busy machine must not look like an outage or an overload.
      DATABASE_TIMEOUT_MS: '10000',
      REDIS_TIMEOUT_MS: '5000',
      MAX_LOOP_DELAY_MS: '60000',
      ...settings,
    };
    const app = await startApp('scoring', directory, environment, `${url}/health/ready`);
    const scoring = new Scoring(app, url, this.key, directory);
    this.scorings.push(scoring);
    return scoring;
  }

  async query<R extends QueryResultRow>(text: string): Promise<R[]> {
    const client = new Client({ connectionString: this.postgres.url });
    await client.connect();
    try {
      return (await client.query<R>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** All keys and values of Valkey, in the bytes of its snapshot file. */
  async snapshotOfValkey(): Promise<Buffer> {
    const client = new Redis(this.valkey.url);
    try {
      await client.save();
      const [, directory] = (await client.config('GET', 'dir')) as [string, string];
      return readFileSync(join(directory, 'dump.rdb'));
    } finally {
      client.disconnect();
    }
  }

  /** The whole record by EndToEndId. Throws where one stands twice. */
  async record(): Promise<Map<string, RecordedRow>> {
    const rows = await this.query<{ id: string; decision: string; decided_at: Date; degraded: string[] }>(
      'SELECT end_to_end_id AS id, decision, decided_at, degraded FROM assessment',
    );
    const record = new Map<string, RecordedRow>();
    for (const { id, decision, decided_at, degraded } of rows) {
      if (record.has(id)) throw new Error(`${id} is recorded twice`);
      record.set(id, { decision, decidedAt: decided_at.toISOString(), degraded });
    }
    return record;
  }

  async close(): Promise<void> {
    for (const { app } of this.scorings) await app.kill9();
    await this.valkey.stop();
    await this.postgres.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A scoring process, asked over HTTP. */
export class Scoring {
  constructor(
    readonly app: RunningApp,
    readonly url: string,
    private readonly key: string,
    /** Holds its log and its spool. */
    readonly directory: string,
  ) {}

  send(payment: PaymentInput): Promise<Response> {
    return fetch(`${this.url}/v1/assessments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': this.key },
      body: JSON.stringify(payment),
    });
  }

  /** The answer to a payment that must be answered. */
  async assess(payment: PaymentInput): Promise<Assessment> {
    const response = await this.send(payment);
    if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Assessment;
  }

  /** The assessment as it was recorded; undefined where there is none. */
  async recorded(endToEndId: string): Promise<(Assessment & { vector: Record<string, number | null> }) | undefined> {
    const url = `${this.url}/v1/assessments/${endToEndId}?include=vector`;
    const response = await fetch(url, { headers: { 'x-api-key': this.key } });
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Assessment & { vector: Record<string, number | null> };
  }

  /** A sample of its metrics, as `vigia_ledger_spool_rows`. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  }

  /** Resolves when PostgreSQL holds what had to wait on local disk. */
  drained(): Promise<void> {
    return waitFor(async () => (await this.metric('vigia_ledger_spool_rows')) === 0, { timeoutMs: 30_000 });
  }

  log(): string {
    return readFileSync(join(this.directory, 'scoring.log'), 'utf8');
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((settle) => probe.listen(0, '127.0.0.1', settle));
  const { port } = probe.address() as AddressInfo;
  await new Promise((settle) => probe.close(settle));
  return port;
}
