import { Client } from 'pg';
import { insertAssessments } from './assessment-insert.js';
import type { AssessmentRow } from './assessment-row.js';
import { isOvertakenByPartition, isRefusedRow } from './outage.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface WriterConnectionOptions {
  url: string;
  /** A statement that takes longer counts as an outage. */
  statementTimeoutMs: number;
  /** On a new connection, before others may use it: writes something, so that a read-only server does not pass. */
  probe: (client: Client) => Promise<unknown>;
  onUp: () => void;
  onDown: (cause: unknown) => void;
}

/**
 * The one connection that commits assessments, with its circuit breaker: the first outage opens it, so that nobody else
 * waits for a timeout; it closes when a new connection has passed the probe. Attempts back off from 0.1 to 5 s.
 */
export class WriterConnection {
  private client: Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private attempt: Promise<void> | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private isClosed = false;

  constructor(private readonly options: WriterConnectionOptions) {}

  get isUp(): boolean {
    return this.client !== undefined;
  }

  /** Resolves after the first attempt, whatever came of it. */
  async start(): Promise<void> {
    await this.connect();
  }

  /** Answers the ids that were new. Throws when the connection is down or goes down, or when a row is refused. */
  async insert(rows: AssessmentRow[]): Promise<Set<string>> {
    const client = this.client;
    if (!client) throw new Error('PostgreSQL is away');
    try {
      const inserted = await insertAssessments(client, rows).catch((error: unknown) => {
        if (isOvertakenByPartition(error)) return insertAssessments(client, rows);
        throw error;
      });
      this.pauseMs = FIRST_PAUSE_MS;
      return inserted;
    } catch (error) {
      if (!isRefusedRow(error)) this.lose(client, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retry);
    await this.attempt;
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private connect(): Promise<void> {
    this.attempt = this.open().finally(() => (this.attempt = undefined));
    return this.attempt;
  }

  private async open(): Promise<void> {
    const { url, statementTimeoutMs, probe } = this.options;
    const client = new Client({
      connectionString: url,
      application_name: 'vigia ledger writer',
      keepAlive: true,
      connectionTimeoutMillis: statementTimeoutMs,
      // The client's own clock, for a server that says nothing at all.
      query_timeout: statementTimeoutMs,
    });
    client.on('error', (error) => this.lose(client, error));
    try {
      await client.connect();
      await client.query(`SET synchronous_commit = on; SET statement_timeout = ${Math.ceil(statementTimeoutMs)}`);
      await probe(client);
      this.client = client;
      this.options.onUp();
    } catch (error) {
      void client.end().catch(() => undefined);
      this.options.onDown(error);
      this.retryLater();
    }
  }

  private lose(client: Client, cause: unknown): void {
    if (this.client !== client) return;
    this.client = undefined;
    // With a query on its way this drops the socket at once.
    void client.end().catch(() => undefined);
    this.options.onDown(cause);
    this.retryLater();
  }

  private retryLater(): void {
    if (this.isClosed) return;
    this.retry = setTimeout(() => void this.connect(), this.pauseMs);
    this.retry.unref();
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
