import type { AggregateFeature, Entity, FeatureSet } from './feature-set.js';
import { stateNameOf } from './online-plan.js';
import type { Window } from './plan.js';
import { AGGREGATION_SQL, type Measure } from './sql-aggregation.js';
import type { Dialect } from './sql-dialect.js';
import { expressionSql } from './sql-expression.js';

/** Turns order the touches of all entities: by arrival, within one payment by entity. */
export const TURNS = 64;
/**
 * Moments order the touches of one entity without ties: the time of its clock in ms, then 20 bits for the turn within it.
 * A frame that ends half of that range before a time holds all touches of the time before it.
 */
const TICKS = 2n ** 20n;
/** The frame's distance that leaves out all touches at t - ageMs or earlier. */
const momentsOf = (ageMs: number): bigint => BigInt(ageMs) * TICKS - TICKS / 2n;

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

/** The common table expressions of one log; the last, `<state>_state`, has a row per touch, by its turn. */
export function stateSql(set: FeatureSet, state: string, dialect: Dialect): string[] {
  const needed = measuresOf(set, state);
  const distinct = dialect.slides ? [] : (needed.get('distinct') ?? []);
  const labelled = needed.get('labelled') ?? [];
  return [
    touchesSql(set, state, dialect),
    clockSql(state, needed, dialect),
    windowsSql(state, needed, dialect),
    ...(distinct.length > 0 ? [distinctSql(state, distinct)] : []),
    ...(labelled.length > 0 ? [labelledSql(state, labelled)] : []),
    joinedSql(state, distinct, labelled),
  ];
}

type Measures = Map<Measure, Window[]>;

function measuresOf(set: FeatureSet, state: string): Measures {
  const needed: Measures = new Map();
  for (const feature of set.features) {
    if (feature.kind !== 'aggregate' || stateNameOf(set, feature.entity) !== state) continue;
    for (const measure of AGGREGATION_SQL[feature.aggregation].measures) {
      const windows = needed.get(measure) ?? [];
      const isKnown = windows.some((known) => windowName(known) === windowName(feature.window));
      needed.set(measure, isKnown ? windows : [...windows, feature.window]);
    }
  }
  return needed;
}

function touchesSql(set: FeatureSet, state: string, dialect: Dialect): string {
  const selects = set.entities.flatMap((entity, index) => {
    if (stateNameOf(set, entity.name) !== state) return [];
    const counterparty = entity.counterparty ?? `CAST(NULL AS ${dialect.text})`;
    return `  SELECT arrival * ${TURNS} + ${index} AS turn, end_to_end_id, ${keySql(entity)} AS entity_key,
    ${counterparty} AS counterparty, accepted_at_ms, ${addsSql(entity, dialect)} AS adds, amount_cents
  FROM payments WHERE ${entity.key.map((part) => `${part} IS NOT NULL`).join(' AND ')}`;
  });
  return `-- Log ${state}: whoever touches it, by adding an event or by reading alone.
${state}_touches AS (
${selects.join('\n  UNION ALL\n')}
),
${state}_first AS (
  SELECT entity_key, min(turn) AS first_turn FROM ${state}_touches WHERE adds GROUP BY entity_key
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

/** A log that has no event yet is read as empty whatever the hour: its readers stand before all time, at 0. */
function clockSql(state: string, needed: Measures, dialect: Dialect): string {
  const next =
    needed.has('oldest') && !dialect.slides
      ? `,
    CASE WHEN adds THEN lead(CASE WHEN adds THEN clock_ms END) IGNORE NULLS
      OVER (PARTITION BY entity_key ORDER BY turn) END AS next_ms`
      : '';
  return `-- Its clock: the latest time of a touch since the first event; a late touch is taken at the clock.
${state}_clock AS (
  SELECT *, row_number() OVER turns AS touch,
    CASE WHEN has_begun THEN max(CASE WHEN has_begun THEN accepted_at_ms END) OVER turns ELSE 0 END AS clock_ms
  FROM (
    SELECT t.*, CASE WHEN adds THEN amount_cents END AS amount, coalesce(turn >= first_turn, FALSE) AS has_begun
    FROM ${state}_touches t LEFT JOIN ${state}_first f ON f.entity_key = t.entity_key
  ) AS begun
  WINDOW turns AS (PARTITION BY entity_key ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
${state}_moments AS (
  SELECT *, clock_ms * ${TICKS} + touch - rank() OVER (PARTITION BY entity_key ORDER BY clock_ms) AS moment${next}
  FROM ${state}_clock
)`;
}

const DISTINCT = 'count(DISTINCT CASE WHEN adds THEN counterparty END)';

function windowsSql(state: string, needed: Measures, dialect: Dialect): string {
  const frames = new Map<string, string>();
  const frame = (name: string, text: string): string => {
    frames.set(name, `(PARTITION BY entity_key ORDER BY moment ${text})`);
    return name;
  };
  const before = (ageMs: number): string => `${dialect.distance(momentsOf(ageMs))} PRECEDING`;
  const upTo = (ageMs: number): string =>
    ageMs === 0
      ? frame('up_to_now', 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW')
      : frame(`up_to_${span(ageMs)}`, `RANGE BETWEEN UNBOUNDED PRECEDING AND ${before(ageMs)}`);
  const within = ({ lengthMs, delayMs }: Window): string => {
    const end = delayMs === 0 ? 'CURRENT ROW' : before(delayMs);
    return frame(
      `within_${windowName({ lengthMs, delayMs })}`,
      `RANGE BETWEEN ${before(lengthMs + delayMs)} AND ${end}`,
    );
  };
  const total = (call: string, window: Window): string =>
    dialect.slides
      ? `coalesce(${call} OVER ${within(window)}, 0)`
      : `coalesce(${call} OVER ${upTo(window.delayMs)}, 0)` +
        ` - coalesce(${call} OVER ${upTo(window.delayMs + window.lengthMs)}, 0)`;
  const measures: Partial<Record<Measure, (window: Window) => string>> = {
    count: (window) => total('count(amount)', window),
    sum: (window) => total('sum(amount)', window),
    squares: (window) => total(`sum(CAST(amount AS ${dialect.wide}) * amount)`, window),
    maximum: (window) => `max(amount) OVER ${within(window)}`,
    minimum: (window) => `min(amount) OVER ${within(window)}`,
    ...(dialect.slides && { distinct: (window: Window) => `${DISTINCT} OVER ${within(window)}` }),
    // Growing frames: the event that follows the last one before the window, or the log's first.
    oldest: (window) =>
      dialect.slides
        ? `min(CASE WHEN adds THEN clock_ms END) OVER ${within(window)}`
        : `coalesce(max(next_ms) OVER ${upTo(window.lengthMs + window.delayMs)}, ` +
          `min(CASE WHEN adds THEN clock_ms END) OVER ${upTo(0)})`,
  };
  const columns = [...needed].flatMap(([measure, windows]) =>
    measures[measure] ? windows.map((each) => `${measures[measure]!(each)} AS ${measureColumn(measure, each)}`) : [],
  );
  if (needed.has('previous')) {
    const earlier = frame('earlier', 'ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING');
    columns.push(`max(CASE WHEN adds THEN clock_ms END) OVER ${earlier} AS previous_ms`);
  }
  const position = `count(amount) OVER ${upTo(0)} AS position`;
  const named = [...frames].map(([name, text]) => `    ${name} AS ${text}`).join(',\n');
  return `${state}_windows AS (
  SELECT turn, CASE WHEN has_begun THEN clock_ms ELSE accepted_at_ms END AS at_ms,
    ${[position, ...columns].join(',\n    ')}
  FROM ${state}_moments
  WINDOW
${named}
)`;
}

/** Without counting a frame anew: +1 where an event enters, -1 where it stops standing for its counterparty. */
function distinctSql(state: string, windows: Window[]): string {
  const steps = windows.map((window) => measureColumn('distinct', window));
  const leaves = windows.map(
    ({ lengthMs }, index) => `    UNION ALL
    SELECT NULL, entity_key, least(replaced, (clock_ms + ${lengthMs}) * ${TICKS}), ${steps.map((_, other) => (other === index ? -1 : 0)).join(', ')}
    FROM ${state}_standing`,
  );
  const sums = steps.map((step) => `sum(${step}) OVER up_to_now AS ${step}`);
  const enters = steps.map((step) => `CASE WHEN adds AND counterparty IS NOT NULL THEN 1 ELSE 0 END AS ${step}`);
  return `-- Distinct counterparties: an event stands for its own until the next with the same, or until it leaves the window.
${state}_standing AS (
  SELECT entity_key, clock_ms, lead(moment) OVER (PARTITION BY entity_key, counterparty ORDER BY moment) AS replaced
  FROM ${state}_moments WHERE adds AND counterparty IS NOT NULL
),
${state}_steps AS (
    SELECT turn, entity_key, moment, ${enters.join(', ')}
    FROM ${state}_moments
${leaves.join('\n')}
),
${state}_distinct AS (
  SELECT turn, ${sums.join(',\n    ')}
  FROM ${state}_steps
  WINDOW up_to_now AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)`;
}

function labelledSql(state: string, windows: Window[]): string {
  const reachMs = Math.max(...windows.map(({ lengthMs, delayMs }) => lengthMs + delayMs));
  const sums = windows.map((window) => {
    const from = `v.clock_ms > t.clock_ms - ${window.lengthMs + window.delayMs}`;
    const inside = window.delayMs === 0 ? from : `${from} AND v.clock_ms <= t.clock_ms - ${window.delayMs}`;
    return `sum(CASE WHEN ${inside} THEN v.change ELSE 0 END) AS ${measureColumn('labelled', window)}`;
  });
  return `-- Labels count from their arrival on, and for the event that they are about.
${state}_verdicts AS (
  SELECT v.arrival * ${TURNS} AS turn, e.entity_key, e.clock_ms, v.change
  FROM ${state}_clock e JOIN verdicts v ON v.end_to_end_id = e.end_to_end_id
  WHERE e.adds
),
${state}_labelled AS (
  SELECT t.turn, ${sums.join(',\n    ')}
  FROM ${state}_clock t JOIN ${state}_verdicts v
    ON v.entity_key = t.entity_key AND v.turn < t.turn AND v.clock_ms > t.clock_ms - ${reachMs}
  GROUP BY t.turn
)`;
}

function joinedSql(state: string, distinct: Window[], labelled: Window[]): string {
  const columns = [
    'w.*',
    ...distinct.map((window) => `d.${measureColumn('distinct', window)}`),
    ...labelled.map((window) => measureColumn('labelled', window)).map((name) => `coalesce(l.${name}, 0) AS ${name}`),
  ];
  const joins = [
    ...(distinct.length > 0 ? [`JOIN ${state}_distinct d ON d.turn = w.turn`] : []),
    ...(labelled.length > 0 ? [`LEFT JOIN ${state}_labelled l ON l.turn = w.turn`] : []),
  ];
  return `${state}_state AS (
  SELECT ${columns.join(', ')}
  FROM ${[`${state}_windows w`, ...joins].join('\n  ')}
)`;
}
