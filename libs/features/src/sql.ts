import { namesIn } from './expression.js';
import { hashOf, type AggregateFeature, type ComputedFeature, type FeatureSet } from './feature-set.js';
import { stateNameOf } from './online-plan.js';
import { AGGREGATION_SQL, type Measure } from './sql-aggregation.js';
import { DIALECTS, type Dialect, type DialectName } from './sql-dialect.js';
import { expressionSql } from './sql-expression.js';
import { TURNS, fieldColumn, measureColumn, stateSql } from './sql-state.js';

/**
 * Compiles a feature set to one SELECT over the relations `payments` and `labels` (see event-table.ts). It answers, a row
 * per payment: arrival, end_to_end_id, per entity `<entity>_at` and `<entity>_position` (null where the payment has no
 * such entity), then each feature as float32, null where it is missing: bit for bit what the online plan serves.
 */
export function featureSql(set: FeatureSet, dialectName: DialectName): string {
  const dialect = DIALECTS[dialectName];
  const states = [...new Set(set.entities.map(({ name }) => stateNameOf(set, name)))];
  const layers = layersOf(set);
  const last = layers.length - 1;
  const tables = [
    VERDICTS,
    ...states.flatMap((state) => stateSql(set, state, dialect)),
    aggregatedSql(set, layers.flat(), dialect),
    ...layers.map((layer, depth) => layerSql(set, layer, depth, dialect)),
  ];
  const columns = [
    'arrival',
    'end_to_end_id',
    ...set.entities.flatMap(({ name }) => [`${name}_at`, `${name}_position`]),
    ...set.features.map((feature) =>
      feature.kind === 'aggregate'
        ? `CAST(${feature.name} AS FLOAT) AS ${feature.name}`
        : `${dialect.float32(feature.name)} AS ${feature.name}`,
    ),
  ];
  return `-- Feature set ${set.name}, ${hashOf(set)}, for ${dialectName}.
-- Generated from its declaration by \`npm run docs\`; do not edit.
WITH
${tables.join(',\n')}
SELECT
  ${columns.join(',\n  ')}
FROM ${last < 0 ? 'aggregated' : `computed_${last}`}
`;
}

/** The changes of what is known of a payment, each after the payment itself. */
const VERDICTS = `verdicts AS (
  SELECT arrival, end_to_end_id, CASE WHEN fraud THEN 1 ELSE -1 END AS change
  FROM (
    SELECT l.arrival, l.end_to_end_id, l.fraud,
      lag(l.fraud, 1, FALSE) OVER (PARTITION BY l.end_to_end_id ORDER BY l.arrival) AS before
    FROM labels l JOIN payments p ON p.end_to_end_id = l.end_to_end_id
    WHERE l.arrival > p.arrival
  ) AS words
  WHERE fraud <> before
)`;

/** Computed features by how deep they build on others: a layer names only features of those before it. */
function layersOf(set: FeatureSet): ComputedFeature[][] {
  const depths = new Map<string, number>();
  const layers: ComputedFeature[][] = [];
  for (const feature of set.features) {
    if (feature.kind === 'aggregate') continue;
    const depth = Math.max(0, ...namesIn(feature.expression).features.map((name) => (depths.get(name) ?? -1) + 1));
    depths.set(feature.name, depth);
    (layers[depth] ??= []).push(feature);
  }
  return layers;
}

function aggregatedSql(set: FeatureSet, computed: ComputedFeature[], dialect: Dialect): string {
  const fields = new Set(computed.flatMap(({ expression }) => namesIn(expression).fields));
  const columns = [
    'p.arrival',
    'p.end_to_end_id',
    // A field and a feature may share a name.
    ...[...fields].map((name) => `${fieldColumn(name).replace(name, `p.${name}`)} AS field_${name}`),
    ...set.entities.flatMap(({ name }) => [`${name}.at_ms AS ${name}_at`, `${name}.position AS ${name}_position`]),
    ...set.features
      .filter((feature) => feature.kind === 'aggregate')
      .map((feature) => `${aggregateSql(feature, dialect)} AS ${feature.name}`),
  ];
  const joins = set.entities.map(
    ({ name }, index) =>
      `  LEFT JOIN ${stateNameOf(set, name)}_state AS ${name} ON ${name}.turn = p.arrival * ${TURNS} + ${index}`,
  );
  return `aggregated AS (
  SELECT
    ${columns.join(',\n    ')}
  FROM payments AS p
${joins.join('\n')}
)`;
}

function aggregateSql({ entity, aggregation, window }: AggregateFeature, dialect: Dialect): string {
  const column = (measure: Measure): string =>
    `${entity}.${measure === 'previous' ? 'previous_ms' : measureColumn(measure, window)}`;
  const context = { at: `${entity}.at_ms`, lengthMs: window.lengthMs, wide: dialect.wide };
  const text = AGGREGATION_SQL[aggregation].sql(column, context);
  return text;
}

function layerSql(set: FeatureSet, layer: ComputedFeature[], depth: number, dialect: Dialect): string {
  const names = { field: (name: string) => `field_${name}`, feature: (name: string) => name };
  const columns = layer.map(({ name, expression }) => `${expressionSql(expression, names, dialect)} AS ${name}`);
  return `computed_${depth} AS (
  SELECT *,
    ${columns.join(',\n    ')}
  FROM ${depth === 0 ? 'aggregated' : `computed_${depth - 1}`}
)`;
}
