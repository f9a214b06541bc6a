import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Ledger, migrate, type AssessmentRow, type FraudOccurrence } from '@vigia/ledger';
import { pseudonymousPaymentBuilder, startPostgres, testPseudonym } from '@vigia/testing';
import { Client } from 'pg';
import { median } from './median.js';
import { round, table, type Bench } from './report.js';

/** 20 November 2026, 9:00 in Brasília. */
const DAY_MS = Date.UTC(2026, 10, 20, 12);
const SPAN_MS = 12 * 3_600_000;
const IN_FLIGHT = 256;
const ROUNDS = 5;
const ROUND_ROWS = 4_000;
const ANALYST = { by: 'ana', caller: 'console', atMs: DAY_MS + SPAN_MS };

export const bench: Bench = {
  question: 'What does a case cost: the commit that notes it, its opening, 200 verdicts, a day’s fraud log?',
  async run(args, say) {
    const { values } = parseArgs({ args, options: { payments: { type: 'string', default: '100000' } } });
    const postgres = await startPostgres();
    const directory = mkdtempSync(join(tmpdir(), 'vigia-bench-cases-'));
    const ledger = Ledger.connect({ url: postgres.url, questionTimeoutMs: 120_000 });
    try {
      await migrate(postgres.url);
      await ledger.ensurePartitions('2026-11-20', '2026-11-21');
      const [without, noted] = await commits(ledger, postgres.url, join(directory, 'rounds'));
      say(`rows a second without the note ${without}, with it ${noted} (3 in 100 go to review)`);
      await record(ledger, join(directory, 'day'), rowsOf(Number(values.payments)));
      const opening = await timed(async () => {
        while (!(await ledger.cases.open(DAY_MS)).isDone);
      });
      const { unassigned: opened } = await ledger.cases.counts();
      const queue = await timed(() => ledger.cases.page({ state: 'open', sort: 'loss', limit: 200 }));
      const { cases } = await ledger.cases.page({ state: 'open', sort: 'loss', limit: 200 });
      const verdicts = await timed(async () => {
        for (const { id } of cases) await ledger.cases.judge(id, { verdict: 'fraud', situation: 'scam' }, ANALYST);
      });
      const range = { fromMs: DAY_MS, toMs: DAY_MS + SPAN_MS, knownBeforeMs: DAY_MS + 2 * SPAN_MS };
      let occurrences = 0;
      const log = await timed(async () => {
        let after: FraudOccurrence | null = null;
        for (;;) {
          const page: FraudOccurrence[] = await ledger.accountability.occurrences(range, 1_000, after);
          occurrences += page.length;
          if (page.length < 1_000) return;
          after = page.at(-1)!;
        }
      });
      const counts = await timed(() => ledger.accountability.occurrenceGroups(range));
      say(
        `\n${table([
          ['', 'ms'],
          ['cases opened', opening],
          ['200 verdicts', verdicts],
          ['log of the day', log],
        ])}`,
      );
      return {
        commit_per_s: noted,
        commit_per_s_without: without,
        note_cost: round(1 - noted / without, 3),
        payments: Number(values.payments),
        cases: opened,
        opening_s: round(opening / 1_000),
        queue_200_ms: queue,
        verdicts_200_s: round(verdicts / 1_000),
        occurrences,
        fraud_log_s: round(log / 1_000),
        day_of_report_s: round(counts / 1_000),
      };
    } finally {
      await ledger.close();
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

/** Rows a second by turns without and with the trigger; medians, since a machine in use is slow for a while. */
async function commits(ledger: Ledger, url: string, directory: string): Promise<[number, number]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const isNoted = round % 2;
    await client.query(`ALTER TABLE assessment ${isNoted ? 'ENABLE' : 'DISABLE'} TRIGGER assessment_to_review`);
    const rows = rowsOf(ROUND_ROWS, 0.03);
    const ms = await timed(() => record(ledger, join(directory, String(round)), rows));
    rates[isNoted]!.push(Math.round((ROUND_ROWS * 1_000) / ms));
  }
  await client.query('TRUNCATE case_inbox');
  await client.end();
  return [median(rates[0]), median(rates[1])];
}

/** 2 in 100 to review, 1 refused; payers come again, so that cases have several payments. */
function rowsOf(count: number, reviewed = 0.02): AssessmentRow[] {
  return Array.from({ length: count }, (_, index) => {
    const acceptedAtMs = DAY_MS + Math.floor((SPAN_MS * index) / count);
    const share = (index % 100) / 100;
    const decision = share < reviewed ? 'review' : share < reviewed + 0.01 ? 'reject' : 'approve';
    const until = new Date(acceptedAtMs + 1_800_000).toISOString();
    const payment = pseudonymousPaymentBuilder({
      acceptedAtMs,
      amountCents: 1_000 + ((index * 7_919) % 500_000),
      payer: { person: testPseudonym(`payer ${(index * 31) % 50_000}`) },
      payee: { person: testPseudonym(`payee ${(index * 17) % 90_001}`) },
    });
    return {
      endToEndId: payment.endToEndId,
      side: payment.side,
      acceptedAtMs,
      decidedAtMs: acceptedAtMs + 7,
      arrivedUs: acceptedAtMs * 1_000,
      caller: 'bench',
      contentSha256: Buffer.alloc(32),
      payment,
      vector: new Float32Array(90),
      effective: {},
      probability: (index % 100) / 100,
      margin: 0,
      decision,
      action:
        decision === 'review'
          ? { kind: 'hold', minutes: 30, until, priority: 'PAGFRD' }
          : { kind: decision === 'reject' ? 'do_not_send' : 'send' },
      reasons: [],
      rules: [],
      warnings: [],
      degraded: [],
      model: { name: 'pix-fraud', version: '1' },
      policy: { name: 'pix-payer', version: '1' },
      featureSet: { name: 'pix', hash: 'a'.repeat(64) },
      timingsUs: {},
    };
  });
}

async function record(ledger: Ledger, spoolDirectory: string, rows: AssessmentRow[]): Promise<void> {
  const writer = await ledger.openWriter({ spoolDirectory, statementTimeoutMs: 60_000, maxInFlight: 2 * IN_FLIGHT });
  const queue = rows.values();
  const work = async (): Promise<void> => {
    for (const row of queue) await writer.record(row);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  await writer.close();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return Math.round(performance.now() - beganMs);
}
