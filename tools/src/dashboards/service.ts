import type { Board } from './dashboard.js';
import { quantiles, rate, rateBy } from './promql.js';

const OF = '{service=~"$service"}';

/** For who keeps the services up. */
export const SERVICE: Board = {
  uid: 'vigia-service',
  title: 'Vigia: services',
  description: 'Load, latency, problems, what is degraded, the ledger and the windows.',
  choices: { service: { metric: 'vigia_build_info', label: 'service' } },
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests a second',
          description: 'HTTP and gRPC by service.',
          kind: 'lines',
          unit: 'reqps',
          queries: [
            [rateBy('service', `vigia_http_request_seconds_count${OF}`), '{{service}} HTTP'],
            [rateBy('service', `vigia_grpc_request_seconds_count${OF}`), '{{service}} gRPC'],
          ],
        },
        {
          title: 'Time of HTTP requests, p99',
          description: 'At the server, by service.',
          kind: 'lines',
          unit: 's',
          queries: quantiles('vigia_http_request_seconds', OF, 'service', [0.99]),
        },
        {
          title: 'Problems a second',
          description: 'Requests answered by a problem, by its code; docs/reference.md lists them.',
          kind: 'lines',
          unit: 'reqps',
          queries: [[rateBy('service, code', `vigia_problems_total${OF}`), '{{service}} {{code}}']],
        },
        {
          title: 'Requests in flight',
          description: 'Near the limit new ones are refused with 503.',
          kind: 'lines',
          unit: 'short',
          queries: [[`sum by (service) (vigia_requests_in_flight${OF})`, '{{service}}']],
        },
        {
          title: 'Delay of the event loop',
          description: 'The worst pod of each service.',
          kind: 'lines',
          unit: 's',
          queries: [[`max by (service) (vigia_loop_delay_seconds${OF})`, '{{service}}']],
        },
        {
          title: 'Versions that run',
          description: 'Pods by service and version: two of one service mean a rollout.',
          kind: 'now',
          unit: 'short',
          queries: [[`count by (service, version) (vigia_build_info${OF})`, '{{service}} {{version}}']],
        },
      ],
    },
    {
      title: 'Decision path',
      panels: [
        {
          title: 'Stages of a decision, p99',
          description: 'Which stage holds answers up.',
          kind: 'lines',
          unit: 's',
          queries: quantiles('vigia_decision_stage_seconds', '', 'stage', [0.99]),
        },
        {
          title: 'Degraded decisions a second',
          description: 'By the part that was away; the runbook has a section for each.',
          kind: 'lines',
          unit: 'reqps',
          queries: [[rateBy('part', 'vigia_degraded_total'), '{{part}}']],
        },
        {
          title: 'Repeated payments a second',
          description: 'Answered by their first assessment. Many: a caller sends again.',
          kind: 'lines',
          unit: 'reqps',
          queries: [[`sum(${rate('vigia_repeated_payments_total')})`, 'repeats']],
        },
      ],
    },
    {
      title: 'Ledger',
      panels: [
        {
          title: 'Pods whose records PostgreSQL takes',
          description: 'The rest writes to its disk.',
          kind: 'now',
          unit: 'short',
          queries: [
            ['sum(vigia_ledger_up)', 'up'],
            ['count(vigia_ledger_up) - sum(vigia_ledger_up)', 'on disk'],
          ],
        },
        {
          title: 'Records on local disk',
          description: 'They wait for PostgreSQL, by pod the most.',
          kind: 'lines',
          unit: 'short',
          queries: [
            ['sum(vigia_ledger_spool_rows)', 'all'],
            ['max(vigia_ledger_spool_rows)', 'most of a pod'],
          ],
        },
        {
          title: 'Time of the last commit',
          description: 'The slowest pod; every answer waits for its commit.',
          kind: 'lines',
          unit: 's',
          queries: [['max(vigia_ledger_commit_seconds)', 'slowest']],
        },
      ],
    },
    {
      title: 'Windows in Valkey',
      panels: [
        {
          title: 'Memory of the windows',
          description: 'By kind of entity, estimated from samples.',
          kind: 'lines',
          unit: 'bytes',
          queries: [['max by (state) (vigia_online_state_bytes)', '{{state}}']],
        },
        {
          title: 'Age of the newest payment',
          description: 'Far from now: the windows are not fed.',
          kind: 'lines',
          unit: 's',
          queries: [['time() - max(vigia_online_newest_event_timestamp_seconds)', 'newest']],
        },
        {
          title: 'Keys evicted',
          description: 'Must stay 0: windows may have lost payments.',
          kind: 'now',
          unit: 'short',
          queries: [['max(vigia_online_evicted_keys)', 'evicted']],
        },
      ],
    },
  ],
};
