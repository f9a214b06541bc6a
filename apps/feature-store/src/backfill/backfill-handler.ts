import { Fault, type JobHandler } from '@vigia/contracts';
import type { CompiledFeatureSet } from '@vigia/features';
import type { HistoryEvent, Ledger } from '@vigia/ledger';
import { Rebuild, type PastCall, type Rebuilt } from '@vigia/online-store';

export interface BackfillParts {
  set: CompiledFeatureSet;
  ledger: Pick<Ledger, 'history'>;
  /** Where the windows are; a single node. */
  redisUrl: string;
  /** First part of every key, as scoring has it. */
  prefix: string;
  /** How far `acceptedAt` may lie from the arrival. */
  clockToleranceMs: number;
  /** Live calls that wait in memory, at most, while the new state takes over. */
  tailBound: number;
}

/**
 * Rebuilds the online state of the served set from the ledger while scoring goes on, payments that scoring could not
 * bring to the windows included. Whatever ends it, the state that serves is whole, and the next job goes on with the
 * rebuild that was begun. Rows that wait in a spool longer than some seconds are not in the ledger yet, and missed.
 */
export function backfillHandler(parts: BackfillParts): JobHandler<'backfill', Rebuilt> {
  const { set, ledger, redisUrl, prefix, tailBound } = parts;
  return async ({ featureSet, paymentsPerSecond }, { progress, signal }) => {
    if (featureSet !== set.name) {
      throw new Fault('invalid_request', {
        detail: `Kept here is the state of ${set.name}: the feature set that is served.`,
        errors: [{ field: 'featureSet', message: `must be ${set.name}` }],
      });
    }
    const history = async function* (fromUs: number, toUs: number): AsyncGenerator<PastCall> {
      const range = { fromUs, toUs, featureSetHash: set.hash, signal };
      for await (const event of ledger.history(range)) yield callOf(set, event);
    };
    return Rebuild.run(
      { url: redisUrl },
      {
        plan: set.plan,
        prefix,
        history,
        reachMs: historyMsOf(set, parts.clockToleranceMs),
        paymentsPerSecond,
        tailBound,
        onProgress: (share, step) => void progress(share, step),
        signal,
      },
    );
  };
}

/** As scoring and the labeller call the store. */
function callOf(set: CompiledFeatureSet, event: HistoryEvent): PastCall {
  const { arrivedUs, payment } = event;
  const about = { eventId: event.endToEndId, atMs: payment.acceptedAtMs, entities: set.entitiesOf(payment) };
  if (event.kind === 'label') return { kind: 'label', arrivedUs, request: { ...about, fraud: event.fraud } };
  const { amountCents } = payment;
  const request = { ...about, amountCents, observe: set.observes(payment) };
  return { kind: 'payment', arrivedUs, request };
}

/**
 * What arrived before is in no window: a payment that comes now may tell a time earlier than the server's, and one
 * that came then a later time.
 */
function historyMsOf({ plan }: CompiledFeatureSet, clockToleranceMs: number): number {
  const windows = plan.states.flatMap((state) => state.windows);
  return Math.max(0, ...windows.map(({ lengthMs, delayMs }) => lengthMs + delayMs)) + 2 * clockToleranceMs;
}
