import type { Board } from './dashboard.js';
import { quantiles, rate, rateBy } from './promql.js';

const OF = '{model=~"$model"}';
const WATCHED = '{model=~"$model", role=~"$role"}';

/** For who answers for models and policies. */
export const MODEL: Board = {
  uid: 'vigia-model',
  title: 'Vigia: models and policies',
  description: 'What decides, how it performs, what drifts, and what would have been decided in shadow.',
  choices: {
    model: { metric: 'vigia_monitoring_window_payments', label: 'model' },
    role: { metric: 'vigia_monitoring_window_payments', label: 'role' },
  },
  rows: [
    {
      title: 'In force',
      panels: [
        {
          title: 'Models',
          description: 'Pods by role and version: two versions in a role mean a swap under way.',
          kind: 'now',
          unit: 'short',
          queries: [['count by (role, model, version) (vigia_model_info)', '{{role}} {{model}} {{version}}']],
        },
        {
          title: 'Policies',
          description: 'Pods by role and version of the policy.',
          kind: 'now',
          unit: 'short',
          queries: [['count by (role, policy, version) (vigia_policy_info)', '{{role}} {{policy}} {{version}}']],
        },
        {
          title: 'Swaps and refusals in an hour',
          description: 'A refusal means that the one before goes on; the log says why.',
          kind: 'lines',
          unit: 'short',
          queries: [
            ['sum by (role) (increase(vigia_model_swaps_total[1h]))', 'model swapped {{role}}'],
            ['sum by (role) (increase(vigia_model_refusals_total[1h]))', 'model refused {{role}}'],
            ['sum by (role) (increase(vigia_policy_swaps_total[1h]))', 'policy swapped {{role}}'],
            ['sum by (role) (increase(vigia_policy_refusals_total[1h]))', 'policy refused {{role}}'],
          ],
        },
        {
          title: 'Silence of the registry and of the ledger',
          description: 'Time since they last said what is to decide.',
          kind: 'lines',
          unit: 's',
          queries: [
            ['max(vigia_model_registry_silence_seconds)', 'registry of models'],
            ['max(vigia_policy_record_silence_seconds)', 'record of policies'],
          ],
        },
        {
          title: 'Probabilities of fraud',
          description: 'Quantiles of what the deciding model says.',
          kind: 'lines',
          unit: 'percentunit',
          queries: quantiles('vigia_fraud_probability', '', '', [0.5, 0.9, 0.99]),
        },
        {
          title: 'Payments of the last window',
          description: 'By role; few payments make no verdict.',
          kind: 'now',
          unit: 'short',
          queries: [[`max by (model, role) (vigia_monitoring_window_payments${WATCHED})`, '{{model}} {{role}}']],
        },
      ],
    },
    {
      title: 'Watched',
      panels: [
        {
          title: 'Performance',
          description: 'Estimated without labels for the last window; realised where labels are in.',
          kind: 'lines',
          unit: 'short',
          queries: [
            [`max by (role, metric, basis) (vigia_monitoring_performance${WATCHED})`, '{{metric}} {{basis}} {{role}}'],
          ],
        },
        {
          title: 'Signals in alarm',
          description: 'By kind; the API of monitoring has the numbers of each.',
          kind: 'lines',
          unit: 'short',
          queries: [
            [`count by (kind, role) (vigia_monitoring_signal_state${WATCHED} == 3) or vector(0)`, '{{kind}} {{role}}'],
          ],
        },
        {
          title: 'Strongest signals',
          description: 'What the verdicts go by: the ten greatest of the last window.',
          kind: 'now',
          unit: 'short',
          queries: [
            [`topk(10, max by (signal, kind, role) (vigia_monitoring_signal_value${WATCHED}))`, '{{signal}} {{role}}'],
          ],
        },
        {
          title: 'Open alerts',
          description: '0.5 where it is silenced.',
          kind: 'now',
          unit: 'short',
          queries: [
            [`max by (kind, severity) (vigia_monitoring_alerts_open${WATCHED}) or vector(0)`, '{{kind}} {{severity}}'],
          ],
        },
        {
          title: 'Age of the last window',
          description: 'Longer than MONITOR_EVERY_MINUTES and a half: nobody watches.',
          kind: 'lines',
          unit: 's',
          queries: [[`time() - max by (model) (vigia_monitoring_window_end_timestamp_seconds${OF})`, '{{model}}']],
        },
        {
          title: 'Features that differ online and offline',
          description: 'Share of served values in the last audit; must be 0.',
          kind: 'now',
          unit: 'percentunit',
          queries: [['topk(10, max by (feature) (vigia_feature_mismatch_ratio))', '{{feature}}']],
        },
      ],
    },
    {
      title: 'In shadow',
      panels: [
        {
          title: 'Scores a second',
          description: 'Of the model that did not decide, on record.',
          kind: 'lines',
          unit: 'short',
          queries: [[`sum(${rate('vigia_shadow_scores_total')})`, 'scores']],
        },
        {
          title: 'Decisions a second',
          description: 'Of the policy in shadow, on record; compare with the decisions given.',
          kind: 'lines',
          unit: 'short',
          queries: [
            [rateBy('decision', 'vigia_policy_shadow_decisions_total'), '{{decision}} in shadow'],
            [rateBy('decision', 'vigia_decisions_total'), '{{decision}} given'],
          ],
        },
        {
          title: 'Missing from the record, a second',
          description: 'By cause; comparisons lack these payments.',
          kind: 'lines',
          unit: 'short',
          queries: [
            [rateBy('cause', 'vigia_shadow_drops_total'), 'scores: {{cause}}'],
            [rateBy('cause', 'vigia_policy_shadow_drops_total'), 'policy: {{cause}}'],
          ],
        },
      ],
    },
  ],
};
