import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { featureTables } from './feature-catalogue.js';
import { writeDashboards } from './dashboards/write-dashboards.js';
import { writeFeatureSql } from './feature-sql.js';
import { writeRows, type Tables } from '@vigia/testing';
import { referenceTables } from './reference-tables.js';
import { WORKSPACE } from './stack.js';

/** The generated pages, and the tables in them that follow from the libraries. */
export const PAGES: Record<string, () => Tables> = {
  'docs/reference.md': referenceTables,
  'docs/features.md': featureTables,
};

/** Each app writes its own tables in its test, since an app is imported by nobody else. */
export const APPS = ['scoring', 'ingestion', 'feature-store', 'training-worker', 'monitoring'];

/** Writes the SQL, the dashboards and the tables that follow from the libraries, then has the apps write theirs. */
function write(): number {
  writeFeatureSql();
  writeDashboards();
  for (const [page, tables] of Object.entries(PAGES)) writeRows(join(WORKSPACE, page), tables());
  const env = { ...process.env, UPDATE_DOCS: '1' };
  const codes = APPS.map((app) => {
    const flags = ['-c', join('apps', app, 'jest.config.cjs'), 'src/reference'];
    return spawnSync('jest', flags, { cwd: WORKSPACE, env, stdio: 'inherit' }).status ?? 1;
  });
  return Math.max(...codes);
}

if (require.main === module) {
  if (process.argv[2] !== '--write') {
    console.error('usage: reference.js --write');
    process.exit(2);
  }
  process.exit(write());
}
