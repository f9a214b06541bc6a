import { Fault } from '@vigia/contracts';
import { insertAssessments } from './assessment-insert.js';
import type { AssessmentRow } from './assessment-row.js';
import { GroupCommit } from './group-commit.js';
import { isRefusedRow } from './outage.js';
import { Spool } from './spool.js';
import { WriterConnection } from './writer-connection.js';

export interface WriterOptions {
  /** Local disk for the time PostgreSQL is away; each process needs its own. */
  spoolDirectory: string;
  /** Rows in one statement. */
  maxBatch?: number;
  /** Rows on their way; more are refused with `overloaded`. */
  maxInFlight?: number;
  /** A commit that takes longer counts as an outage of PostgreSQL. */
  statementTimeoutMs?: number;
  /** Rows the spool holds at most. */
  spoolMaxRows?: number;
  /** Told of what an operator should know. Gets no payment. */
  report?: (event: WriterEvent) => void;
}

export type WriterEvent =
  | { kind: 'outage'; cause: unknown }
  | { kind: 'recovered' }
  /** PostgreSQL refuses a spooled row, or holds another answer to its payment: it lies in quarantine.ndjson of the spool. */
  | { kind: 'quarantined'; cause: unknown }
  /** The spool can't be read; tried again after the next outage or start. */
  | { kind: 'drain-failed'; cause: unknown };

/** What became of a row. An `existing` one was recorded before and is the answer; a `spooled` one says degraded `ledger`. */
export type Recorded =
  { stored: 'new' } | { stored: 'existing'; row: AssessmentRow } | { stored: 'spooled'; row: AssessmentRow };

/** Totals since the start but for the last four, which are now. */
export interface WriterCounters {
  committedRows: number;
  existingRows: number;
  batches: number;
  spooledRows: number;
  drainedRows: number;
  quarantinedRows: number;
  spoolDepthRows: number;
  inFlightRows: number;
  lastCommitMs: number;
  isUp: boolean;
}

type Committed = 'new' | 'conflict' | { spooled: AssessmentRow };

/** What the writer asks of the ledger. */
export interface AssessmentReader {
  url: string;
  assessment(endToEndId: string): Promise<AssessmentRow | undefined>;
}

/** Records assessments: committed to PostgreSQL, or on local disk, before {@link record} resolves. */
export class AssessmentWriter {
  private readonly inFlight = new Map<string, { row: AssessmentRow; recording: Promise<Recorded> }>();
  private readonly commits: GroupCommit<AssessmentRow, Committed>;
  private readonly connection: WriterConnection;
  private readonly maxBatch: number;
  private readonly maxInFlight: number;
  private readonly report: (event: WriterEvent) => void;
  private draining: Promise<void> = Promise.resolve();
  private closing: Promise<void> | undefined;
  private isReportedDown = false;
  private readonly totals = {
    committedRows: 0,
    existingRows: 0,
    batches: 0,
    spooledRows: 0,
    drainedRows: 0,
    quarantinedRows: 0,
    lastCommitMs: 0,
  };

  private constructor(
    private readonly reader: AssessmentReader,
    private readonly spool: Spool,
    options: WriterOptions,
  ) {
    this.maxBatch = options.maxBatch ?? 256;
    this.maxInFlight = options.maxInFlight ?? 4_096;
    this.report = options.report ?? (() => undefined);
    this.commits = new GroupCommit(this.maxBatch, (rows) => this.commit(rows));
    this.connection = new WriterConnection({
      url: reader.url,
      statementTimeoutMs: options.statementTimeoutMs ?? 1_000,
      // An empty batch prepares the statement and fails where the table is missing or read-only.
      probe: (client) => insertAssessments(client, []),
      onUp: () => this.onUp(),
      onDown: (cause) => this.onDown(cause),
    });
  }

  /** Takes over the spool of an earlier process. PostgreSQL may be away; the spool directory must be writable and free. */
  static async open(reader: AssessmentReader, options: WriterOptions): Promise<AssessmentWriter> {
    const spool = await Spool.open(options.spoolDirectory, options.spoolMaxRows ?? 1_000_000);
    const writer = new AssessmentWriter(reader, spool, options);
    await writer.connection.start();
    return writer;
  }

  /**
   * Resolves when the row is on disk. Only the first row of an EndToEndId is kept; later ones get it back, whatever they
   * hold: compare `contentSha256`. Exception: while PostgreSQL is away, a payment recorded there before the outage counts
   * as new, and is dropped again when the spool is drained.
   * @throws Fault `overloaded`, `shutting_down`; `dependency_unavailable` when local disk fails too or an existing row
   *   can't be read; `internal` when PostgreSQL refuses the row's content.
   */
  async record(row: AssessmentRow): Promise<Recorded> {
    if (this.closing) throw new Fault('shutting_down', { detail: 'the ledger is closing', retryAfterS: 1 });
    const first = this.inFlight.get(row.endToEndId);
    if (first) {
      const recorded = await first.recording;
      this.totals.existingRows++;
      return { stored: 'existing', row: recorded.stored === 'new' ? first.row : recorded.row };
    }
    if (this.inFlight.size >= this.maxInFlight) {
      throw new Fault('overloaded', { detail: `${this.maxInFlight} assessments wait for the ledger`, retryAfterS: 1 });
    }
    const recording = this.store(row);
    this.inFlight.set(row.endToEndId, { row, recording });
    try {
      return await recording;
    } finally {
      this.inFlight.delete(row.endToEndId);
    }
  }

  /** The recorded assessment, also while it waits in the spool. */
  async assessment(endToEndId: string): Promise<AssessmentRow | undefined> {
    return (await this.spool.read(endToEndId)) ?? this.reader.assessment(endToEndId);
  }

  counters(): WriterCounters {
    return {
      ...this.totals,
      spoolDepthRows: this.spool.depth,
      inFlightRows: this.inFlight.size,
      isUp: this.connection.isUp,
    };
  }

  /** Refuses new rows, waits until those on their way are on disk, and ends. The spool stays for the next start. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await Promise.allSettled([...this.inFlight.values()].map(({ recording }) => recording));
    await this.draining;
    await this.connection.close();
    await this.spool.close();
  }

  private async store(row: AssessmentRow): Promise<Recorded> {
    const waiting = this.spool.has(row.endToEndId) ? await this.spool.read(row.endToEndId) : undefined;
    if (waiting) {
      this.totals.existingRows++;
      return { stored: 'existing', row: waiting };
    }
    const committed = await this.commits.add(row);
    if (committed === 'new') return { stored: 'new' };
    if (committed !== 'conflict') return { stored: 'spooled', row: committed.spooled };
    this.totals.existingRows++;
    const existing = await this.reader.assessment(row.endToEndId);
    if (!existing) throw new Fault('internal', { detail: 'an assessment vanished while it was repeated' });
    return { stored: 'existing', row: existing };
  }

  private async commit(rows: AssessmentRow[]): Promise<(Committed | Error)[]> {
    if (!this.connection.isUp) return this.keepOnDisk(rows);
    const startMs = performance.now();
    try {
      const inserted = await this.connection.insert(rows);
      this.totals.lastCommitMs = performance.now() - startMs;
      this.totals.batches++;
      this.totals.committedRows += inserted.size;
      return rows.map((row) => (inserted.has(row.endToEndId) ? 'new' : 'conflict'));
    } catch (cause) {
      if (!isRefusedRow(cause)) return this.keepOnDisk(rows);
      if (rows.length > 1) return (await inHalves(rows, (half) => this.commit(half))).flat();
      return [new Fault('internal', { detail: 'the ledger refuses the content of this assessment', cause })];
    }
  }

  private async keepOnDisk(rows: AssessmentRow[]): Promise<Committed[]> {
    const spooled = rows.map((row) => ({ ...row, degraded: [...row.degraded, 'ledger' as const] }));
    await this.spool.append(spooled);
    this.totals.spooledRows += rows.length;
    // The connection may have come back while the rows were written.
    if (this.connection.isUp) this.drain();
    return spooled.map((row) => ({ spooled: row }));
  }

  private onUp(): void {
    if (this.isReportedDown) this.report({ kind: 'recovered' });
    this.isReportedDown = false;
    this.drain();
  }

  private onDown(cause: unknown): void {
    if (!this.isReportedDown) this.report({ kind: 'outage', cause });
    this.isReportedDown = true;
  }

  /** Chained, not skipped when one runs: it may just have found the spool empty. */
  private drain(): void {
    this.draining = this.draining.then(() => this.drainAll());
  }

  private async drainAll(): Promise<void> {
    try {
      while (!this.closing && this.connection.isUp) {
        const rows = await this.spool.oldest(this.maxBatch);
        if (rows.length === 0) return;
        await this.drainRows(rows);
      }
    } catch (cause) {
      // With the connection down the next one drains; the outage is reported.
      if (this.connection.isUp) this.report({ kind: 'drain-failed', cause });
    }
  }

  /** A payment recorded before the outage and answered again during it: the first answer counts, the second is kept. */
  private async keepSecondAnswers(rows: AssessmentRow[]): Promise<void> {
    for (const row of rows) {
      const first = await this.reader.assessment(row.endToEndId);
      if (first?.decidedAtMs === row.decidedAtMs && Buffer.compare(first.contentSha256, row.contentSha256) === 0)
        continue;
      await this.spool.quarantine([row]);
      this.totals.quarantinedRows++;
      this.report({
        kind: 'quarantined',
        cause: new Error('the payment was answered before the outage, and again in it'),
      });
    }
  }

  private async drainRows(rows: AssessmentRow[]): Promise<void> {
    try {
      // Exactly once: a row whose commit succeeded unseen, or that was drained before a crash, is there already.
      const inserted = await this.connection.insert(rows);
      this.totals.drainedRows += inserted.size;
      await this.keepSecondAnswers(rows.filter(({ endToEndId }) => !inserted.has(endToEndId)));
    } catch (cause) {
      if (!isRefusedRow(cause)) throw cause;
      if (rows.length > 1) {
        await inHalves(rows, (half) => this.drainRows(half));
        return;
      }
      await this.spool.quarantine(rows);
      this.totals.quarantinedRows++;
      this.report({ kind: 'quarantined', cause });
    }
    await this.spool.forget(rows);
  }
}

/** Finds the rows that spoil a batch in few statements. One half after the other. */
async function inHalves<T>(rows: AssessmentRow[], write: (half: AssessmentRow[]) => Promise<T>): Promise<[T, T]> {
  const middle = rows.length >> 1;
  const first = await write(rows.slice(0, middle));
  return [first, await write(rows.slice(middle))];
}
