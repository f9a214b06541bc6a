import type { ModelChange, Outcome } from '@vigia/contracts';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { AccountabilityRecord } from './accountability-record.js';
import { assessmentPage, assessmentsById, type AssessmentFilter, type AssessmentPage } from './assessment-query.js';
import type { AssessmentRow } from './assessment-row.js';
import { AssessmentWriter, type WriterOptions } from './assessment-writer.js';
import { CaseRecord } from './case-record.js';
import type { Database } from './database.js';
import {
  readHistory,
  readServedHistory,
  type HistoryEvent,
  type HistoryLabel,
  type HistoryPayment,
  type HistoryRange,
  type ServedPayment,
} from './history.js';
import { asking } from './outage.js';
import { outcomesOf, recordOutcome, type OutcomeRow } from './outcomes.js';
import { MonitoringRecord } from './monitoring-record.js';
import { changeBehind, changeModel, modelChanges, type NewModelChange } from './model-changes.js';
import { ensurePartitions } from './partitions.js';
import { PolicyRecord } from './policy-record.js';
import { recordShadowScores, shadowTime, type ShadowScore, type ShadowTime } from './shadow-scores.js';
import { shadowComparison, type ShadowComparison, type ShadowComparisonRange } from './shadow-comparison.js';
import { spooledPayments } from './spooled-payments.js';
import { pendingLabels, recordWindowLabel, type PendingLabels, type WindowLabel } from './window-labels.js';

export interface LedgerOptions {
  /** postgres://USER:PASSWORD@HOST:PORT/DATABASE, brought up to date by `migrate`. */
  url: string;
  /** Connections for questions; a writer has one of its own. */
  poolSize?: number;
  /** A question that takes longer fails with `dependency_unavailable`. */
  questionTimeoutMs?: number;
}

/**
 * The record of every assessment and outcome, in PostgreSQL 15 or newer.
 * Questions throw Fault `dependency_unavailable` while PostgreSQL is away.
 */
export class Ledger {
  readonly url: string;
  /** What monitoring reads, and its own record. */
  readonly monitoring: MonitoringRecord;
  /** Cases of the payments that a person is to look at. */
  readonly cases: CaseRecord;
  /** What is owed to the authority and to the data subject. */
  readonly accountability: AccountabilityRecord;
  /** Versions of policies, and what decided when. */
  readonly policies: PolicyRecord;
  private readonly pool: Pool;
  private readonly database: Kysely<Database>;

  private constructor(options: LedgerOptions) {
    const timeoutMs = options.questionTimeoutMs ?? 10_000;
    this.url = options.url;
    this.pool = new Pool({
      connectionString: options.url,
      application_name: 'vigia ledger',
      max: options.poolSize ?? 4,
      connectionTimeoutMillis: Math.min(timeoutMs, 2_000),
      query_timeout: timeoutMs,
      statement_timeout: timeoutMs,
    });
    // A connection lost at rest: the pool drops it, the next question opens another.
    this.pool.on('error', () => undefined);
    // One lost while it is asked fails its question; without a listener it would end the process.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    this.database = new Kysely<Database>({ dialect: new PostgresDialect({ pool: this.pool }) });
    this.monitoring = new MonitoringRecord(options.url, this.pool);
    this.cases = new CaseRecord(this.pool);
    this.accountability = new AccountabilityRecord(this.pool);
    this.policies = new PolicyRecord(options.url, this.pool);
  }

  /** Opens no connection before the first question, so that a process starts while PostgreSQL is away. */
  static connect(options: LedgerOptions): Ledger {
    return new Ledger(options);
  }

  /** Starts the process's writer of assessments. Close it before the ledger. */
  openWriter(options: WriterOptions): Promise<AssessmentWriter> {
    return AssessmentWriter.open(this, options);
  }

  async assessment(endToEndId: string): Promise<AssessmentRow | undefined> {
    const [row] = await asking(() => assessmentsById(this.database, [endToEndId]));
    return row;
  }

  /** Those that exist, by EndToEndId. */
  async assessments(endToEndIds: string[]): Promise<Map<string, AssessmentRow>> {
    const rows = await asking(() => assessmentsById(this.database, endToEndIds));
    return new Map(rows.map((row) => [row.endToEndId, row]));
  }

  /** @throws Fault `invalid_request` when `after` is no cursor. */
  listAssessments(filter: AssessmentFilter): Promise<AssessmentPage> {
    return asking(() => assessmentPage(this.database, filter));
  }

  /** @throws Fault `unknown_payment`, `outcome_before_payment` */
  recordOutcome(outcome: Outcome, recording: { caller: string; recordedAtMs: number }): Promise<'new' | 'repeated'> {
    return asking(() => recordOutcome(this.database, this.pool, outcome, recording));
  }

  outcomes(endToEndId: string): Promise<OutcomeRow[]> {
    return asking(() => outcomesOf(this.database, [endToEndId]));
  }

  /** By EndToEndId, of those of which anything is known. */
  async outcomesOf(endToEndIds: string[]): Promise<Map<string, OutcomeRow[]>> {
    const rows = await asking(() => outcomesOf(this.database, endToEndIds));
    return Map.groupBy(rows, (row) => row.endToEndId);
  }

  /**
   * Payments and labels in the order in which they reached the windows, see `readHistory` in history.ts: of any length,
   * in little memory, over a connection of its own.
   */
  history(range: HistoryRange): AsyncGenerator<HistoryEvent, void, undefined> {
    return readHistory(this.url, range);
  }

  /** Payments of the range that waited on a disk while PostgreSQL was away, in the order of arrival. */
  spooledPayments(range: { fromUs: number; toUs: number }): AsyncGenerator<HistoryPayment, void, undefined> {
    return spooledPayments(this.pool, range);
  }

  /** As {@link history}, with what was served for each payment. */
  servedHistory(range: HistoryRange): AsyncGenerator<ServedPayment | HistoryLabel, void, undefined> {
    return readServedHistory(this.url, range);
  }

  /** Notes what the windows were told. What they knew already is noted once. */
  recordWindowLabel(label: WindowLabel): Promise<void> {
    return asking(() => recordWindowLabel(this.database, label));
  }

  /** EndToEndIds whose verdict the windows of a feature set have not been told, in ascending order. */
  pendingLabels(question: PendingLabels): Promise<string[]> {
    return asking(() => pendingLabels(this.database, question));
  }

  /**
   * Records a change of the champion around `apply`, which makes it: fails `apply`, nothing is recorded. A job recorded
   * before answers its row and applies nothing. Changes of one model wait for each other.
   */
  changeModel(change: NewModelChange, apply: () => Promise<void>): Promise<ModelChange> {
    return changeModel(this.pool, change, apply);
  }

  /** Newest first. */
  modelChanges(model: string, limit = 100): Promise<ModelChange[]> {
    return asking(() => modelChanges(this.pool, model, limit));
  }

  /** The change by which the model that decided a payment had become champion; null where there is none on record. */
  changeBehind(row: Pick<AssessmentRow, 'model' | 'decidedAtMs'>): Promise<ModelChange | null> {
    return asking(() => changeBehind(this.pool, row));
  }

  /** Scores of models that did not decide; those that are there already stay. */
  recordShadowScores(scores: ShadowScore[]): Promise<void> {
    return asking(() => recordShadowScores(this.pool, scores));
  }

  /** How long and how much a version has been scored in shadow. */
  shadowTime(model: string, bundleVersion: string): Promise<ShadowTime> {
    return asking(() => shadowTime(this.pool, model, bundleVersion));
  }

  /** Payments that champion and challenger both scored, with what is known of them. */
  shadowComparison(range: ShadowComparisonRange): Promise<ShadowComparison> {
    return asking(() => shadowComparison(this.pool, range));
  }

  /** Makes the partitions of the days `fromDay` to `toDay` (`2026-11-20`), both included; answers those it made. */
  ensurePartitions(fromDay: string, toDay: string): Promise<string[]> {
    return asking(async () => {
      const client = await this.pool.connect();
      try {
        return await ensurePartitions(client, fromDay, toDay);
      } finally {
        client.release();
      }
    });
  }

  async close(): Promise<void> {
    await this.database.destroy();
  }
}
