import { parseArgs } from 'node:util';
import { payment as paymentSchema, type TrainingSetManifest } from '@vigia/contracts';
import type { EventLoader } from '@vigia/offline-store';
import { Pseudonymiser } from '@vigia/platform';
import type { SimulatedEvent } from '@vigia/simulator';
import { WORLD_FLAGS, worldOf } from './simulated-world.js';
import { noted, type Scenarios } from './scenarios.js';
import { readSnapshot } from './snapshot.js';
import { localTrainingSet } from './training-set.js';
import type { World } from './world.js';

/** Nobody lives in a simulated world: the secret only has to be the same each time. */
export const SIMULATED_SECRET = Buffer.from('the pseudonyms of a simulated world');

/** The stage `features` of pipelines/dvc.yaml: a raw snapshot's features and labels, offline. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { ...WORLD_FLAGS, snapshot: { type: 'string' }, out: { type: 'string' } },
  });
  const { snapshot, out } = values;
  if (!snapshot || !out) throw new Error('--snapshot must be a file and --out a folder');
  const manifest = await simulatedTrainingSet(worldOf(values), readSnapshot(snapshot), out);
  console.log(`${manifest.rows} rows, ${manifest.frauds} frauds known, in ${out}`);
}

/** The training set of a world's history, by the offline store alone. */
export function simulatedTrainingSet(
  world: World,
  events: Iterable<SimulatedEvent> | AsyncIterable<SimulatedEvent>,
  directory: string,
): Promise<TrainingSetManifest> {
  const scenarios: Scenarios = new Map();
  return localTrainingSet({
    set: world.set,
    directory,
    fromMs: world.trainFromMs,
    toMs: world.liveFromMs,
    labelDelayMs: world.labelDelayMs,
    load: (loader) => load(noted(events, scenarios), loader),
    scenarios,
    onProgress: () => undefined,
  });
}

/** Events reach the windows in the order of the snapshot, each in a microsecond of its own. */
async function load(events: AsyncIterable<SimulatedEvent>, loader: EventLoader): Promise<void> {
  const pseudonymiser = new Pseudonymiser({ version: 1, secret: SIMULATED_SECRET });
  const known = new Set<string>();
  let arrivedUs = 0;
  for await (const event of events) {
    arrivedUs = Math.max(arrivedUs + 1, event.atMs * 1000);
    if (event.kind === 'payment') {
      loader.payment(pseudonymiser.payment(paymentSchema.parse(event.payment)), arrivedUs);
      known.add(event.payment.endToEndId);
    } else if (known.has(event.outcome.endToEndId) && event.outcome.result !== 'open') {
      loader.label(event.outcome.endToEndId, event.outcome.result === 'agreed', arrivedUs);
    }
  }
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(`simulated-training-set: ${error.message}`);
    process.exit(2);
  });
}
