import { LABEL_COLUMNS, compileFeatureSet, eventColumns, eventReader, featureSql, type FeatureSet } from '@vigia/features';
import { OnlineStore } from '@vigia/online-store';
import { testPrefix, valkeyServer } from '@vigia/testing';
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

export const duckdb: Engine = async (set, history) => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const c = await instance.connect();
  await c.run(`create table payments (${eventColumns(set).map((x) => x.name + ' ' + x.type).join(', ')})`);
  await c.run(`create table labels (${LABEL_COLUMNS.map((x) => x.name + ' ' + x.type).join(', ')})`);
  const read = eventReader(set);
  const q = (v: unknown): string => (v === null || v === undefined ? 'NULL' : typeof v === 'string' ? `'${v}'` : typeof v === 'number' ? v.toExponential(20) : String(v));
  const p: string[] = [], l: string[] = [];
  history.forEach((a, i) => {
    if (a.kind === 'label') l.push(`(${i},'${a.payment.endToEndId}',${a.fraud})`);
    else if (!a.repeated) p.push(`(${read(a.payment, i).map(q).join(',')})`);
  });
  for (let i = 0; i < p.length; i += 5000) await c.run(`insert into payments values ${p.slice(i, i + 5000).join(',')}`);
  for (let i = 0; i < l.length; i += 5000) await c.run(`insert into labels values ${l.slice(i, i + 5000).join(',')}`);
  const rows = await c.runAndReadAll(`select * from (${featureSql(set, 'duckdb')}) order by arrival`);
  return rows.getRows().map((row) => Float32Array.from(row.slice(2 + 2 * set.entities.length), (v) => (v === null ? NaN : Number(v))));
};
export const spark: Engine = duckdb;
