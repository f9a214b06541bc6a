import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { payment as paymentSchema } from '@vigia/contracts';
import { Ledger, type HistoryEvent } from '@vigia/ledger';
import { Pseudonymiser } from '@vigia/platform';
import type { SimulatedEvent } from '@vigia/simulator';
import { writeEventFiles, type LakeEvent } from './lake-events.js';
import { SIMULATED_SECRET } from './simulated-training-set.js';
import { readSnapshot } from './snapshot.js';

/** Rows younger than this may still be on their way into the ledger. */
const SETTLED_AFTER_MS = 60_000;
/** What a spool brought in is looked for as far back as this behind the last file. */
const LATE_US = 7 * 86_400_000_000;
const LATE_NAME = /^late-\d+-\d{16}-(\d{16})\.ndjson\.gz$/;
const NAME = /^events-\d{16}-(\d{16})\.ndjson\.gz$/;

const USAGE = `usage: lake-export.js --to DIR (--database-url URL [--from INSTANT] | --snapshot FILE)
  --to            folder of event files, a --source of vigia-lake; the next export goes on behind its last file
  --database-url  the ledger
  --from          export again from this moment on; what the lake has already is a repeat to it
  --snapshot      a simulated world's raw snapshot, pseudonymised`;

/** Writes what came to the ledger since the last export, or a simulated world, as event files for the lake. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      to: { type: 'string' },
      'database-url': { type: 'string' },
      from: { type: 'string' },
      snapshot: { type: 'string' },
    },
  });
  const { to: folder, 'database-url': url, from, snapshot } = values;
  if (!folder || Boolean(url) === Boolean(snapshot)) throw new Error(USAGE);
  const count = url ? await exportLedger(url, folder, Date.now(), from) : await exportSnapshot(snapshot!, folder);
  console.log(`${count} events in ${folder}`);
}

/**
 * Events of the ledger from behind the last file, or from the instant `from`, until `nowMs` less a minute; and payments
 * that waited on a disk while PostgreSQL was away until the last file had passed their time.
 * @throws {Error} where `from` is no instant
 */
export async function exportLedger(url: string, folder: string, nowMs: number, from?: string): Promise<number> {
  const fromUs = from === undefined ? watermarkUs(folder) : Date.parse(from) * 1_000;
  if (Number.isNaN(fromUs)) throw new Error(`--from ${from} is no instant as 2026-11-20T23:15:03.900Z`);
  const ledger = Ledger.connect({ url });
  try {
    const late = from === undefined ? await exportLate(ledger, folder, fromUs, nowMs) : 0;
    const history = ledger.history({ fromUs, toUs: (nowMs - SETTLED_AFTER_MS) * 1_000 });
    const nameOf = nameWith(from === undefined ? 'events' : `again-${nowMs}`);
    return late + (await writeEventFiles(ofLedger(history), { folder, nameOf }));
  } finally {
    await ledger.close();
  }
}

/** Each of them once, but for those that came in just in time for a file of their time: repeats to the lake. */
async function exportLate(ledger: Ledger, folder: string, toUs: number, nowMs: number): Promise<number> {
  const fromUs = Math.max(0, toUs - LATE_US);
  const seen = await exportedLate(folder, fromUs);
  const late = ledger.spooledPayments({ fromUs, toUs });
  const unseen = async function* (): AsyncGenerator<HistoryEvent> {
    for await (const payment of late) if (!seen.has(payment.endToEndId)) yield payment;
  };
  return writeEventFiles(ofLedger(unseen()), { folder, nameOf: nameWith(`late-${nowMs}`) });
}

/** EndToEndIds in files of late payments that reach to this arrival or beyond. */
async function exportedLate(folder: string, fromUs: number): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const name of namesIn(folder)) {
    if (Number(LATE_NAME.exec(name)?.[1] ?? -1) < fromUs) continue;
    const lines = createInterface({ input: createReadStream(join(folder, name)).pipe(createGunzip()) });
    for await (const line of lines) {
      const event = JSON.parse(line) as LakeEvent;
      if (event.kind === 'payment') ids.add(event.payment.endToEndId);
    }
  }
  return ids;
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The first arrival that no file of the folder can have. */
export function watermarkUs(folder: string): number {
  return namesIn(folder).reduce((last, name) => Math.max(last, Number(NAME.exec(name)?.[1] ?? -1) + 1), 0);
}

function nameWith(prefix: string): (firstUs: number, lastUs: number) => string {
  const digits = (us: number): string => String(us).padStart(16, '0');
  return (firstUs, lastUs) => `${prefix}-${digits(firstUs)}-${digits(lastUs)}`;
}

async function* ofLedger(history: AsyncIterable<HistoryEvent>): AsyncGenerator<LakeEvent> {
  for await (const { kind, arrivedUs, endToEndId, ...event } of history) {
    if ('degraded' in event) yield { kind: 'payment', arrivedUs, degraded: event.degraded, payment: event.payment };
    else if (kind === 'label') yield { kind, arrivedUs, endToEndId, fraud: event.fraud };
  }
}

export function exportSnapshot(snapshot: string, folder: string): Promise<number> {
  return writeEventFiles(ofSimulation(readSnapshot(snapshot)), { folder, nameOf: nameWith('events') });
}

/** Events as they would reach the windows, each in a microsecond of its own; nobody's pseudonyms. */
export async function* ofSimulation(
  events: Iterable<SimulatedEvent> | AsyncIterable<SimulatedEvent>,
): AsyncGenerator<LakeEvent> {
  const pseudonymiser = new Pseudonymiser({ version: 1, secret: SIMULATED_SECRET });
  let arrivedUs = 0;
  for await (const event of events) {
    arrivedUs = Math.max(arrivedUs + 1, event.atMs * 1_000);
    if (event.kind === 'payment') {
      yield { kind: 'payment', arrivedUs, payment: pseudonymiser.payment(paymentSchema.parse(event.payment)) };
    } else if (event.outcome.result !== 'open') {
      const { endToEndId, result } = event.outcome;
      yield { kind: 'label', arrivedUs, endToEndId, fraud: result === 'agreed' };
    }
  }
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(`lake-export: ${error.message}`);
    process.exit(2);
  });
}
