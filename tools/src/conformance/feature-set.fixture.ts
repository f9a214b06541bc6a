import type { AggregateFeature, Aggregation, Expression, Feature, FeatureSet, Window } from '@vigia/features';

const window = (lengthMs: number, delayMs = 0): Window => ({ lengthMs, delayMs });
/** Windows that end now, and that ended before; lengths and delays that meet and overlap. */
const LIVE = [window(1_000), window(5_000), window(20_000)];
const DELAYED = [window(4_000, 1_000), window(20_000, 5_000)];

const ANYWHERE: Aggregation[] = [
  'count',
  'sum',
  'mean',
  'standard_deviation',
  'labelled_count',
  'labelled_share',
  'age_of_first',
];
const LIVE_ONLY: Aggregation[] = ['maximum', 'minimum', 'distinct_counterparties', 'time_since_last'];

const aggregates = (entity: string, aggregations: Aggregation[], windows: Window[]): AggregateFeature[] =>
  aggregations.flatMap((aggregation) =>
    windows.map((each) => ({
      kind: 'aggregate' as const,
      name: `${entity}_${aggregation}_${each.lengthMs}_${each.delayMs}`,
      description: '',
      unit: '',
      reason: 'R',
      entity,
      aggregation,
      window: each,
    })),
  );

const computed = (name: string, expression: Expression): Feature => ({
  kind: 'computed',
  name,
  description: '',
  unit: '',
  reason: 'R',
  expression,
});
const field = (name: string): Expression => ({ op: 'field', name });
const feature = (name: string): Expression => ({ op: 'feature', name });
const constant = (value: number): Expression => ({ op: 'constant', value });
const two = (
  op: 'divide' | 'modulo' | 'subtract' | 'multiply' | 'or' | 'and' | 'coalesce' | 'greater',
  l: Expression,
  r: Expression,
) => ({ op, left: l, right: r }) as Expression;

const km = field('device_distance_km');
const deviation = two('subtract', km, feature('payer_mean_20000_0'));

/** Every aggregation over every kind of window, entity and condition, and every operator over what may be missing. */
export const CONFORMANCE: FeatureSet = {
  name: 'conformance',
  owner: 'tests',
  entities: [
    { name: 'payer', key: ['payer'], counterparty: 'payee' },
    { name: 'payee', key: ['payee'], counterparty: 'payer' },
    { name: 'payee_as_payer', key: ['payee'], readsStateOf: 'payer' },
    { name: 'pair', key: ['payer', 'payee'] },
    { name: 'device', key: ['device'], counterparty: 'payer' },
    { name: 'manual', key: ['payer'], counterparty: 'payee', where: field('initiated_manually') },
    { name: 'far', key: ['payee'], where: two('greater', km, constant(100)) },
  ],
  features: [
    ...aggregates('payer', ANYWHERE, [...LIVE, ...DELAYED]),
    ...aggregates('payer', LIVE_ONLY, LIVE),
    ...aggregates('payee', ['count', 'sum', 'labelled_share', 'age_of_first'], [LIVE[0]!, ...DELAYED]),
    ...aggregates('payee', ['distinct_counterparties'], [LIVE[1]!]),
    ...aggregates('payee_as_payer', ['count', 'sum', 'time_since_last', 'maximum', 'labelled_count'], [LIVE[2]!]),
    ...aggregates('pair', ['count', 'time_since_last'], [LIVE[2]!]),
    ...aggregates('device', ['distinct_counterparties', 'minimum'], [LIVE[1]!, LIVE[2]!]),
    ...aggregates('manual', ['count', 'distinct_counterparties', 'time_since_last'], [LIVE[2]!]),
    ...aggregates('far', ['sum', 'count'], [LIVE[2]!, DELAYED[0]!]),
    computed('share_manual', two('divide', feature('manual_count_20000_0'), feature('payer_count_20000_0'))),
    computed('deviation', deviation),
    computed('remainder', two('modulo', deviation, two('subtract', km, constant(3)))),
    computed('beyond', two('multiply', two('multiply', km, constant(1e300)), constant(1e10))),
    computed('single', two('multiply', km, constant(1e38))),
    computed('whole', { op: 'floor', of: two('multiply', km, constant(1e17)) }),
    computed('either_of', two('or', field('device_rooted'), two('greater', km, constant(3)))),
    computed('both_of', two('and', field('device_rooted'), { op: 'not', of: field('device_emulator') })),
    computed('chosen', {
      op: 'when',
      condition: field('device_rooted'),
      then: two('coalesce', km, constant(-1)),
      otherwise: { op: 'isNull', of: km },
    }),
    computed('again', two('divide', feature('deviation'), feature('share_manual'))),
  ],
  reasons: { R: { pt: 'r', en: 'r' } },
};
