import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLifeCycle } from './life-cycle-run.js';
import { prepare, type PreparedWorld } from './preparation.js';
import { startStack, type MlflowStack } from './stack.js';
import { pixWorld } from './world.js';

const world = pixWorld({ seed: 11, historyDays: 60, paymentsPerDay: 1_000, fraudShare: 0.02 });

let directory: string;
let stack: MlflowStack;
let prepared: PreparedWorld;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vigia-life-cycle-'));
  stack = await startStack(directory, { mlflow: true });
  prepared = await prepare(world, stack, () => undefined);
}, 600_000);

afterAll(async () => {
  prepared?.store.close();
  await stack?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

test('train, gate, champion; shadow, comparison, promotion; a worse one refused; rollback; all on record', async () => {
  const report = await runLifeCycle({ world, stack, prepared, say: () => undefined });
  const { versions, bundleVersions, decidedBy } = report;
  expect(report.failed).toBe(0);
  expect(decidedBy).toEqual({
    first: [bundleVersions.first],
    better: [bundleVersions.better],
    afterRollback: [bundleVersions.first],
  });
  expect(report.comparedPayments).toBeGreaterThan(100);
  expect(report.refusal).toContain(`Version ${versions.worse} failed the gate`);
  expect(report.changes.map(({ kind, from, to, by }) => [kind, from?.version, to.version, by])).toEqual([
    ['rollback', versions.better, versions.first, 'Rui Alves'],
    ['promote', versions.first, versions.better, 'Ana Prado'],
    ['promote', undefined, versions.first, 'Ana Prado'],
  ]);
  expect(report.behindFirstPayment).toMatchObject({
    model: { version: bundleVersions.first },
    change: { kind: 'promote', to: { version: versions.first } },
  });
}, 600_000);
