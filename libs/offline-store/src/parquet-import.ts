import { existsSync } from 'node:fs';
import { Fault, type FaultCode } from '@vigia/contracts';
import { LABEL_COLUMNS, eventColumns, type EventColumn, type FeatureSet } from '@vigia/features';
import type { OfflineStore, Step } from './offline-store.js';
import { quoted } from './quoted.js';

export interface EventFiles {
  payments: string;
  labels: string;
}

/** Columns without which a row says nothing. */
const REQUIRED: Record<keyof EventFiles, string[]> = {
  payments: ['arrival', 'end_to_end_id', 'accepted_at_ms', 'amount_cents', 'observed'],
  labels: ['arrival', 'end_to_end_id', 'fraud'],
};

interface Rule {
  code: FaultCode;
  field: string;
  message: string;
  /** Answers a row where the rule is broken. */
  broken: string;
}

/** What history means: where it is broken, an engine would answer anything. */
const RULES: Rule[] = [
  {
    code: 'invalid_request',
    field: 'end_to_end_id',
    message: 'stands in several rows of the payments, must in one',
    broken: 'SELECT end_to_end_id FROM payments GROUP BY end_to_end_id HAVING count(*) > 1 LIMIT 1',
  },
  {
    code: 'invalid_request',
    field: 'arrival',
    message: 'is the same for several payments, or for several labels of one payment',
    broken: `SELECT arrival FROM payments GROUP BY arrival HAVING count(*) > 1
      UNION ALL SELECT arrival FROM labels GROUP BY end_to_end_id, arrival HAVING count(*) > 1 LIMIT 1`,
  },
  {
    code: 'outcome_before_payment',
    field: 'arrival',
    message: 'of a label is not after that of its payment',
    broken: 'SELECT 1 FROM labels JOIN payments USING (end_to_end_id) WHERE labels.arrival <= payments.arrival LIMIT 1',
  },
];

/** Replaces the loaded history by that of the files, or leaves it as it is. */
export async function importParquet(
  store: OfflineStore,
  set: FeatureSet,
  files: EventFiles,
  step: Step,
): Promise<void> {
  await store.run('BEGIN TRANSACTION');
  try {
    await importTable(store, 'payments', eventColumns(set), files.payments, step);
    await importTable(store, 'labels', LABEL_COLUMNS, files.labels, step);
    for (const { code, field, message, broken } of RULES) {
      if ((await store.ask(broken)).length === 0) continue;
      throw new Fault(code, {
        detail: `${field} ${message}: correct ${files.payments} or ${files.labels}`,
        errors: [{ field, message }],
      });
    }
    await store.run('COMMIT');
  } catch (error) {
    // The engine may have ended the transaction itself; the error says why.
    await store.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function importTable(
  store: OfflineStore,
  name: keyof EventFiles,
  columns: EventColumn[],
  file: string,
  step: Step,
): Promise<void> {
  if (!existsSync(file)) throw new Fault('not_found', { detail: `there is no file ${file}` });
  const rows = `read_parquet(${quoted(file)})`;
  requireColumns(file, columns, await columnsOf(store, file));
  await store.run(
    `CREATE OR REPLACE TABLE ${name} AS SELECT ${columns.map((c) => c.name).join(', ')} FROM ${rows}`,
    step,
  );
  for (const field of REQUIRED[name]) {
    if ((await store.ask(`SELECT 1 FROM ${name} WHERE ${field} IS NULL LIMIT 1`)).length === 0) continue;
    throw mismatch(file, [{ field, message: `${field} is missing in a row` }]);
  }
}

async function columnsOf(store: OfflineStore, file: string): Promise<Map<string, string>> {
  try {
    const rows = await store.ask(`DESCRIBE SELECT * FROM read_parquet(${quoted(file)})`);
    return new Map(rows.map((row) => [String(row[0]), String(row[1])]));
  } catch (cause) {
    throw new Fault('schema_mismatch', { detail: `${file} is not readable as Parquet. Write it again.`, cause });
  }
}

function requireColumns(file: string, columns: EventColumn[], found: Map<string, string>): void {
  const wrong = columns.flatMap(({ name: field, type }) => {
    const actual = found.get(field);
    if (actual === type) return [];
    const message = actual === undefined ? `${field} ${type} is missing` : `${field} is ${actual}, must be ${type}`;
    return [{ field, message }];
  });
  if (wrong.length > 0) throw mismatch(file, wrong);
}

function mismatch(file: string, errors: { field: string; message: string }[]): Fault {
  const what = errors.map(({ message }) => message).join('; ');
  return new Fault('schema_mismatch', {
    detail: `${file} has not the columns of this feature set: ${what}. Write it again with this version`,
    errors,
  });
}
