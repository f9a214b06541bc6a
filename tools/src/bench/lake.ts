import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PseudonymousPayment } from '@vigia/contracts';
import { HANDBOOK, featureSql } from '@vigia/features';
import { OfflineStore } from '@vigia/offline-store';
import { writeEventFiles, type LakeEvent } from '../lake-events.js';
import { lastLineOf } from './child.js';
import { HandbookStream, PIPELINES, handbookFolder } from './handbook-stream.js';
import type { Bench, Say } from './report.js';

interface LakeResult {
  bronze: { rows: number; seconds: number };
  silver: { rows: number; payments: number; labels: number; repeats: number; quarantined: number; seconds: number };
  gold: { vectors: number; days: number; seconds: number };
  rows: Record<string, number>;
}

export const bench: Bench = {
  question:
    'What does the lake take from a stream to vectors, are they those of DuckDB, and does a second run add rows?',
  async run(args, say) {
    const { values: options } = parseArgs({
      args,
      options: {
        data: { type: 'string' },
        share: { type: 'string', default: '1' },
        format: { type: 'string', default: 'parquet' },
        threads: { type: 'string', default: '2' },
      },
    });
    const folder = await handbookFolder(options.data, say);
    const stream = HandbookStream.read(folder);
    const work = mkdtempSync(join(tmpdir(), 'vigia-bench-lake-'));
    try {
      const rowsIn = await writeFeed(stream, Number(options.share), join(work, 'feed'));
      say(`${rowsIn.toLocaleString('en')} events in the feed`);
      const flags = ['--format', options.format, '--threads', options.threads];
      const first = await runLake(work, flags, say);
      const again = await runLake(work, flags, say);
      const { rows } = first;
      const quarantined = rows['silver/quarantine']!;
      const kept = rows['silver/payments']! + rows['silver/labels']! + first.silver.repeats + quarantined;
      return {
        rows_in: rowsIn,
        rows_bronze: rows['bronze'],
        rows_silver: rows['silver/payments']! + rows['silver/labels']!,
        rows_gold: rows['gold/handbook'],
        rows_quarantined: quarantined,
        rows_repeated: first.silver.repeats,
        rows_lost: rowsIn - kept,
        rows_added_by_second_run: again.bronze.rows + again.silver.rows + again.gold.vectors + again.gold.days,
        feature_mismatches: await mismatches(stream, Number(options.share), work, options.format, say),
        bronze_s: first.bronze.seconds,
        silver_s: first.silver.seconds,
        gold_s: first.gold.seconds,
      };
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
};

/** The first share of the handbook's stream as the lake's events. */
function* eventsOf(stream: HandbookStream, share: number): Generator<LakeEvent> {
  const most = Math.round(stream.length * share);
  let arrivedUs = 0;
  for (const { kind, row, payment } of stream.events()) {
    if (kind === 'payment' && row >= most) return;
    arrivedUs = Math.max(arrivedUs + 1, payment.acceptedAtMs * 1_000);
    const named = namedByContract(payment);
    if (kind === 'payment') yield { kind, arrivedUs, payment: named };
    else yield { kind, arrivedUs, endToEndId: named.endToEndId, fraud: true };
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
      if (event.kind === 'payment') loader.payment(event.payment, event.arrivedUs);
      else loader.label(event.endToEndId, event.fraud, event.arrivedUs);
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
