import type { CaseAssignment, CaseHoldEnd, CaseNote, CaseQuestion, CaseVerdict, HoldEnd } from '@vigia/contracts';
import type { CaseActor, CaseRecord, Ledger } from '@vigia/ledger';
import { problemOf, toFault, type Problem } from '@vigia/platform';
import type { CaseMetrics } from './case-metrics.js';
import { detailOf, viewOf, type CaseDetailView, type CaseView } from './case-view.js';

/** What became of one case of many. */
export type CaseResult = { case: string; status: 'done' } | { case: string; problem: Problem };

/** A hold that ended, for whoever has the money. */
export interface EndedHold {
  id: string;
  endToEndId: string;
  end: HoldEnd;
  at: string;
  by: string;
  case: string;
}

/** Shows cases and takes what analysts say of them. */
export class CasesService {
  private readonly cases: CaseRecord;

  constructor(
    private readonly ledger: Pick<Ledger, 'cases' | 'assessments' | 'outcomesOf'>,
    private readonly metrics: CaseMetrics,
    private readonly now: () => number,
  ) {
    this.cases = ledger.cases;
  }

  /** @throws {Fault} `invalid_request` when `after` is no cursor of this order */
  async page(question: CaseQuestion): Promise<{ cases: CaseView[]; next?: string }> {
    const { cases, ...rest } = await this.cases.page(question);
    return { cases: cases.map(viewOf), ...rest };
  }

  /** @throws {Fault} `not_found` */
  async detail(id: string): Promise<CaseDetailView> {
    const detail = await this.cases.detail(id);
    const ids = detail.items.map(({ endToEndId }) => endToEndId);
    return detailOf(detail, await this.ledger.assessments(ids), await this.ledger.outcomesOf(ids));
  }

  /** @throws {Fault} `case_taken`, `case_closed`, `not_found` */
  async assign(id: string, { by, ...change }: CaseAssignment, caller: string): Promise<CaseDetailView> {
    await this.cases.assign(id, change, this.actor(by, caller));
    return this.detail(id);
  }

  /** @throws {Fault} `not_found` */
  async note(id: string, { by, text }: CaseNote, caller: string): Promise<CaseDetailView> {
    await this.cases.note(id, text, this.actor(by, caller));
    return this.detail(id);
  }

  /** @throws {Fault} `case_taken`, `case_closed`, `not_found` */
  async judge(id: string, said: CaseVerdict, caller: string): Promise<CaseDetailView> {
    await this.judgeOne(id, said, caller);
    return this.detail(id);
  }

  /** @throws {Fault} `case_taken`, `hold_over`, `not_found` */
  async endHolds(id: string, { by, ...end }: CaseHoldEnd, caller: string): Promise<CaseDetailView> {
    this.metrics.holdsEnded(end.end, 'person', await this.cases.endHolds(id, end, this.actor(by, caller)));
    return this.detail(id);
  }

  /** Each case by itself: what one is refused for does not touch the others. */
  assignAll(ids: string[], { by, ...change }: CaseAssignment, caller: string): Promise<CaseResult[]> {
    return each(ids, (id) => this.cases.assign(id, change, this.actor(by, caller)));
  }

  /** As {@link assignAll}. */
  judgeAll(
    verdicts: (Omit<CaseVerdict, 'by'> & { case: string })[],
    by: string,
    caller: string,
  ): Promise<CaseResult[]> {
    const saidOf = verdicts.map(({ case: id, ...said }) => [id, said] as const);
    return each(
      saidOf.map(([id]) => id),
      (id, index) => this.judgeOne(id, { by, ...saidOf[index]![1] }, caller),
    );
  }

  /** Behind the event `after`, oldest first. */
  async endedHolds(after: string, limit: number): Promise<EndedHold[]> {
    const events = await this.cases.endedHolds(after, limit);
    return events.map(({ id, endToEndId, after: changed, at, by, caseId }) => ({
      id,
      endToEndId: endToEndId!,
      end: changed['end'] as HoldEnd,
      at,
      by,
      case: caseId,
    }));
  }

  private async judgeOne(id: string, { by, ...said }: CaseVerdict, caller: string): Promise<void> {
    const held = await this.cases.judge(id, said, this.actor(by, caller));
    this.metrics.judged(said.verdict);
    this.metrics.holdsEnded(said.verdict === 'fraud' ? 'cancelled' : 'released', 'person', held);
  }

  private actor(by: string, caller: string): CaseActor {
    return { by, caller, atMs: this.now() };
  }
}

/** One after the other; only the caller's faults are results, what is away ends it: done so far stays done. */
async function each(ids: string[], work: (id: string, index: number) => Promise<void>): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const [index, id] of ids.entries()) {
    try {
      await work(id, index);
      results.push({ case: id, status: 'done' });
    } catch (error) {
      const fault = toFault(error);
      if (fault.kind !== 'caller') throw fault;
      results.push({ case: id, problem: problemOf(fault) });
    }
  }
  return results;
}
