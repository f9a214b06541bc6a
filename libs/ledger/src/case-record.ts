import type { CaseAssignment, CaseHoldEnd, CaseNote, CaseQuestion, CaseVerdict } from '@vigia/contracts';
import type { Pool, PoolClient } from 'pg';
import { assignCase, endCaseHolds, endHoldsThatRanOut, judgeCase, noteCase } from './case-changes.js';
import { openCases, waitingForCases, type InboxStep } from './case-inbox.js';
import {
  caseCounts,
  caseDetail,
  caseOfPayment,
  casePage,
  endedHolds,
  type CaseCounts,
  type CaseDetail,
  type CaseOfPayment,
  type CasePage,
} from './case-questions.js';
import type { CaseEvent } from './case-row.js';
import { changingCases, type CaseActor } from './case-transaction.js';
import { asking } from './outage.js';

/** Events of a case that one question answers. */
const EVENTS = 500;

/** The cases of the payments that a person is to look at. Every change leaves a line in the audit trail. */
export class CaseRecord {
  constructor(private readonly pool: Pool) {}

  /** One step of the follower, see `openCases` in case-inbox.ts. */
  open(atMs: number): Promise<InboxStep> {
    return openCases(this.pool, atMs);
  }

  /** Payments that wait for their case, and since when the first one does. */
  waiting(): Promise<{ count: number; sinceMs: number | null }> {
    return asking(() => waitingForCases(this.pool));
  }

  /** @throws {Fault} `invalid_request` when `after` is no cursor of this order */
  page(question: CaseQuestion): Promise<CasePage> {
    return asking(() => casePage(this.pool, question));
  }

  /** @throws {Fault} `not_found` */
  detail(id: string): Promise<CaseDetail> {
    return asking(() => caseDetail(this.pool, id, EVENTS));
  }

  ofPayment(endToEndId: string): Promise<CaseOfPayment | null> {
    return asking(() => caseOfPayment(this.pool, endToEndId));
  }

  counts(): Promise<CaseCounts> {
    return asking(() => caseCounts(this.pool));
  }

  /** Holds that ended behind the event `after`, oldest first: who reads on from the last id misses none. */
  endedHolds(after: string, limit: number): Promise<CaseEvent[]> {
    return asking(() => endedHolds(this.pool, after, limit));
  }

  /** @throws {Fault} `case_taken`, `case_closed`, `not_found` */
  assign(id: string, change: Pick<CaseAssignment, 'assignee' | 'from'>, actor: CaseActor): Promise<void> {
    return this.change((client) => assignCase(client, id, change, actor));
  }

  /** @throws {Fault} `not_found` */
  note(id: string, text: CaseNote['text'], actor: CaseActor): Promise<void> {
    return this.change((client) => noteCase(client, id, text, actor));
  }

  /** See `judgeCase` in case-changes.ts. Answers how many holds that ended. @throws {Fault} `case_taken`, `case_closed`, `not_found` */
  judge(id: string, said: Omit<CaseVerdict, 'by'>, actor: CaseActor): Promise<number> {
    return this.change((client) => judgeCase(client, id, said, actor));
  }

  /** Answers how many. @throws {Fault} `case_taken`, `hold_over`, `not_found` */
  endHolds(id: string, end: Omit<CaseHoldEnd, 'by'>, actor: CaseActor): Promise<number> {
    return this.change((client) => endCaseHolds(client, id, end, actor));
  }

  /** Ends holds of which nobody said anything until their end; answers how many, `limit` where there may be more. */
  endOverdueHolds(
    end: { end: 'released' | 'cancelled' | 'ran_out'; limit: number },
    actor: CaseActor,
  ): Promise<number> {
    return this.change((client) => endHoldsThatRanOut(client, end, actor));
  }

  private change<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return changingCases(this.pool, work);
  }
}
