import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PseudonymousPayment } from '@vigia/contracts';
import { HANDBOOK, featureSql } from '@vigia/features';
import { OfflineStore } from '@vigia/offline-store';
import { writeEventFiles, type LakeEvent } from '../lake-events.js';
import { lastLineOf } from './child.js';
import { HandbookStream, PIPELINES, handbookFolder } from './handbook-stream.js';
import type { Bench, Say } from './report.js';

interface Times {
  seconds: number;
  processor_seconds: number;
}

interface LakeResult {
  bronze: { rows: number } & Times;
  silver: { rows: number; payments: number; labels: number; repeats: number; quarantined: number } & Times;
  gold: { vectors: number; days: number } & Times;
  rows: Record<string, number>;
}

interface Options {
  /** Of the handbook's stream; 2: it comes once more behind its end. */
  share: number;
  format: string;
  threads: string;
}

export const bench: Bench = {
  question:
    'What does the lake take from a stream to vectors, are they those of DuckDB, and does a second run add rows?',
  async run(args, say) {
    const { values } = parseArgs({
      args,
      options: {
        data: { type: 'string' },
        share: { type: 'string', default: '1' },
        format: { type: 'string', default: 'parquet' },
        threads: { type: 'string', default: '2' },
      },
    });
    const stream = HandbookStream.read(await handbookFolder(values.data, say));
    const shares = values.share.split(',').map(Number);
    if (!shares.every((share) => share > 0))
      throw new Error(`--share ${values.share}: give numbers as 1 or 0.25,0.5,1`);
    const rows = [];
    for (const share of shares) rows.push(await measure(stream, { ...values, share }, say));
    return rows.length === 1 ? rows[0]! : { shares: rows };
  },
};

async function measure(stream: HandbookStream, options: Options, say: Say): Promise<Record<string, unknown>> {
  const work = mkdtempSync(join(tmpdir(), 'vigia-bench-lake-'));
  try {
    const rowsIn = await writeFeed(stream, options.share, join(work, 'feed'));
    say(`${rowsIn.toLocaleString('en')} events in the feed`);
    const flags = ['--format', options.format, '--threads', options.threads];
    const first = await runLake(work, flags, say);
    const again = await runLake(work, flags, say);
    const { rows } = first;
    const quarantined = rows['silver/quarantine']!;
    const kept = rows['silver/payments']! + rows['silver/labels']! + first.silver.repeats + quarantined;
    return {
      share: options.share,
      rows_in: rowsIn,
      rows_bronze: rows['bronze'],
      rows_silver: rows['silver/payments']! + rows['silver/labels']!,
      rows_gold: rows['gold/handbook'],
      rows_quarantined: quarantined,
      rows_repeated: first.silver.repeats,
      rows_lost: rowsIn - kept,
      rows_added_by_second_run: again.bronze.rows + again.silver.rows + again.gold.vectors + again.gold.days,
      feature_mismatches: await mismatches(stream, options.share, work, options.format, say),
      bronze_s: first.bronze.seconds,
      silver_s: first.silver.seconds,
      gold_s: first.gold.seconds,
      bronze_cpu_s: first.bronze.processor_seconds,
      silver_cpu_s: first.silver.processor_seconds,
      gold_cpu_s: first.gold.processor_seconds,
      load_average: loadavg()[0],
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Longer than the handbook's 183 days. */
const AGAIN_AFTER_MS = 200 * 86_400_000;

/** As many payments as this share of the handbook's stream has, and the labels among them, as the lake's events. */
function* eventsOf(stream: HandbookStream, share: number): Generator<LakeEvent> {
  let left = Math.round(stream.length * share);
  let arrivedUs = 0;
  for (let afterMs = 0; ; afterMs += AGAIN_AFTER_MS) {
    for (const { kind, payment } of stream.events()) {
      if (kind === 'payment' && left-- === 0) return;
      const named = namedByContract({ ...payment, acceptedAtMs: payment.acceptedAtMs + afterMs });
      arrivedUs = Math.max(arrivedUs + 1, named.acceptedAtMs * 1_000);
      if (kind === 'payment') yield { kind, arrivedUs, payment: named };
      else yield { kind, arrivedUs, endToEndId: named.endToEndId, fraud: true };
    }
    if (left === 0) return;
  }
}

/** The stream numbers payments, customers and terminals; the contract wants an EndToEndId and pseudonyms. */
function namedByContract(payment: PseudonymousPayment): PseudonymousPayment {
  const { endToEndId, acceptedAtMs, payer, payee } = payment;
  const minute = new Date(acceptedAtMs).toISOString().replace(/\D/g, '').slice(0, 12);
  return {
    ...payment,
    endToEndId: `E00000000${minute}${endToEndId.padStart(11, '0')}`,
    payer: { ...payer, person: `k1.${payer.person.padStart(22, '0')}` },
    payee: { ...payee, person: `k1.${payee.person.padStart(22, '0')}` },
  };
}

function writeFeed(stream: HandbookStream, share: number, folder: string): Promise<number> {
  const nameOf = (firstUs: number, lastUs: number): string => `handbook-${firstUs}-${lastUs}`;
  return writeEventFiles(eventsOf(stream, share), { folder, nameOf });
}

async function runLake(work: string, flags: string[], say: Say): Promise<LakeResult> {
  const paths = ['--lake', join(work, 'lake'), '--source', `handbook=${join(work, 'feed')}`, '--features', 'handbook'];
  const line = await lastLineOf(join(PIPELINES, 'vigia-lake'), ['all', ...paths, ...flags, '--json'], (each) =>
    say((JSON.parse(each) as { text: string }).text),
  );
  say(line);
  return JSON.parse(line) as LakeResult;
}

/** Rows of which DuckDB has a feature in other bits, or that only one of both has. */
async function mismatches(
  stream: HandbookStream,
  share: number,
  work: string,
  format: string,
  say: Say,
): Promise<number> {
  say('the same stream by DuckDB');
  const store = await OfflineStore.open({ memoryLimitMb: 4_000, threads: 2, temporaryDirectory: work });
  try {
    const loader = await store.load(HANDBOOK);
    for (const event of eventsOf(stream, share)) {
      if (event.kind === 'payment') {
        // The stream has 42 payments of nothing, which the contract does not know: the lake keeps them in quarantine.
        if (event.payment.amountCents > 0) loader.payment(event.payment, event.arrivedUs);
      } else loader.label(event.endToEndId, event.fraud, event.arrivedUs);
    }
    loader.close();
    await store.run(`CREATE TABLE computed AS ${featureSql(HANDBOOK, 'duckdb')}`);
    const same = HANDBOOK.features.map(({ name }) => `d.${name} IS NOT DISTINCT FROM g.${name}`);
    const gold = goldFiles(join(work, 'lake/gold/handbook'), format);
    const [row] = await store.ask(
      `SELECT count(*) FILTER (NOT coalesce(${same.join(' AND ')} AND d.end_to_end_id = g.end_to_end_id, FALSE))
       FROM computed d FULL JOIN read_parquet(${gold}) g ON g.end_to_end_id = d.end_to_end_id`,
    );
    return Number(row![0]);
  } finally {
    store.close();
  }
}

/** As DuckDB takes them. A Delta table that was written once is all of its files. */
function goldFiles(root: string, format: string): string {
  if (format === 'delta') return `'${root}/day=*/*.parquet'`;
  const { files } = JSON.parse(readFileSync(join(root, '_table.json'), 'utf8')) as { files: Record<string, string[]> };
  const paths = Object.entries(files).flatMap(([day, names]) => names.map((name) => `'${root}/day=${day}/${name}'`));
  return `[${paths.join(', ')}]`;
}
