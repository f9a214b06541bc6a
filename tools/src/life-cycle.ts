import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLifeCycle } from './life-cycle-run.js';
import { prepare } from './preparation.js';
import { startStack } from './stack.js';
import { pixWorld } from './world.js';

/** Small, and with more fraud than life has, so that a few thousand payments can teach a model. */
const WORLD = { seed: 11, historyDays: 60, paymentsPerDay: 1_000, fraudShare: 0.02 };

/** `npm run life-cycle`: the whole life of a model, on servers and services of its own that end with it. */
async function main(): Promise<void> {
  const startedAt = Date.now();
  const say = (line: string): void =>
    console.log(`[${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s] ${line}`);
  const directory = mkdtempSync(join(tmpdir(), 'vigia-life-cycle-'));
  const world = pixWorld(WORLD);
  say('starting PostgreSQL, Valkey and MLflow');
  const stack = await startStack(directory, { mlflow: true });
  try {
    const prepared = await prepare(world, stack, say);
    const { changes, behindFirstPayment } = await runLifeCycle({ world, stack, prepared, say });
    prepared.store.close();
    console.log('\nWhat was live:');
    for (const { changedAt, kind, from, to, by, reason } of changes.toReversed())
      console.log(`  ${changedAt}  ${kind} ${from?.version ?? 'nothing'} -> ${to.version} by ${by}: ${reason}`);
    console.log(`The first payment was decided by ${behindFirstPayment.model?.version}: live by that first change.`);
  } finally {
    await stack.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
