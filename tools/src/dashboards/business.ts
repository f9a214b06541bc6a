import type { Board } from './dashboard.js';
import { rate, rateBy } from './promql.js';

const SIDE = '{side=~"$side"}';
const share = (decision: string): string =>
  `sum(${rate(`vigia_decisions_total{side=~"$side", decision="${decision}"}`)}) / sum(${rate(`vigia_decisions_total${SIDE}`)})`;

/** For the fraud team: what is decided, what people have to look at, what came of it. */
export const BUSINESS: Board = {
  uid: 'vigia-business',
  title: 'Vigia: decisions and cases',
  description: 'Payments by decision, the queue of cases, holds, verdicts and what is at stake.',
  choices: { side: { metric: 'vigia_decisions_total', label: 'side' } },
  rows: [
    {
      title: 'Decisions',
      panels: [
        {
          title: 'Payments a second',
          description: 'By decision.',
          kind: 'lines',
          unit: 'short',
          queries: [[rateBy('decision', `vigia_decisions_total${SIDE}`), '{{decision}}']],
        },
        {
          title: 'Share reviewed and rejected',
          description: 'A jump is a campaign of frauds, another model or another policy.',
          kind: 'lines',
          unit: 'percentunit',
          queries: [
            [share('review'), 'review'],
            [share('reject'), 'reject'],
          ],
        },
        {
          title: 'Decisions of the last 24 hours',
          description: 'Of this window in full.',
          kind: 'now',
          unit: 'short',
          queries: [[`sum by (decision) (increase(vigia_decisions_total${SIDE}[1d]))`, '{{decision}}']],
        },
      ],
    },
    {
      title: 'Cases',
      panels: [
        {
          title: 'Open cases',
          description: 'By whether somebody works on them.',
          kind: 'lines',
          unit: 'short',
          queries: [['max by (assigned) (vigia_cases_open)', 'assigned: {{assigned}}']],
        },
        {
          title: 'Expected loss of open cases',
          description: 'What payments without a verdict are expected to lose.',
          kind: 'lines',
          unit: 'currencyBRL',
          queries: [['max(vigia_cases_expected_loss_reais)', 'expected loss']],
        },
        {
          title: 'Payments without a case yet',
          description: 'And for how long the first of them waits.',
          kind: 'now',
          unit: 'short',
          queries: [
            ['max(vigia_case_inbox_payments)', 'payments'],
            ['max(vigia_case_inbox_oldest_seconds)', 'seconds'],
          ],
        },
        {
          title: 'Verdicts in a day',
          description: 'Of people, on cases or some of their payments.',
          kind: 'lines',
          unit: 'short',
          queries: [['sum by (verdict) (increase(vigia_case_verdicts_total[1d]))', '{{verdict}}']],
        },
        {
          title: 'Holds that ended, in a day',
          description: 'By `service`: nobody ended them in time.',
          kind: 'lines',
          unit: 'short',
          queries: [['sum by (end, by) (increase(vigia_case_holds_ended_total[1d]))', '{{end}} by {{by}}']],
        },
        {
          title: 'Payments that came to a case, in a day',
          description: 'Joined: another payment of the same payer or payee.',
          kind: 'lines',
          unit: 'short',
          queries: [['sum by (case) (increase(vigia_case_payments_total[1d]))', '{{case}}']],
        },
      ],
    },
    {
      title: 'What came of it',
      panels: [
        {
          title: 'Frauds and refutations in a day',
          description: 'Outcomes that were new, by source and result.',
          kind: 'lines',
          unit: 'short',
          queries: [
            ['sum by (source, result) (increase(vigia_outcomes_total{outcome="new"}[1d]))', '{{source}} {{result}}'],
          ],
        },
        {
          title: 'Open alerts',
          description: 'Of models and of the service; the runbook has a section for each kind.',
          kind: 'now',
          unit: 'short',
          queries: [['max by (kind, severity) (vigia_monitoring_alerts_open) or vector(0)', '{{kind}} {{severity}}']],
        },
        {
          title: 'Notices that wait',
          description: 'Somebody should have been told and was not yet.',
          kind: 'now',
          unit: 'short',
          queries: [['sum by (channel) (vigia_alert_notices_pending)', '{{channel}}']],
        },
      ],
    },
  ],
};
