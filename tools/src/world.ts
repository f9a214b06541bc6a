import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { fromCents } from '@vigia/contracts';
import { HANDBOOK, PIX, type FeatureSet } from '@vigia/features';
import { simulateEvents, type SimulatedEvent } from '@vigia/simulator';

export const DAY_MS = 86_400_000;
/** When a label is known in the handbook's protocol. */
const LABEL_DELAY_MS = 7 * DAY_MS;

/** A stream of payments and outcomes in time order, its past to learn from and its days to come. */
export interface World {
  name: 'pix' | 'handbook';
  set: FeatureSet;
  startMs: number;
  /** Before this moment payments only warm the windows. */
  trainFromMs: number;
  /** End of the history; the day that begins here is the first that is streamed. */
  liveFromMs: number;
  labelDelayMs: number;
  payments: number;
  events(): Iterable<SimulatedEvent> | AsyncIterable<SimulatedEvent>;
}

export interface PixWorldOptions {
  seed: number;
  historyDays: number;
  paymentsPerDay: number;
  fraudShare: number;
  /** Midnight of 1 August 2026 in Brasília by default. */
  startMs?: number;
}

/** The simulated Pix world. */
export function pixWorld({
  seed,
  historyDays,
  paymentsPerDay,
  fraudShare,
  startMs = Date.parse('2026-08-01T03:00:00.000Z'),
}: PixWorldOptions): World {
  return {
    name: 'pix',
    set: PIX,
    startMs,
    trainFromMs: startMs + 7 * DAY_MS,
    liveFromMs: startMs + historyDays * DAY_MS,
    labelDelayMs: 7 * DAY_MS,
    payments: historyDays * paymentsPerDay,
    events: () => simulateEvents({ seed, startMs, days: historyDays + 365, paymentsPerDay, fraudShare }),
  };
}

/**
 * The transactions of the Fraud Detection Handbook (transactions.csv.gz: t_seconds, customer_id, terminal_id,
 * amount_cents, scenario) as payments; a label becomes known 7 days after its transaction.
 */
export function handbookWorld(directory: string): World {
  const originMs = Date.parse('2018-04-01T00:00:00.000Z');
  const startMs = originMs + 61 * DAY_MS;
  return {
    name: 'handbook',
    set: HANDBOOK,
    startMs,
    trainFromMs: startMs + 21 * DAY_MS,
    liveFromMs: Date.parse('2018-08-08T00:00:00.000Z'),
    labelDelayMs: LABEL_DELAY_MS,
    payments: 650_000,
    events: () => handbookEvents(join(directory, 'transactions.csv.gz'), originMs, startMs),
  };
}

async function* handbookEvents(file: string, originMs: number, fromMs: number): AsyncGenerator<SimulatedEvent> {
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity });
  const due: Extract<SimulatedEvent, { kind: 'outcome' }>[] = [];
  let row = -1;
  for await (const line of lines) {
    if (row++ < 0) continue;
    const [seconds, customer, terminal, cents, scenario] = line.split(',').map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const atMs = originMs + seconds * 1000;
    if (atMs < fromMs) continue;
    while (due.length > 0 && due[0]!.atMs <= atMs) yield due.shift()!;
    const event = handbookPayment(row - 1, atMs, { customer, terminal, cents, fraud: scenario > 0 });
    yield event;
    for (const outcome of event.outcomes) due.push({ kind: 'outcome', atMs: atMs + LABEL_DELAY_MS, outcome });
  }
}

interface HandbookRow {
  customer: number;
  terminal: number;
  cents: number;
  fraud: boolean;
}

function handbookPayment(row: number, atMs: number, { customer, terminal, cents, fraud }: HandbookRow) {
  const acceptedAt = new Date(atMs).toISOString();
  const minute = acceptedAt.replace(/\D/g, '').slice(0, 12);
  const endToEndId = `E99999999${minute}${String(row).padStart(11, '0')}`;
  const knownAt = new Date(atMs + LABEL_DELAY_MS).toISOString();
  return {
    kind: 'payment' as const,
    atMs,
    payment: {
      endToEndId,
      // The set has a few transactions of 0.00; no Pix payment is below 0.01.
      amount: fromCents(Math.max(1, cents)),
      acceptedAt,
      initiationForm: 'MANU' as const,
      payer: party(String(customer).padStart(11, '0'), customer),
      payee: party(`9${String(terminal).padStart(13, '0')}`, terminal),
    },
    truth: { fraud, scenario: null, lookAlike: null },
    outcomes: fraud ? [{ endToEndId, source: 'import' as const, result: 'agreed' as const, knownAt }] : [],
  };
}

const party = (taxId: string, number: number) => ({
  taxId,
  ispb: '99999999',
  account: { number: String(number), type: 'TRAN' as const },
});
