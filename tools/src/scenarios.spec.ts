import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OfflineStore } from '@vigia/offline-store';
import { simulateEvents } from '@vigia/simulator';
import { noted, writeScenarios, type Scenarios } from './scenarios.js';

const options = {
  seed: 3,
  startMs: Date.parse('2026-08-01T03:00:00.000Z'),
  days: 3,
  paymentsPerDay: 400,
  fraudShare: 0.02,
};

let directory: string;
let store: OfflineStore;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "vigia-scenario's-"));
  store = await OfflineStore.open({ memoryLimitMb: 256, threads: 1, temporaryDirectory: directory });
});
afterAll(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

test('every fraud and every look-alike is told by its own name, the same bytes each time', async () => {
  const scenarios: Scenarios = new Map();
  const events = [];
  for await (const event of noted(simulateEvents(options), scenarios)) events.push(event);
  const truths = events.flatMap((event) => (event.kind === 'payment' ? [event.truth] : []));
  const names = new Set(truths.flatMap(({ scenario, lookAlike }) => scenario ?? lookAlike ?? []));
  expect(events).toHaveLength([...simulateEvents(options)].length);
  expect(names.size).toBeGreaterThan(5);
  expect(scenarios.size).toBe(truths.filter(({ fraud, lookAlike }) => fraud || lookAlike !== null).length);

  await writeScenarios(store, directory, scenarios);
  const file = join(directory, 'scenarios.parquet');
  const first = readFileSync(file);
  const quoted = `'${file.replaceAll("'", "''")}'`;
  const rows = await store.ask(`SELECT end_to_end_id, scenario FROM ${quoted}`);
  expect(rows).toEqual([...scenarios]);
  await writeScenarios(store, directory, scenarios);
  expect(readFileSync(file)).toEqual(first);
  expect(readdirSync(directory)).not.toContain('scenarios.ndjson');
});
