import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
  type Panel as GrafanaPanel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  ReduceDataOptionsBuilder,
  VizLegendOptionsBuilder,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';

/** A PromQL expression and the name of its lines, as Grafana's legends have it: `{{label}}`. */
export type Query = [expr: string, legend: string];

export interface Panel {
  title: string;
  /** What a reader does with it, in a sentence. */
  description: string;
  /** `lines` over time; `now`: the newest values. */
  kind: 'lines' | 'now';
  /** Id of a unit of Grafana: `s`, `bytes`, `percentunit`, `short`, … */
  unit: string;
  queries: Query[];
}

export interface Board {
  /** Stable: links and bookmarks name it. */
  uid: string;
  title: string;
  description: string;
  /** Choices above the panels, by name: values of this label of this metric. */
  choices: Record<string, { metric: string; label: string }>;
  rows: { title: string; panels: Panel[] }[];
}

/** Of the data source that the reader chooses; a variable of Grafana. */
const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };
/** Grafana's grid has 24 columns. */
const [PANEL_COLUMNS, PANEL_ROWS] = [8, 8];

/** A dashboard by the types that Grafana generates from its schema. */
export function dashboardOf(board: Board): Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags(['vigia'])
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const [name, { metric, label }] of Object.entries(board.choices))
    builder.withVariable(choice(name, metric, label));
  for (const { title, panels } of board.rows) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(panelOf(panel));
  }
  return withIds(builder.build());
}

function choice(name: string, metric: string, label: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .datasource(PROMETHEUS)
    .query(`label_values(${metric}, ${label})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });
}

function panelOf({ title, description, kind, unit, queries }: Panel): Builder<GrafanaPanel> {
  const builder = kind === 'lines' ? lines() : newest();
  builder
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(PROMETHEUS)
    .span(PANEL_COLUMNS)
    .height(PANEL_ROWS);
  for (const [index, [expr, legend]] of queries.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .datasource(PROMETHEUS)
      .expr(expr)
      .legendFormat(legend);
    builder.withTarget(kind === 'lines' ? query.range() : query.instant());
  }
  return builder;
}

const lines = (): TimeseriesBuilder =>
  new TimeseriesBuilder().fillOpacity(8).legend(new VizLegendOptionsBuilder().showLegend(true));

/** Several series stand beside each other. */
const newest = (): StatBuilder =>
  new StatBuilder().reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));

/** Panels are told apart by ids, which must stay the same from one generation to the next. */
function withIds(dashboard: Dashboard): Dashboard {
  for (const [index, panel] of (dashboard.panels ?? []).entries()) panel.id = index + 1;
  return dashboard;
}
