import { Fault } from '@vigia/contracts';
import type { Ledger, SubjectReviewAccess } from '@vigia/ledger';
import { subjectReview, type SubjectReview } from './subject-review.js';
import type { Language } from './words.js';

/** Most accesses that one question answers. */
const ACCESSES = 1_000;

type Source = Pick<Ledger, 'assessment' | 'outcomes' | 'changeBehind' | 'cases' | 'accountability'>;

/** Reads what is behind a decision for the person whom it concerns, and writes down who read it. */
export class SubjectReviewService {
  constructor(
    private readonly ledger: Source,
    private readonly contestAt: string,
    private readonly now: () => number,
  ) {}

  /**
   * On record before it is answered: what cannot be written down is not shown.
   * @throws {Fault} `unknown_payment`, `dependency_unavailable`
   */
  async read(endToEndId: string, reader: { by: string; caller: string; lang: Language }): Promise<SubjectReview> {
    const { ledger, contestAt } = this;
    const row = await this.known(endToEndId);
    const nowMs = this.now();
    const outcomes = await ledger.outcomes(endToEndId);
    const sources = {
      row,
      outcomes,
      change: await ledger.changeBehind(row),
      case: await ledger.cases.ofPayment(endToEndId),
    };
    const access = { endToEndId, at: new Date(nowMs).toISOString(), ...reader };
    await ledger.accountability.recordSubjectReviewAccess(access);
    return subjectReview(sources, { lang: reader.lang, contestAt, nowMs });
  }

  /** Newest first. @throws {Fault} `unknown_payment` */
  async accesses(endToEndId: string): Promise<SubjectReviewAccess[]> {
    await this.known(endToEndId);
    return this.ledger.accountability.subjectReviewAccesses(endToEndId, ACCESSES);
  }

  private async known(endToEndId: string) {
    const row = await this.ledger.assessment(endToEndId);
    if (row) return row;
    throw new Fault('unknown_payment', { detail: `no assessment of ${endToEndId} is in the ledger` });
  }
}
