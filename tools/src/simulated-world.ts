import { parseArgs } from 'node:util';
import type { SimulatedEvent } from '@vigia/simulator';
import { writeSnapshot } from './snapshot.js';
import { pixWorld, type World } from './world.js';

/** What decides a simulated world, as command-line flags. */
export const WORLD_FLAGS = {
  seed: { type: 'string' },
  'history-days': { type: 'string' },
  'payments-per-day': { type: 'string' },
  'fraud-share': { type: 'string' },
} as const;

/** @throws {Error} that names the flag which is missing or no number */
export function worldOf(flags: Partial<Record<keyof typeof WORLD_FLAGS, string>>): World {
  const number = (name: keyof typeof WORLD_FLAGS): number => {
    const value = Number(flags[name] ?? '');
    if (Number.isFinite(value) && flags[name]) return value;
    throw new Error(`--${name} must be a number`);
  };
  return pixWorld({
    seed: number('seed'),
    historyDays: number('history-days'),
    paymentsPerDay: number('payments-per-day'),
    fraudShare: number('fraud-share'),
  });
}

/** The stage `snapshot` of pipelines/dvc.yaml: the history of a simulated world as a raw snapshot. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { ...WORLD_FLAGS, out: { type: 'string' } } });
  if (!values.out) throw new Error('--out must be a file');
  const world = worldOf(values);
  const events = await writeSnapshot(history(world), values.out);
  console.log(`${events} events in ${values.out}`);
}

function* history(world: World): Generator<SimulatedEvent> {
  for (const event of world.events() as Iterable<SimulatedEvent>) {
    if (event.atMs >= world.liveFromMs) return;
    yield event;
  }
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(`simulated-world: ${error.message}`);
    process.exit(2);
  });
}
