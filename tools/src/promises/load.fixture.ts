import { setTimeout as sleep } from 'node:timers/promises';
import type { Assessment, PaymentInput } from '@vigia/contracts';
import { cpf, paymentBuilder, waitFor } from '@vigia/testing';
import type { RecordedRow, Scoring } from './bank.fixture.js';

const PEOPLE = 200;
const AMOUNTS = ['50.00', '950.00', '2500.00'];
let sent = 0;

/** A payment of now between two of 200 people; every third is large enough to be reviewed without a model. */
export function nextPayment(): PaymentInput {
  const n = sent++;
  const payee = cpf(1_000 + (n % PEOPLE));
  return paymentBuilder({
    acceptedAt: new Date().toISOString(),
    amount: AMOUNTS[n % AMOUNTS.length]!,
    payer: { taxId: cpf((n * 7) % PEOPLE) },
    payee: { taxId: payee, key: payee },
  });
}

export interface Refusal {
  payment: PaymentInput;
  status: number;
  /** Of its problem; the whole body where that is none. */
  code: string;
  retryAfter: string | null;
}

/** Clients that each send the next payment when the last one is answered, refused or lost, until told to stop. */
export class Load {
  readonly answers: Assessment[] = [];
  readonly refusals: Refusal[] = [];
  /** Payments whose connection broke before an answer, and why. */
  readonly lost: { payment: PaymentInput; why: string }[] = [];
  private stopped = false;
  private readonly clients: Promise<void>[];

  /** @param scoring asked before each payment, so that a restarted one takes over */
  constructor(
    private readonly scoring: () => Scoring,
    clients = 16,
  ) {
    this.clients = Array.from({ length: clients }, () => this.client());
  }

  /** Resolves when `more` answers of the kind have come since the call. */
  async answered(more: number, kind: (answer: Assessment) => boolean = () => true): Promise<void> {
    const from = this.answers.length;
    await waitFor(() => this.answers.slice(from).filter(kind).length >= more, { timeoutMs: 30_000 });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
  }

  private async client(): Promise<void> {
    while (!this.stopped) {
      const payment = nextPayment();
      try {
        await this.note(payment, await this.scoring().send(payment));
      } catch (error) {
        this.lost.push({ payment, why: reasonOf(error) });
        // A port that refuses does so at once: no busy loop.
        await sleep(20);
      }
    }
  }

  private async note(payment: PaymentInput, response: Response): Promise<void> {
    if (response.status === 200) {
      this.answers.push((await response.json()) as Assessment);
      return;
    }
    const text = await response.text();
    const code = /"type":"urn:vigia:problem:(\w+)"/.exec(text)?.[1] ?? text;
    this.refusals.push({ payment, status: response.status, code, retryAfter: response.headers.get('retry-after') });
  }
}

/** The answers that the record lacks or contradicts: none, if the promise holds. */
export function notRecorded(answers: Assessment[], record: Map<string, RecordedRow>): Assessment[] {
  return answers.filter(({ endToEndId, decision, decidedAt }) => {
    const row = record.get(endToEndId);
    return row?.decision !== decision || row.decidedAt !== decidedAt;
  });
}

/** Code of the broken connection under fetch's own error. */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause;
  return cause?.code ?? String(error);
}
