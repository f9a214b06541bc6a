import { hash } from 'node:crypto';
import { Fault, type Assessment, type Payment, type PseudonymousPayment } from '@vigia/contracts';
import type { AssessmentRow, AssessmentWriter } from '@vigia/ledger';
import { problemOf, toFault, type Problem, type Pseudonymiser } from '@vigia/platform';
import type { ShadowScorer } from '../model/shadow-scorer.js';
import type { PolicyShadow } from '../policy/policy-shadow.js';
import { assessmentOf, rowOf } from './assessment-row.js';
import type { DecisionMetrics } from './decision-metrics.js';
import type { FeatureReader } from './feature-reader.js';
import type { Judge } from './judge.js';
import { requirePlausibleTimes, type ClockTolerance } from './plausibility.js';

interface AssessRequest {
  /** SHA-256 of the pseudonymised payment: tells a repeat from a conflict. */
  content: Uint8Array;
  caller: string;
  receivedAtMs: number;
}

export interface AssessDependencies {
  pseudonymiser: Pseudonymiser;
  features: FeatureReader;
  judge: Judge;
  ledger: AssessmentWriter;
  shadow: ShadowScorer;
  policyShadow: PolicyShadow;
  metrics: DecisionMetrics;
  tolerance: ClockTolerance;
}

/** The decision path: pseudonymise, observe, score, decide, explain, record; then answer. */
export class AssessService {
  /** Payments on their way in this process: a repeat waits for the answer of the first. */
  private readonly running = new Map<string, { content: Uint8Array; answer: Promise<Assessment> }>();

  constructor(private readonly parts: AssessDependencies) {}

  /**
   * One answer per EndToEndId: a repeat gets the first assessment, the same id with other content is refused.
   * @param caller name of the API key, for the record
   * @throws {Fault} `conflicting_content`, `end_to_end_id_of_another_day`, `clock_skew`; `overloaded` when the ledger
   *   takes no more
   */
  async assess(payment: Payment, caller: string): Promise<Assessment> {
    const receivedAtMs = performance.now();
    const { endToEndId } = payment;
    requirePlausibleTimes(payment, Date.now(), this.parts.tolerance);
    const pseudonymous = this.parts.pseudonymiser.payment(payment);
    const content = hash('sha256', JSON.stringify(pseudonymous), 'buffer');
    for (let running = this.running.get(endToEndId); running; running = this.running.get(endToEndId)) {
      if (Buffer.compare(running.content, content) === 0) {
        this.parts.metrics.repeated();
        return running.answer;
      }
      // Of two contents at once the ledger says which came first; the other process may have had this one before.
      await running.answer.catch(() => undefined);
    }
    const answer = this.decide(pseudonymous, { content, caller, receivedAtMs });
    this.running.set(endToEndId, { content, answer });
    try {
      return await answer;
    } finally {
      this.running.delete(endToEndId);
    }
  }

  /** Each payment by itself: what one is refused for does not touch the others. */
  assessAll(payments: Payment[], caller: string): Promise<BatchResult[]> {
    return Promise.all(
      payments.map((payment) =>
        this.assess(payment, caller).then(
          (assessment) => ({ assessment }),
          (error: unknown) => ({ problem: problemOf(toFault(error)), endToEndId: payment.endToEndId }),
        ),
      ),
    );
  }

  private async decide(payment: PseudonymousPayment, request: AssessRequest): Promise<Assessment> {
    const { features, judge, ledger, shadow, policyShadow, metrics } = this.parts;
    const startedAtMs = performance.now();
    const seen = await features.read(payment);
    const seenAtMs = performance.now();
    if (!seen.first) {
      const earlier = await ledger.assessment(payment.endToEndId).catch(() => undefined);
      if (earlier) return this.repeated(earlier, request);
    }
    const judgement = await judge.judge(payment, seen);
    const explainedAtMs = performance.now();
    const timingsUs = {
      prepare: microseconds(startedAtMs - request.receivedAtMs),
      features: microseconds(seenAtMs - startedAtMs),
      score: microseconds(judgement.scoredAtMs - seenAtMs),
      policy: microseconds(judgement.judgedAtMs - judgement.scoredAtMs),
      explain: microseconds(explainedAtMs - judgement.judgedAtMs),
    };
    const row = rowOf(payment, seen, judgement, {
      contentSha256: request.content,
      caller: request.caller,
      decidedAtMs: Date.now(),
      timingsUs,
      set: features.set,
    });
    const recorded = await ledger.record(row);
    if (recorded.stored === 'existing') return this.repeated(recorded.row, request);
    shadow.offer(row, judgement.role);
    policyShadow.offer(row);
    const assessment = assessmentOf(recorded.stored === 'spooled' ? recorded.row : row);
    metrics.decided(assessment, { ...timingsUs, record: microseconds(performance.now() - explainedAtMs) });
    return assessment;
  }

  private repeated(row: AssessmentRow, request: AssessRequest): Assessment {
    requireSame(row.contentSha256, request.content);
    this.parts.metrics.repeated();
    return assessmentOf(row);
  }
}

export type BatchResult = { assessment: Assessment } | { endToEndId: string; problem: Problem };

const microseconds = (ms: number): number => Math.round(ms * 1000);

function requireSame(recorded: Uint8Array, content: Uint8Array): void {
  if (Buffer.compare(recorded, content) !== 0) throw conflict();
}

function conflict(): Fault {
  return new Fault('conflicting_content', {
    detail:
      'A payment with this EndToEndId and other content was assessed within the last 48 h. Send what was sent first, or make a new EndToEndId.',
    errors: [{ field: 'endToEndId', message: 'is taken by another payment' }],
  });
}
