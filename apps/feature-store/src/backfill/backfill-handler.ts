import type { JobHandler } from '@vigia/contracts';
import type { CompiledFeatureSet } from '@vigia/features';
import type { HistoryEvent, Ledger } from '@vigia/ledger';
import { Rebuild, type PastCall, type Rebuilt } from '@vigia/online-store';

export interface BackfillParts {
  set: CompiledFeatureSet;
  ledger: Pick<Ledger, 'history'>;
  redisUrl: string;
  /** First part of every key, as scoring has it. */
  prefix: string;
  /** How far `acceptedAt` may lie from the arrival. */
  clockToleranceMs: number;
}

/**
 * Rebuilds the windows from the ledger while scoring goes on: payments that were decided while Valkey was away are in
 * them afterwards. A job that ended half way goes on from where the server says it was.
 */
export function backfillHandler(parts: BackfillParts): JobHandler<'backfill', Rebuilt> {
  const { set, ledger, redisUrl, prefix, clockToleranceMs } = parts;
  const windows = set.plan.states.flatMap((state) => state.windows);
  const reachMs = Math.max(0, ...windows.map(({ lengthMs, delayMs }) => lengthMs + delayMs)) + clockToleranceMs;
  return ({ paymentsPerSecond }, { progress, signal }) =>
    Rebuild.run(
      { url: redisUrl },
      {
        plan: set.plan,
        prefix,
        reachMs,
        paymentsPerSecond,
        history: (fromUs, toUs) => past(set, ledger.history({ fromUs, toUs, featureSetHash: set.hash, signal })),
        onProgress: (share, step) => void progress(share, step),
        signal,
      },
    );
}

async function* past(set: CompiledFeatureSet, history: AsyncIterable<HistoryEvent>): AsyncGenerator<PastCall> {
  for await (const event of history) {
    const { arrivedUs, payment } = event;
    const touched = { eventId: payment.endToEndId, atMs: payment.acceptedAtMs, entities: set.entitiesOf(payment) };
    yield event.kind === 'label'
      ? { kind: 'label', arrivedUs, request: { ...touched, fraud: event.fraud } }
      : {
          kind: 'payment',
          arrivedUs,
          degraded: event.degraded,
          request: { ...touched, amountCents: payment.amountCents, observe: set.observes(payment) },
        };
  }
}
