import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HANDBOOK, PIX, featureSql, type DialectName } from '@vigia/features';
import { WORKSPACE } from './stack.js';

const DIALECTS: DialectName[] = ['duckdb', 'spark'];

/** Path of each generated SQL file and its text: what the offline engines run, for people to read. */
export function featureSqlFiles(): Record<string, string> {
  return Object.fromEntries(
    [PIX, HANDBOOK].flatMap((set) =>
      DIALECTS.map((dialect) => [`libs/features/sql/${set.name}.${dialect}.sql`, featureSql(set, dialect)]),
    ),
  );
}

export function writeFeatureSql(): void {
  for (const [path, text] of Object.entries(featureSqlFiles())) writeFileSync(join(WORKSPACE, path), text);
}
