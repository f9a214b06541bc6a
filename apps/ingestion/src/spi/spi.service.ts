import { Fault, type Assessment, type Decision, type Outcome, type Payment } from '@vigia/contracts';
import { toFault } from '@vigia/platform';
import { readMessage, type SpiMessage } from '@vigia/spi';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import type { OutcomeResult, OutcomesService } from '../outcomes/outcomes.service.js';
import type { ScoringClient } from '../scoring/scoring-client.js';
import { newMessageId, type RandomSource } from './message-id.js';
import { writeStatusReport } from './status-report.js';

/** What was done with a message that wants no answer through the SPI. */
export interface Receipt {
  messageId: string;
  type: Exclude<SpiMessage['type'], 'pacs.008'>;
  /** Records of the message: status reports, returns, payments. */
  transactions: number;
  /** trck.002: payments by decision. */
  decisions?: Record<Decision, number>;
  /** pacs.004: what became of the returns for fraud, as outcomes. */
  outcomes?: OutcomeResult[];
}

export type SpiAnswer =
  /** `blocked`: EndToEndIds whose money is to be settled and blocked, which pacs.002 has no word for. */
  { pacs002: string; blocked: string[] } | { receipt: Receipt };

type Of<T extends SpiMessage['type']> = Extract<SpiMessage, { type: T }>;

/** What the SPI brings to the payee's institution, and the institution's own reports of transfers in its books. */
export class SpiService {
  constructor(
    private readonly scoring: ScoringClient,
    private readonly outcomes: OutcomesService,
    private readonly metrics: IngestionMetrics,
    private readonly random: RandomSource,
    private readonly now: () => number,
  ) {}

  /**
   * @param caller name of the API key, for the record of outcomes
   * @throws {Fault} as `readMessage`; as scoring where it refuses a payment, then for the whole message;
   *   `dependency_unavailable` when scoring or the ledger is away: the sender sends again, and what was decided stays so
   */
  async receive(bytes: Uint8Array, caller: string): Promise<SpiAnswer> {
    let type = 'unreadable';
    try {
      const message = readMessage(bytes);
      type = message.type;
      const answer = await this.answer(message, caller);
      this.metrics.message(type, message.type === 'pacs.008' ? 'assessed' : 'acknowledged');
      return answer;
    } catch (error) {
      const fault = toFault(error);
      this.metrics.message(type, fault.kind === 'caller' ? 'refused' : 'failed');
      throw fault;
    }
  }

  private async answer(message: SpiMessage, caller: string): Promise<SpiAnswer> {
    switch (message.type) {
      case 'pacs.008':
        return this.arrived(message);
      case 'trck.002':
        return { receipt: await this.booked(message) };
      case 'pacs.004':
        return { receipt: await this.returned(message, caller) };
      case 'pacs.002':
        return { receipt: receiptOf(message, message.reports.length) };
    }
  }

  private async arrived({ header, payments }: Of<'pacs.008'>): Promise<SpiAnswer> {
    const assessments = await this.assessAll(payments);
    const messageId = newMessageId(header.to, this.random);
    return {
      pacs002: writeStatusReport(header, assessments, { messageId, atMs: this.now() }),
      blocked: assessments.filter(({ action }) => action.kind === 'accept_and_block').map((each) => each.endToEndId),
    };
  }

  /** Transfers inside one institution, which is the payer's too. */
  private async booked(message: Of<'trck.002'>): Promise<Receipt> {
    const assessments = await this.assessAll(message.payments.map((payment) => ({ ...payment, side: 'payer' })));
    const decisions = { approve: 0, review: 0, reject: 0 };
    for (const { decision } of assessments) decisions[decision] += 1;
    return { ...receiptOf(message, message.payments.length + message.returns.length), decisions };
  }

  /** Money that went back with FR01 was agreed to be fraud (MED); the other reasons say nothing of fraud. */
  private async returned(message: Of<'pacs.004'>, caller: string): Promise<Receipt> {
    const frauds = message.returns.filter(({ reason }) => reason === 'FR01');
    const outcomes = frauds.map(({ originalEndToEndId }): Outcome => ({
      endToEndId: originalEndToEndId,
      source: 'med',
      result: 'agreed',
      situation: 'unknown',
      knownAt: message.header.createdAt,
    }));
    return {
      ...receiptOf(message, message.returns.length),
      outcomes: await this.outcomes.recordAll(outcomes, caller),
    };
  }

  /** All of one message at once: the SPI's clock runs for each of them. */
  private async assessAll(payments: readonly Payment[]): Promise<Assessment[]> {
    const results = await Promise.allSettled(payments.map((payment) => this.scoring.assess(payment)));
    const faults = results.flatMap((result, index) =>
      result.status === 'rejected' ? [{ index, fault: toFault(result.reason) }] : [],
    );
    // What the sender has to mend first: sending the same again would not help.
    const worst = faults.find(({ fault }) => fault.kind === 'caller') ?? faults[0];
    if (worst) throw ofTransaction(worst.fault, worst.index, payments.length);
    return results.map((result) => (result as PromiseFulfilledResult<Assessment>).value);
  }
}

function receiptOf({ type, header }: SpiMessage, transactions: number): Receipt {
  return { messageId: header.messageId, type: type as Receipt['type'], transactions };
}

function ofTransaction(fault: Fault, index: number, count: number): Fault {
  if (fault.kind !== 'caller') return fault;
  return new Fault(fault.code, {
    detail: `Transaction ${index + 1} of ${count}: ${fault.message}`,
    ...(fault.errors && { errors: fault.errors }),
    cause: fault,
  });
}
