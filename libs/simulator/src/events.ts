import type { OutcomeInput } from '@vigia/contracts';
import { simulate, type SimulatedPayment, type SimulationOptions } from './simulation.js';

export type SimulatedEvent =
  ({ kind: 'payment' } & SimulatedPayment) | { kind: 'outcome'; atMs: number; outcome: OutcomeInput };

/** Payments and outcomes in one stream by the time they become known; outcomes after the last payment come at the end. */
export function* simulateEvents(options: SimulationOptions): Generator<SimulatedEvent, void, undefined> {
  const pending = new PendingOutcomes();
  for (const simulated of simulate(options)) {
    yield* pending.until(simulated.atMs);
    yield { kind: 'payment', ...simulated };
    for (const outcome of simulated.outcomes) pending.add({ atMs: Date.parse(outcome.knownAt), outcome });
  }
  yield* pending.until(Infinity);
}

interface Pending {
  atMs: number;
  outcome: OutcomeInput;
}

/** A binary heap by time. */
class PendingOutcomes {
  private readonly heap: Pending[] = [];

  add(pending: Pending): void {
    const { heap } = this;
    let at = heap.push(pending) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (heap[parent]!.atMs <= pending.atMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = pending;
  }

  *until(atMs: number): Generator<SimulatedEvent, void, undefined> {
    while (this.heap.length > 0 && this.heap[0]!.atMs <= atMs) yield { kind: 'outcome', ...this.take() };
  }

  private take(): Pending {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child++;
      if (heap[child]!.atMs >= last.atMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
