import { holdEnd, type HoldEnd } from '@vigia/contracts';
import type { CaseRecord, InboxStep } from '@vigia/ledger';
import type { Metrics } from '@vigia/platform';

/** What waits, as of the last look; what happened, in this process. */
export class CaseMetrics {
  private readonly open;
  private readonly loss;
  private readonly inbox;
  private readonly inboxAge;
  private readonly payments;
  private readonly verdicts;
  private readonly holds;

  constructor(metrics: Metrics) {
    this.open = metrics.gauge('cases_open', 'Open cases, by whether somebody works on them: `yes`, `no`.', [
      'assigned',
    ]);
    this.loss = metrics.gauge('cases_expected_loss_reais', 'What payments without a verdict are expected to lose, R$.');
    this.inbox = metrics.gauge('case_inbox_payments', 'Payments to review that have no case yet.');
    this.inboxAge = metrics.gauge('case_inbox_oldest_seconds', 'For how long the first of them waits, seconds.');
    this.payments = metrics.counter(
      'case_payments_total',
      'Payments that came to a case, by whether it was `opened` for them or `joined`.',
      ['case'],
    );
    this.verdicts = metrics.counter('case_verdicts_total', 'Verdicts on cases or some of their payments.', ['verdict']);
    this.holds = metrics.counter(
      'case_holds_ended_total',
      'Times that holds were ended, by how and by whom: `person`; `service` where nobody did until their end.',
      ['end', 'by'],
    );
    // A rule on their increase sees the first one only where there was a 0 before.
    for (const end of holdEnd.options) this.holds.inc({ end, by: 'service' }, 0);
  }

  opened({ payments, opened }: InboxStep): void {
    if (opened > 0) this.payments.inc({ case: 'opened' }, opened);
    if (payments > opened) this.payments.inc({ case: 'joined' }, payments - opened);
  }

  judged(verdict: 'fraud' | 'genuine'): void {
    this.verdicts.inc({ verdict });
  }

  holdsEnded(end: HoldEnd, by: 'person' | 'service', count: number): void {
    if (count > 0) this.holds.inc({ end, by }, count);
  }

  async refresh(cases: CaseRecord, nowMs: number): Promise<void> {
    const { assigned, unassigned, expectedLossCents } = await cases.counts();
    const { count, sinceMs } = await cases.waiting();
    this.open.set({ assigned: 'yes' }, assigned);
    this.open.set({ assigned: 'no' }, unassigned);
    this.loss.set(expectedLossCents / 100);
    this.inbox.set(count);
    this.inboxAge.set(sinceMs === null ? 0 : Math.max(0, nowMs - sinceMs) / 1_000);
  }
}
