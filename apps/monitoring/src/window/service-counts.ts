import type { MonitoredPayment } from '@vigia/ledger';
import { countInto } from '@vigia/statistics';
import { LATENCY_EDGES } from './score-bins.js';

/** What is counted of all payments of a window. */
export interface ServiceCounts {
  decisions: Record<string, number>;
  /** Payments by code of a reason; a payment has several, or counts as `(none)`. */
  reasons: Record<string, number>;
  /** Payments by part that was away. */
  degraded: Record<string, number>;
  /** Payments of which any part but the ledger was away. */
  degradedPayments: number;
  /** Counts of the bins of latency. */
  latency: number[];
}

/** Counts all payments of a window, page by page. */
export class ServiceCounter {
  payments = 0;
  private readonly counts: ServiceCounts = {
    decisions: {},
    reasons: {},
    degraded: {},
    degradedPayments: 0,
    latency: [],
  };
  private readonly latency = { edges: LATENCY_EDGES, counts: LATENCY_EDGES.map(() => 0).concat(0), missing: 0 };

  add(page: MonitoredPayment[]): void {
    this.payments += page.length;
    const { decisions, reasons, degraded } = this.counts;
    for (const payment of page) {
      increment(decisions, payment.decision);
      for (const reason of new Set(payment.reasons)) increment(reasons, reason);
      if (payment.reasons.length === 0) increment(reasons, '(none)');
      for (const part of payment.degraded) increment(degraded, part);
      // A record that waits in a spool costs the decision nothing.
      if (payment.degraded.some((part) => part !== 'ledger')) this.counts.degradedPayments++;
    }
    countInto(
      this.latency,
      Float64Array.from(page, ({ latencyUs }) => latencyUs),
    );
  }

  result(): ServiceCounts {
    return { ...this.counts, latency: this.latency.counts };
  }
}

function increment(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
