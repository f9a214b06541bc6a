import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { compileFeatureSet, featureSql, type FeatureSet } from '@vigia/features';
import { OfflineStore } from '@vigia/offline-store';
import { OnlineStore } from '@vigia/online-store';
import { testPrefix, valkeyServer } from '@vigia/testing';
import { WORKSPACE } from '../stack.js';
import type { Arrival } from './history.fixture.js';

/** An engine under test: the vectors of a history's payments, in the order of arrival, repeats left out. */
export type Engine = (set: FeatureSet, history: Arrival[]) => Promise<Float32Array[]>;

/** The windows in Valkey, as scoring and ingestion call them. */
export const valkey: Engine = async (declaration, history) => {
  const set = compileFeatureSet(declaration);
  const store = await OnlineStore.connect({
    url: await valkeyServer(),
    plan: set.plan,
    prefix: testPrefix(),
    timeoutMs: 30_000,
  });
  try {
    const answers = history.map(async (arrival) => {
      const { payment } = arrival;
      const request = { eventId: payment.endToEndId, atMs: payment.acceptedAtMs, entities: set.entitiesOf(payment) };
      if (arrival.kind === 'label') {
        await store.label({ ...request, fraud: arrival.fraud });
        return [];
      }
      const { values } = await store.observe({
        ...request,
        amountCents: payment.amountCents,
        observe: set.observes(payment),
      });
      return arrival.repeated ? [] : [set.vectorOf(payment, values)];
    });
    return (await Promise.all(answers)).flat();
  } finally {
    store.close();
  }
};

/** DuckDB, as training sets and the audit use it. */
export const duckdb: Engine = (set, history) =>
  withHistory(set, history, async (store) => {
    await store.compute(set);
    return vectorsOf(store, set);
  });

async function vectorsOf(store: OfflineStore, set: FeatureSet): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for await (const { values } of store.vectors(set)) vectors.push(values);
  return vectors;
}

async function withHistory<T>(
  set: FeatureSet,
  history: Arrival[],
  use: (store: OfflineStore) => Promise<T>,
): Promise<T> {
  const store = await OfflineStore.open({ memoryLimitMb: 2_000, threads: 2, temporaryDirectory: tmpdir() });
  try {
    const loader = await store.load(set);
    history.forEach((arrival, index) => {
      const { payment } = arrival;
      if (arrival.kind === 'label') loader.label(payment.endToEndId, arrival.fraud, index);
      else if (!arrival.repeated) loader.payment(payment, index);
    });
    loader.close();
    return await use(store);
  } finally {
    store.close();
  }
}

/** Spark in local mode: one JVM for all tests of a file. */
export class Spark {
  private static readonly command = join(WORKSPACE, 'pipelines/.venv/bin/vigia-spark-features');
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly answers: AsyncIterator<string>;
  private readonly folder = mkdtempSync(join(tmpdir(), 'vigia-conformance-'));

  constructor() {
    this.process = spawn(Spark.command, ['--serve', '--memory-mb', '3000']);
    const lines: Interface = createInterface({ input: this.process.stdout });
    this.answers = lines[Symbol.asyncIterator]();
  }

  readonly engine: Engine = (set, history) =>
    withHistory(set, history, async (store) => {
      const [payments, labels, out] = ['payments', 'labels', 'features'].map((name) =>
        join(this.folder, `${name}.parquet`),
      );
      await store.exportParquet({ payments: payments!, labels: labels! });
      const request = { sql: featureSql(set, 'spark'), payments, labels, out };
      this.process.stdin.write(`${JSON.stringify(request)}\n`);
      const answer = JSON.parse(String((await this.answers.next()).value)) as { error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      await store.run(`CREATE OR REPLACE TABLE features AS SELECT * FROM '${out}'`);
      return vectorsOf(store, set);
    });

  async close(): Promise<void> {
    const ended = new Promise((settle) => this.process.once('exit', settle));
    this.process.stdin.end();
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}
