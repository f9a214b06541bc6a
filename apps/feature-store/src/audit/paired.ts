import { Fault } from '@vigia/contracts';
import type { HistoryLabel, ServedPayment } from '@vigia/ledger';
import type { ComputedVector } from '@vigia/offline-store';

export type Paired =
  /** Without a recomputation where the ledger got the payment after the history was loaded. */
  { kind: 'payment'; served: ServedPayment; recomputed: ComputedVector | undefined } | HistoryLabel;

/**
 * What was served beside what was recomputed of it. Both come in the order of arrival; the ledger may have got payments
 * since, and loses none.
 * @throws {Fault} `dependency_unavailable` where it did lose some: a partition was dropped meanwhile
 */
export async function* paired(
  events: AsyncIterable<ServedPayment | HistoryLabel>,
  vectors: AsyncGenerator<ComputedVector>,
): AsyncGenerator<Paired> {
  try {
    let next = await vectors.next();
    for await (const event of events) {
      if (event.kind === 'label') yield event;
      else if (!next.done && next.value.endToEndId === event.endToEndId) {
        yield { kind: 'payment', served: event, recomputed: next.value };
        next = await vectors.next();
      } else yield { kind: 'payment', served: event, recomputed: undefined };
    }
    if (!next.done) {
      throw new Fault('dependency_unavailable', { detail: 'The ledger lost payments while it was read. Audit again.' });
    }
  } finally {
    await vectors.return(undefined);
  }
}
