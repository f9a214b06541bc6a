import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PIX, compileFeatureSet } from '@vigia/features';
import { Ledger, type AssessmentRow } from '@vigia/ledger';
import { simulateEvents, type SimulatedEvent } from '@vigia/simulator';
import type { LakeEvent } from '../lake-events.js';
import { ofSimulation } from '../lake-export.js';

export interface SimulatedLedgerOptions {
  days: number;
  paymentsPerDay: number;
  fraudShare: number;
  nowMs: number;
}

const DAY_MS = 86_400_000;
const SEED = 7;
/** Rows that wait for their commit at once. */
const IN_FLIGHT = 500;

type LakePayment = Extract<LakeEvent, { kind: 'payment' }>;

/**
 * Fills a ledger with the days of a simulated world until now, as if they had been decided without windows and model:
 * what training sets, backfills and the lake need. Answers the payments; a ledger that has some already stays as it is.
 */
export async function simulateLedger(databaseUrl: string, options: SimulatedLedgerOptions): Promise<number> {
  const { days, paymentsPerDay, fraudShare, nowMs } = options;
  const ledger = Ledger.connect({ url: databaseUrl });
  const spoolDirectory = mkdtempSync(join(tmpdir(), 'vigia-simulated-'));
  try {
    for await (const _ of ledger.history({ fromUs: 0, toUs: nowMs * 1_000 })) return 0;
    const writer = await ledger.openWriter({ spoolDirectory });
    const world = { seed: SEED, startMs: nowMs - days * DAY_MS, days, paymentsPerDay, fraudShare };
    const { hash } = compileFeatureSet(PIX);
    let payments = 0;
    let pending: Promise<unknown>[] = [];
    for await (const event of ofSimulation(until(simulateEvents(world), nowMs))) {
      if (event.kind === 'payment') {
        payments++;
        pending.push(writer.record(rowOf(event, hash)));
      }
      if (event.kind === 'label' || pending.length >= IN_FLIGHT) {
        await Promise.all(pending);
        pending = [];
      }
      if (event.kind === 'label') {
        const { endToEndId, fraud, arrivedUs } = event;
        await ledger.recordWindowLabel({ endToEndId, fraud, arrivedUs, changed: true, featureSetHash: hash });
      }
    }
    await Promise.all(pending);
    await writer.close();
    return payments;
  } finally {
    await ledger.close();
    rmSync(spoolDirectory, { recursive: true, force: true });
  }
}

function* until(events: Iterable<SimulatedEvent>, endMs: number): Generator<SimulatedEvent> {
  for (const event of events) {
    if (event.atMs >= endMs) return;
    yield event;
  }
}

function rowOf({ payment, arrivedUs }: LakePayment, featureSetHash: string): AssessmentRow {
  return {
    endToEndId: payment.endToEndId,
    side: payment.side,
    acceptedAtMs: payment.acceptedAtMs,
    decidedAtMs: Math.floor(arrivedUs / 1_000),
    arrivedUs,
    caller: 'simulator',
    contentSha256: createHash('sha256').update(JSON.stringify(payment)).digest(),
    payment,
    vector: new Float32Array(),
    effective: {},
    probability: null,
    margin: null,
    decision: 'approve',
    action: { kind: 'send' },
    reasons: [],
    rules: [],
    warnings: [],
    degraded: ['features', 'model'],
    model: null,
    policy: { name: 'none', version: '0' },
    featureSet: { name: PIX.name, hash: featureSetHash },
    timingsUs: {},
  };
}
