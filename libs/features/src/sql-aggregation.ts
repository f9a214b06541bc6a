import type { Aggregation } from './feature-set.js';

/** What a log's windows are measured by, exact whole numbers. */
export type Measure =
  'count' | 'sum' | 'squares' | 'maximum' | 'minimum' | 'oldest' | 'previous' | 'distinct' | 'labelled';

interface AggregationSql {
  measures: Measure[];
  /** The feature as a double; `m` gives the column of a measure, `at` the entity's clock. */
  sql: (m: (measure: Measure) => string, context: { at: string; lengthMs: number; wide: string }) => string;
}

const double = (text: string): string => `CAST(${text} AS DOUBLE)`;
const seconds = (from: string, to: string): string => `${double(`${to} - ${from}`)} / 1e3`;

/** The same arithmetic, in the same order, as `aggregation.ts`. */
export const AGGREGATION_SQL: Record<Aggregation, AggregationSql> = {
  count: { measures: ['count'], sql: (m) => double(m('count')) },
  sum: { measures: ['sum'], sql: (m) => `${double(m('sum'))} / 1e2` },
  mean: {
    measures: ['count', 'sum'],
    sql: (m) => `${double(m('sum'))} / ${double(`nullif(${m('count')}, 0)`)} / 1e2`,
  },
  standard_deviation: {
    measures: ['count', 'sum', 'squares'],
    sql: (m, { wide }) => {
      const numerator = `${m('count')} * ${m('squares')} - CAST(${m('sum')} AS ${wide}) * ${m('sum')}`;
      return `sqrt(${double(numerator)} / ${double(`nullif(${m('count')} * (${m('count')} - 1), 0)`)}) / 1e2`;
    },
  },
  maximum: { measures: ['maximum'], sql: (m) => `${double(m('maximum'))} / 1e2` },
  minimum: { measures: ['minimum'], sql: (m) => `${double(m('minimum'))} / 1e2` },
  distinct_counterparties: { measures: ['distinct'], sql: (m) => double(m('distinct')) },
  labelled_count: { measures: ['labelled'], sql: (m) => double(m('labelled')) },
  labelled_share: {
    measures: ['count', 'labelled'],
    sql: (m) => `CASE WHEN ${m('count')} = 0 THEN 0e0 ELSE ${double(m('labelled'))} / ${double(m('count'))} END`,
  },
  time_since_last: {
    measures: ['previous'],
    sql: (m, { at, lengthMs }) =>
      `CASE WHEN ${m('previous')} > ${at} - ${lengthMs} THEN ${seconds(m('previous'), at)} END`,
  },
  age_of_first: {
    measures: ['count', 'oldest'],
    sql: (m, { at }) => `CASE WHEN ${m('count')} > 0 THEN ${seconds(m('oldest'), at)} END`,
  },
};
