import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pseudonymousPayment } from '@vigia/contracts';
import { HANDBOOK, PIX, eventSql, featureSql, hashOf, type DialectName, type FeatureSet } from '@vigia/features';
import { z } from 'zod';
import { WORKSPACE } from './stack.js';

const DIALECTS: DialectName[] = ['duckdb', 'spark'];

/** Path of each generated file and its text: what the offline engines and the lake run, for people to read. */
export function featureSqlFiles(): Record<string, string> {
  const ofSets = [PIX, HANDBOOK].flatMap((set) =>
    Object.entries(filesOf(set)).map(([ending, text]) => [`libs/features/sql/${set.name}.${ending}`, text]),
  );
  return {
    ...Object.fromEntries(ofSets),
    'libs/features/sql/payment.schema.json': asJson(z.toJSONSchema(pseudonymousPayment)),
  };
}

function filesOf(set: FeatureSet): Record<string, string> {
  const names = set.features.map(({ name }) => name);
  return {
    ...Object.fromEntries(DIALECTS.map((dialect) => [`${dialect}.sql`, featureSql(set, dialect)])),
    'payments.spark.sql': eventSql(set),
    json: asJson({ name: set.name, hash: hashOf(set), features: names }),
  };
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function writeFeatureSql(): void {
  for (const [path, text] of Object.entries(featureSqlFiles())) writeFileSync(join(WORKSPACE, path), text);
}
