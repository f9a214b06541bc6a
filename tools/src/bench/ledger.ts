import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Ledger, migrate, type AssessmentRow, type AssessmentWriter } from '@vigia/ledger';
import { pseudonymousPaymentBuilder, startPostgres } from '@vigia/testing';
import { Latencies } from './latencies.js';
import { round, table, type Bench } from './report.js';

const FEATURES = 90;

export const bench: Bench = {
  question: 'How many assessments a second are committed, and what does the group commit add to a lone one?',
  async run(args, say) {
    const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '10' } } });
    const seconds = Number(values.seconds);
    const postgres = await startPostgres();
    const spoolDirectory = mkdtempSync(join(tmpdir(), 'vigia-bench-ledger-'));
    try {
      await migrate(postgres.url);
      const ledger = Ledger.connect({ url: postgres.url });
      const today = new Date().toISOString().slice(0, 10);
      await ledger.ensurePartitions(today, today);
      const alone = await inWriter(ledger, spoolDirectory, 1, 1, seconds);
      const together = await inWriter(ledger, spoolDirectory, 64, 256, seconds);
      const ungrouped = await inWriter(ledger, spoolDirectory, 64, 1, seconds);
      await ledger.close();
      say(
        `\n${table([HEAD, row('1 in flight', alone), row('64 in flight', together), row('64, one a commit', ungrouped)])}`,
      );
      return {
        per_s_64: Math.round(together.perSecond),
        p50_64_ms: together.p50Ms,
        p99_64_ms: together.p99Ms,
        rows_per_commit_64: round(together.rowsPerCommit, 1),
        per_s_1: Math.round(alone.perSecond),
        p50_1_ms: alone.p50Ms,
        p99_1_ms: alone.p99Ms,
        /** What waiting for the others costs at p99, against a commit of one's own. */
        added_p99_ms: round(together.p99Ms - alone.p99Ms),
        per_s_64_ungrouped: Math.round(ungrouped.perSecond),
        p99_64_ungrouped_ms: ungrouped.p99Ms,
      };
    } finally {
      await postgres.stop();
      rmSync(spoolDirectory, { recursive: true, force: true });
    }
  },
};

interface Run {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  rowsPerCommit: number;
}

const HEAD = ['', 'per second', 'p50 ms', 'p99 ms', 'rows a commit'];
const row = (name: string, run: Run): (string | number)[] => [
  name,
  Math.round(run.perSecond),
  run.p50Ms,
  run.p99Ms,
  round(run.rowsPerCommit, 1),
];

/** `inFlight` callers that each record one assessment after the other. */
async function inWriter(
  ledger: Ledger,
  spoolDirectory: string,
  inFlight: number,
  maxBatch: number,
  seconds: number,
): Promise<Run> {
  const writer = await ledger.openWriter({ spoolDirectory, maxBatch, statementTimeoutMs: 10_000 });
  await record(writer, inFlight, 1);
  const before = writer.counters();
  const { latencies, elapsedS } = await record(writer, inFlight, seconds);
  const after = writer.counters();
  await writer.close();
  const rows = after.committedRows - before.committedRows;
  if (rows !== latencies.count) throw new Error(`${latencies.count - rows} of ${latencies.count} were not committed`);
  return {
    perSecond: rows / elapsedS,
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
    rowsPerCommit: rows / (after.batches - before.batches),
  };
}

async function record(writer: AssessmentWriter, inFlight: number, seconds: number) {
  const latencies = new Latencies();
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  const caller = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const assessment = anAssessment();
      const beganMs = performance.now();
      await writer.record(assessment);
      latencies.add(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return { latencies, elapsedS: (performance.now() - startMs) / 1000 };
}

const PAYMENT = pseudonymousPaymentBuilder();
const VECTOR = Float32Array.from({ length: FEATURES }, (_, index) => index / 7);
const EFFECTIVE = Object.fromEntries(
  ['payer', 'payee', 'payee_as_payer', 'pair', 'device', 'night'].map((name) => [
    name,
    { atMs: Date.now(), position: 7 },
  ]),
);
let made = 0;

/** An approved payment with its vector, as scoring records most of them. */
function anAssessment(): AssessmentRow {
  const atMs = Date.now();
  const minute = new Date(atMs).toISOString().replace(/\D/g, '').slice(0, 12);
  const endToEndId = `E99999999${minute}${String(made++).padStart(11, '0')}`;
  return {
    endToEndId,
    side: 'payer',
    acceptedAtMs: atMs,
    decidedAtMs: atMs,
    arrivedUs: atMs * 1_000,
    caller: 'bench',
    contentSha256: randomBytes(32),
    payment: { ...PAYMENT, endToEndId, acceptedAtMs: atMs },
    vector: VECTOR,
    effective: EFFECTIVE,
    probability: 0.001,
    margin: -6.9,
    decision: 'approve',
    action: { kind: 'send' },
    reasons: [],
    rules: [],
    warnings: [],
    degraded: [],
    model: { name: 'pix-fraud', version: 'bench' },
    policy: { name: 'pix', version: 'bench' },
    featureSet: { name: 'pix', hash: '0'.repeat(64) },
    timingsUs: { prepare: 60, features: 400, score: 200, policy: 50, explain: 1 },
  };
}
