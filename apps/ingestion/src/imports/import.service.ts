import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, payment as paymentSchema, type Decision, type Payment } from '@vigia/contracts';
import { invalidRequest, parseJsonBody, problemOf, toFault, type Problem } from '@vigia/platform';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import type { ScoringClient } from '../scoring/scoring-client.js';
import { linesOf, type Line } from './lines.js';
import { mapInOrder } from './map-in-order.js';

export interface ImportLimits {
  /** Payments at scoring at once. */
  concurrency: number;
  /** Calls for one payment while scoring is away. */
  attempts: number;
  maxLineBytes: number;
}

/** One line of the answer: of each line that was not blank, in order; last the summary. */
export type ImportAnswer =
  | { line: number; endToEndId: string; decision: Decision }
  | { line: number; endToEndId?: string; problem: Problem }
  | { summary: ImportSummary };

export interface ImportSummary {
  /** Lines answered, blank ones aside. */
  lines: number;
  assessed: number;
  refused: number;
  approve: number;
  review: number;
  reject: number;
  /** Why the import ended before the body did; `line` is the first without an answer. */
  stopped?: { line: number; problem: Problem };
}

interface Stop {
  stopAt: number;
  fault: Fault;
}

const FIRST_DELAY_MS = 250;

/** Payments by the line, to scoring and back, with no more in memory than is at scoring. */
export class ImportService {
  constructor(
    private readonly scoring: ScoringClient,
    private readonly metrics: IngestionMetrics,
    private readonly limits: ImportLimits,
  ) {}

  /** A bad line is answered by its problem and stops nothing; scoring staying away stops all. */
  async *run(body: Readable): AsyncGenerator<ImportAnswer> {
    const summary: ImportSummary = { lines: 0, assessed: 0, refused: 0, approve: 0, review: 0, reject: 0 };
    const ended = new AbortController();
    const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    const lines = linesOf(chunks, this.limits.maxLineBytes);
    try {
      for await (const answer of mapInOrder(lines, this.limits.concurrency, (line) =>
        this.answer(line, ended.signal),
      )) {
        if (answer === null) continue;
        if ('stopAt' in answer) {
          summary.stopped = { line: answer.stopAt, problem: problemOf(answer.fault) };
          break;
        }
        this.count(answer, summary);
        yield answer;
      }
    } finally {
      ended.abort();
    }
    yield { summary };
  }

  /** null for a blank line. Never rejects. */
  private async answer({ number, bytes }: Line, ended: AbortSignal): Promise<ImportAnswer | Stop | null> {
    if (bytes !== null && isBlank(bytes)) return null;
    let endToEndId: string | undefined;
    try {
      const payment = paymentOf(bytes, this.limits.maxLineBytes);
      endToEndId = payment.endToEndId;
      return { line: number, endToEndId, decision: await this.assess(payment, ended) };
    } catch (error) {
      const fault = toFault(error);
      if (fault.kind !== 'caller') return { stopAt: number, fault };
      return { line: number, ...(endToEndId && { endToEndId }), problem: problemOf(fault) };
    }
  }

  /** Tries again while scoring is away: the answers wait, and so does the sender. */
  private async assess(payment: Payment, ended: AbortSignal): Promise<Decision> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.scoring.assess(payment)).decision;
      } catch (error) {
        const fault = toFault(error);
        if (fault.kind !== 'weather' || attempt >= this.limits.attempts || ended.aborted) throw fault;
      }
      await sleep(FIRST_DELAY_MS * 2 ** (attempt - 1), undefined, { signal: ended }).catch(() => undefined);
    }
  }

  private count(answer: ImportAnswer, summary: ImportSummary): void {
    if ('summary' in answer) return;
    summary.lines += 1;
    if ('decision' in answer) {
      summary.assessed += 1;
      summary[answer.decision] += 1;
    } else summary.refused += 1;
    this.metrics.line('decision' in answer ? 'assessed' : 'refused');
  }
}

function paymentOf(bytes: Buffer | null, maxLineBytes: number): Payment {
  if (bytes === null) throw new Fault('body_too_large', { detail: `The line is longer than ${maxLineBytes} bytes.` });
  const result = paymentSchema.safeParse(parseJsonBody(bytes));
  if (!result.success) throw invalidRequest(result.error.issues);
  return result.data;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
