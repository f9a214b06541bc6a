import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE } from '../stack.js';
import { BUSINESS } from './business.js';
import { dashboardOf, type Board } from './dashboard.js';
import { MODEL } from './model.js';
import { PIPELINE } from './pipeline.js';
import { SERVICE } from './service.js';

export const DASHBOARDS = join(WORKSPACE, 'ops/dashboards');
export const BOARDS: Record<string, Board> = {
  'service.json': SERVICE,
  'model.json': MODEL,
  'pipeline.json': PIPELINE,
  'business.json': BUSINESS,
};

export const textOf = (board: Board): string => `${JSON.stringify(dashboardOf(board), null, 2)}\n`;

/** Writes the dashboards that Grafana loads; they are committed, so that a change shows. */
export function writeDashboards(): void {
  mkdirSync(DASHBOARDS, { recursive: true });
  for (const [file, board] of Object.entries(BOARDS)) writeFileSync(join(DASHBOARDS, file), textOf(board));
}
