import { setTimeout as sleep } from 'node:timers/promises';
import {
  payment as paymentSchema,
  toCents,
  type Assessment,
  type OutcomeInput,
  type PaymentInput,
} from '@vigia/contracts';
import type { SimulatedEvent } from '@vigia/simulator';
import { makeMessageId, writePacs008 } from '@vigia/spi';
import { randomBytes } from 'node:crypto';

type PaymentEvent = Extract<SimulatedEvent, { kind: 'payment' }>;

export interface Tally {
  sent: number;
  failed: number;
  overXml: number;
  atMs: number;
  startedAtMs: number;
  latenciesMs: number[];
  decisions: Record<Assessment['decision'], number>;
  degraded: number;
  fraud: { seen: number; stopped: number; seenCents: number; stoppedCents: number };
  /** Genuine payments that were held or refused. */
  falseAlarms: number;
}

interface DemoAddresses {
  scoringUrl: string;
  ingestionUrl: string;
  key: string;
  /** For outcomes of payments that this platform has not assessed: they came with the history. */
  labelEarlier: (outcome: OutcomeInput) => Promise<void>;
}

const MAX_IN_FLIGHT = 64;
const SPI_ISPB = '00038166';

/** Sends a day of payments as their channels would: ours as JSON, arriving ones as the SPI's XML. */
export class DemoDay {
  readonly tally: Tally = {
    sent: 0,
    failed: 0,
    overXml: 0,
    atMs: 0,
    startedAtMs: 0,
    latenciesMs: [],
    decisions: { approve: 0, review: 0, reject: 0 },
    degraded: 0,
    fraud: { seen: 0, stopped: 0, seenCents: 0, stoppedCents: 0 },
    falseAlarms: 0,
  };
  /** EndToEndIds of payments that were held, frauds first. */
  readonly held: string[] = [];
  /** The same of those that were refused. */
  readonly rejected: string[] = [];

  constructor(private readonly to: DemoAddresses) {}

  async stream(events: SimulatedEvent[], rate: number, onTick: (tally: Tally, final: boolean) => void): Promise<void> {
    const running = new Set<Promise<void>>();
    const { tally } = this;
    tally.startedAtMs = performance.now();
    const ticker = setInterval(() => onTick(tally, false), 1000);
    for (const event of events) {
      const dueInMs = tally.startedAtMs + (tally.sent * 1000) / rate - performance.now();
      if (dueInMs > 2) await sleep(dueInMs);
      if (running.size >= MAX_IN_FLIGHT) await Promise.race(running);
      tally.atMs = event.atMs;
      if (event.kind === 'payment') tally.sent++;
      const work = (event.kind === 'payment' ? this.pay(event) : this.tell(event.outcome))
        .catch(() => void tally.failed++)
        .finally(() => running.delete(work));
      running.add(work);
    }
    await Promise.all(running);
    clearInterval(ticker);
    onTick(tally, true);
  }

  /** The recorded answer of one rejected payment, a fraud if there was one; else of one that was held. */
  async explainOne(): Promise<Assessment | null> {
    const [first] = [...this.rejected, ...this.held];
    return first === undefined ? null : this.read(first);
  }

  private async pay(event: PaymentEvent): Promise<void> {
    const startedAt = performance.now();
    const arriving = event.payment.side === 'payee';
    const assessment = arriving
      ? await this.arrive(event.payment, startedAt)
      : await this.assess(event.payment, startedAt);
    this.count(event, assessment);
  }

  private async assess(payment: PaymentInput, startedAt: number): Promise<Assessment> {
    const answer = await this.post(`${this.to.scoringUrl}/v1/assessments`, 'application/json', JSON.stringify(payment));
    this.tally.latenciesMs.push(performance.now() - startedAt);
    return (await answer.json()) as Assessment;
  }

  private async arrive(payment: PaymentInput, startedAt: number): Promise<Assessment> {
    const suffix = randomBytes(12).toString('hex').slice(0, 23);
    const xml = writePacs008({
      header: {
        from: SPI_ISPB,
        to: payment.payee.ispb,
        messageId: makeMessageId({ ispb: SPI_ISPB, suffix }),
        createdAt: payment.acceptedAt,
        version: '1.16',
      },
      payments: [paymentSchema.parse(payment)],
    });
    const answer = await this.post(`${this.to.ingestionUrl}/v1/spi/messages`, 'application/xml', xml);
    this.tally.latenciesMs.push(performance.now() - startedAt);
    this.tally.overXml++;
    await answer.text();
    return this.read(payment.endToEndId);
  }

  private async tell(outcome: OutcomeInput): Promise<void> {
    const answer = await fetch(`${this.to.ingestionUrl}/v1/outcomes`, {
      method: 'POST',
      headers: { 'x-api-key': this.to.key, 'content-type': 'application/json' },
      body: JSON.stringify(outcome),
    });
    await answer.text();
    if (!answer.ok) await this.to.labelEarlier(outcome);
  }

  private async read(endToEndId: string): Promise<Assessment> {
    const answer = await fetch(`${this.to.scoringUrl}/v1/assessments/${endToEndId}`, {
      headers: { 'x-api-key': this.to.key },
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Assessment;
  }

  private async post(url: string, type: string, body: string): Promise<Response> {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'x-api-key': this.to.key, 'content-type': type },
      body,
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer;
  }

  private count({ payment, truth }: PaymentEvent, assessment: Assessment): void {
    const { tally } = this;
    const stopped = assessment.decision !== 'approve';
    tally.decisions[assessment.decision]++;
    if (assessment.degraded.length > 0) tally.degraded++;
    if (truth.fraud) {
      const cents = toCents(payment.amount);
      tally.fraud.seen++;
      tally.fraud.seenCents += cents;
      if (stopped) {
        tally.fraud.stopped++;
        tally.fraud.stoppedCents += cents;
      }
    } else if (stopped) tally.falseAlarms++;
    const list = assessment.decision === 'reject' ? this.rejected : this.held;
    if (stopped) list[truth.fraud ? 'unshift' : 'push'](assessment.endToEndId);
  }
}
