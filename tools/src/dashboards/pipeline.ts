import type { Board } from './dashboard.js';
import { quantiles, rateBy } from './promql.js';

/** For who keeps data, labels and trainings moving. */
export const PIPELINE: Board = {
  uid: 'vigia-pipeline',
  title: 'Vigia: pipelines',
  description: 'Jobs, trainings, labels and what comes in.',
  choices: { queue: { metric: 'vigia_queue_jobs', label: 'queue' } },
  rows: [
    {
      title: 'Jobs',
      panels: [
        {
          title: 'Jobs in the queues',
          description: 'By state; what waits long has no worker.',
          kind: 'lines',
          unit: 'short',
          queries: [['max by (queue, state) (vigia_queue_jobs{queue=~"$queue"})', '{{queue}} {{state}}']],
        },
        {
          title: 'Attempts that ended, in an hour',
          description: 'By result.',
          kind: 'lines',
          unit: 'short',
          queries: [
            ['sum by (queue, result) (increase(vigia_jobs_total{queue=~"$queue"}[1h]))', '{{queue}} {{result}}'],
          ],
        },
        {
          title: 'Time of an attempt, p99',
          description: 'By queue.',
          kind: 'lines',
          unit: 's',
          queries: quantiles('vigia_job_seconds', '{queue=~"$queue"}', 'queue', [0.99]),
        },
      ],
    },
    {
      title: 'Models',
      panels: [
        {
          title: 'Trained last',
          description: 'Metrics of the version that was trained last, on its hold-out.',
          kind: 'now',
          unit: 'short',
          queries: [['max by (model, metric) (vigia_trained_model)', '{{model}} {{metric}}']],
        },
        {
          title: 'Verdicts of the gate in a day',
          description: 'Versions held against it.',
          kind: 'lines',
          unit: 'short',
          queries: [['sum by (model, verdict) (increase(vigia_gate_verdicts_total[1d]))', '{{model}} {{verdict}}']],
        },
        {
          title: 'Jobs that alerts asked for, in a day',
          description: 'Trainings and rollbacks.',
          kind: 'lines',
          unit: 'short',
          queries: [['sum by (kind) (increase(vigia_monitoring_actions_total[1d]))', '{{kind}}']],
        },
      ],
    },
    {
      title: 'Labels',
      panels: [
        {
          title: 'Outcomes a second',
          description: 'By source and result.',
          kind: 'lines',
          unit: 'short',
          queries: [[rateBy('source, result', 'vigia_outcomes_total'), '{{source}} {{result}}']],
        },
        {
          title: 'Lag of labels',
          description: 'From when a verdict became known until the windows knew it.',
          kind: 'lines',
          unit: 's',
          queries: quantiles('vigia_label_lag_seconds', '', '', [0.5, 0.95]),
        },
        {
          title: 'Labels that wait or were given up',
          description: 'Given up: the windows never hear of them, training does.',
          kind: 'lines',
          unit: 'short',
          queries: [
            ['sum(vigia_labels_waiting)', 'waiting'],
            ['sum(increase(vigia_labels_dropped_total[1h]))', 'given up in an hour'],
          ],
        },
      ],
    },
    {
      title: 'What comes in',
      panels: [
        {
          title: 'SPI messages a second',
          description: 'By type and what became of them.',
          kind: 'lines',
          unit: 'short',
          queries: [[rateBy('type, outcome', 'vigia_spi_messages_total'), '{{type}} {{outcome}}']],
        },
        {
          title: 'Lines of imports a second',
          description: 'By what became of them.',
          kind: 'lines',
          unit: 'short',
          queries: [[rateBy('outcome', 'vigia_import_lines_total'), '{{outcome}}']],
        },
        {
          title: 'Assessments of the last audit',
          description: 'Served vectors that were recomputed offline, by what became of them.',
          kind: 'now',
          unit: 'short',
          queries: [['max by (result) (vigia_audit_rows)', '{{result}}']],
        },
      ],
    },
  ],
};
