import type { AggregateFeature, Entity, FeatureSet } from './feature-set.js';
import { stateNameOf } from './online-plan.js';
import type { Window } from './plan.js';
import { AGGREGATION_SQL, type Measure } from './sql-aggregation.js';
import type { Dialect } from './sql-dialect.js';
import { expressionSql } from './sql-expression.js';

/**
 * Moments order the touches of one entity without ties: the time of the clock in ms, then 20 bits for the order of
 * arrival within it. A frame that ends half of that range before a time holds all touches of the time before it.
 */
const TICKS = 2n ** 20n;
const HALF = TICKS / 2n;
/** The frame's distance that leaves out all touches at t - ageMs or earlier. */
const distanceOf = (ageMs: number): bigint => BigInt(ageMs) * TICKS - HALF;

const UNITS: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

function span(ms: number): string {
  const [unit, length] = UNITS.find(([, each]) => ms % each === 0)!;
  return `${ms / length}${unit}`;
}

/** `30d`, `1d_delayed_7d`: part of the names of columns. */
export function windowName({ lengthMs, delayMs }: Window): string {
  return delayMs === 0 ? span(lengthMs) : `${span(lengthMs)}_delayed_${span(delayMs)}`;
}

/** Column of a measure over a window. */
export const measureColumn = (measure: Measure, window: Window): string => `${measure}_${windowName(window)}`;

/** The common table expressions of one log; the last, `<state>_state`, has a row per touch: (arrival, entity). */
export function stateSql(set: FeatureSet, state: string, dialect: Dialect): string[] {
  const features = set.features.filter(
    (f): f is AggregateFeature => f.kind === 'aggregate' && stateNameOf(set, f.entity) === state,
  );
  const needed = new Map<Measure, Window[]>();
  for (const { aggregation, window } of features) {
    for (const measure of AGGREGATION_SQL[aggregation].measures) {
      const windows = needed.get(measure) ?? [];
      if (!windows.some((known) => windowName(known) === windowName(window))) needed.set(measure, [...windows, window]);
    }
  }
  const distinct = needed.get('distinct') ?? [];
  const labelled = needed.get('labelled') ?? [];
  return [
    touchesSql(set, state, dialect),
    clockSql(state),
    momentsSql(state),
    windowsSql(state, needed, dialect),
    ...(distinct.length > 0 ? [departuresSql(state), distinctSql(state, distinct)] : []),
    ...(labelled.length > 0 ? [verdictsSql(state), labelledSql(state, labelled)] : []),
    joinedSql(state, distinct, labelled),
  ];
}

function touchesSql(set: FeatureSet, state: string, dialect: Dialect): string {
  const selects = set.entities.flatMap((entity, index) => {
    if (stateNameOf(set, entity.name) !== state) return [];
    const counterparty = entity.counterparty ?? 'CAST(NULL AS VARCHAR(100))';
    return `  SELECT arrival, ${index} AS entity, end_to_end_id, ${keySql(entity)} AS entity_key,
    ${dialect.name === 'spark' ? counterparty.replace('VARCHAR(100)', 'STRING') : counterparty} AS counterparty, accepted_at_ms, amount_cents, ${addsSql(entity, dialect)} AS adds
  FROM payments WHERE ${entity.key.map((part) => `${part} IS NOT NULL`).join(' AND ')}`;
  });
  return `-- Log ${state}: whoever touches it, by adding an event or by reading alone.
${state}_touches AS (
${selects.join('\n  UNION ALL\n')}
)`;
}

const keySql = ({ key }: Entity): string => (key.length === 1 ? key[0]! : `concat_ws('|', ${key.join(', ')})`);

function addsSql({ readsStateOf, where }: Entity, dialect: Dialect): string {
  if (readsStateOf !== undefined) return 'FALSE';
  if (!where) return 'observed';
  const names = {
    field: fieldColumn,
    feature: (name: string): string => {
      throw new Error(`the condition of an entity names the feature ${name}, not a field`);
    },
  };
  return `observed AND coalesce(${expressionSql(where, names, dialect)} <> 0, FALSE)`;
}

/** Times and amounts are stored as whole numbers; expressions take doubles. */
export function fieldColumn(name: string): string {
  return name === 'accepted_at_ms' || name === 'amount_cents' ? `CAST(${name} AS DOUBLE)` : name;
}

const clockSql = (
  state: string,
): string => `-- Its clock: the latest time of a touch from the first event on; a late touch is taken at the clock.
${state}_positions AS (
  SELECT *, count(CASE WHEN adds THEN 1 END) OVER (
    PARTITION BY entity_key ORDER BY arrival, entity ROWS UNBOUNDED PRECEDING) AS position
  FROM ${state}_touches
),
${state}_clock AS (
  SELECT *, greatest(accepted_at_ms, max(CASE WHEN position > 0 THEN accepted_at_ms END) OVER (
    PARTITION BY entity_key ORDER BY arrival, entity ROWS UNBOUNDED PRECEDING)) AS at_ms
  FROM ${state}_positions
)`;

/** Whoever reads before the first event stands before all time: the log is empty, whatever the hour. */
const momentsSql = (state: string): string => `${state}_moments AS (
  SELECT *, CASE WHEN adds THEN amount_cents END AS amount, CASE WHEN adds THEN at_ms END AS event_ms,
    CASE WHEN position > 0 THEN at_ms * ${TICKS} ELSE 0 END
      + row_number() OVER (PARTITION BY entity_key, at_ms ORDER BY arrival, entity) AS moment
  FROM ${state}_clock
)`;

/** Sums over a window are those up to its end without those up to its beginning: each row is looked at twice at most. */
function windowsSql(state: string, needed: Map<Measure, Window[]>, dialect: Dialect): string {
  const frames = new Map<string, string>();
  const frame = (name: string, text: string): string => {
    frames.set(name, `(PARTITION BY entity_key ORDER BY moment ${text})`);
    return name;
  };
  const upTo = (ageMs: number): string =>
    ageMs === 0
      ? frame('up_to_now', 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW')
      : frame(
          `up_to_${span(ageMs)}`,
          `RANGE BETWEEN UNBOUNDED PRECEDING AND ${dialect.distance(distanceOf(ageMs))} PRECEDING`,
        );
  const within = (window: Window): string => {
    const from = dialect.distance(distanceOf(window.lengthMs + window.delayMs));
    const to = window.delayMs === 0 ? 'CURRENT ROW' : `${dialect.distance(distanceOf(window.delayMs))} PRECEDING`;
    return frame(`within_${windowName(window)}`, `RANGE BETWEEN ${from} PRECEDING AND ${to}`);
  };
  const difference = (call: string, { lengthMs, delayMs }: Window): string =>
    `coalesce(${call} OVER ${upTo(delayMs)}, 0) - coalesce(${call} OVER ${upTo(delayMs + lengthMs)}, 0)`;
  const square = `CAST(amount AS ${dialect.wide}) * amount`;
  const measures: Partial<Record<Measure, (window: Window) => string>> = {
    count: (window) => difference('count(amount)', window),
    sum: (window) => difference('sum(amount)', window),
    squares: (window) => difference(`sum(${square})`, window),
    maximum: (window) => `max(amount) OVER ${within(window)}`,
    minimum: (window) => `min(amount) OVER ${within(window)}`,
    oldest: (window) => `min(event_ms) OVER ${within(window)}`,
  };
  const columns = [...needed].flatMap(([measure, windows]) =>
    measures[measure]
      ? windows.map((window) => `${measures[measure]!(window)} AS ${measureColumn(measure, window)}`)
      : [],
  );
  if (needed.has('previous')) {
    const before = frame('before', 'ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING');
    columns.unshift(`max(event_ms) OVER ${before} AS previous_ms`);
  }
  const named = [...frames].map(([name, text]) => `    ${name} AS ${text}`).join(',\n');
  return `${state}_windows AS (
  SELECT ${['arrival', 'entity', 'at_ms', 'position', ...columns].join(',\n    ')}
  FROM ${state}_moments${named === '' ? '' : `\n  WINDOW\n${named}`}
)`;
}

/** An event stands for its counterparty until the next event with the same one, or until it leaves the window. */
const departuresSql = (
  state: string,
): string => `-- Distinct counterparties: an event stands for its counterparty until the next with the same, or until it leaves.
${state}_standing AS (
  SELECT entity_key, at_ms, lead(moment) OVER (PARTITION BY entity_key, counterparty ORDER BY moment) AS replaced
  FROM ${state}_moments WHERE adds AND counterparty IS NOT NULL
)`;

function distinctSql(state: string, windows: Window[]): string {
  const steps = windows.map((window) => measureColumn('distinct', window));
  const departures = windows.map(
    ({ lengthMs }, index) => `    UNION ALL
    SELECT NULL, NULL, entity_key, least(replaced, (at_ms + ${lengthMs}) * ${TICKS}), ${windows.map((_, other) => (other === index ? -1 : 0)).join(', ')}
    FROM ${state}_standing`,
  );
  const sums = steps.map(
    (step) => `sum(${step}) OVER (PARTITION BY entity_key ORDER BY moment
    RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS ${step}`,
  );
  return `${state}_distinct AS (
  SELECT * FROM (
  SELECT arrival, entity, ${sums.join(',\n    ')}
  FROM (
    SELECT arrival, entity, entity_key, moment, ${steps.map((step) => `CASE WHEN adds AND counterparty IS NOT NULL THEN 1 ELSE 0 END AS ${step}`).join(', ')}
    FROM ${state}_moments
${departures.join('\n')}
  ) AS steps) AS summed WHERE arrival IS NOT NULL
)`;
}

const verdictsSql = (
  state: string,
): string => `-- Labels count from their arrival on, and for the event that they are about.
${state}_verdicts AS (
  SELECT v.arrival, e.entity_key, e.moment, v.change
  FROM ${state}_moments e JOIN verdicts v ON v.end_to_end_id = e.end_to_end_id
  WHERE e.adds
)`;

function labelledSql(state: string, windows: Window[]): string {
  const reachMs = Math.max(...windows.map(({ lengthMs, delayMs }) => lengthMs + delayMs));
  const sums = windows.map((window) => {
    const from = `v.moment > t.moment - ${distanceOf(window.lengthMs + window.delayMs)}`;
    const inside = window.delayMs === 0 ? from : `${from} AND v.moment < t.moment - ${distanceOf(window.delayMs)}`;
    return `sum(CASE WHEN ${inside} THEN v.change ELSE 0 END) AS ${measureColumn('labelled', window)}`;
  });
  return `${state}_labelled AS (
  SELECT t.arrival, t.entity, ${sums.join(',\n    ')}
  FROM ${state}_moments t JOIN ${state}_verdicts v
    ON v.entity_key = t.entity_key AND v.arrival < t.arrival AND v.moment > t.moment - ${distanceOf(reachMs)}
  GROUP BY t.arrival, t.entity
)`;
}

function joinedSql(state: string, distinct: Window[], labelled: Window[]): string {
  const columns = [
    'w.*',
    ...distinct.map((window) => `d.${measureColumn('distinct', window)}`),
    ...labelled.map(
      (window) => `coalesce(l.${measureColumn('labelled', window)}, 0) AS ${measureColumn('labelled', window)}`,
    ),
  ];
  const joins = [
    ...(distinct.length > 0 ? [`JOIN ${state}_distinct d ON d.arrival = w.arrival AND d.entity = w.entity`] : []),
    ...(labelled.length > 0 ? [`LEFT JOIN ${state}_labelled l ON l.arrival = w.arrival AND l.entity = w.entity`] : []),
  ];
  return `${state}_state AS (
  SELECT ${columns.join(', ')}
  FROM ${[`${state}_windows w`, ...joins].join('\n  ')}
)`;
}
