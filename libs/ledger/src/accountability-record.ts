import type { Decision, Outcome } from '@vigia/contracts';
import type { Pool } from 'pg';
import {
  decisionCounts,
  medResults,
  occurrenceGroups,
  occurrencePage,
  type FraudOccurrence,
  type OccurrenceGroup,
  type OccurrenceRange,
} from './fraud-occurrences.js';
import { asking } from './outage.js';
import {
  recordSubjectReviewAccess,
  subjectReviewAccesses,
  type SubjectReviewAccess,
} from './subject-review-accesses.js';

/** What an institution owes the authority and the data subject. */
export class AccountabilityRecord {
  constructor(private readonly pool: Pool) {}

  /** Frauds and attempts of a range, a page behind `after`, in the order of acceptance. */
  occurrences(
    range: OccurrenceRange,
    limit: number,
    after: { acceptedAt: string; endToEndId: string } | null,
  ): Promise<FraudOccurrence[]> {
    return asking(() => occurrencePage(this.pool, range, limit, after));
  }

  occurrenceGroups(range: OccurrenceRange): Promise<OccurrenceGroup[]> {
    return asking(() => occurrenceGroups(this.pool, range));
  }

  decisionCounts(range: Pick<OccurrenceRange, 'fromMs' | 'toMs'>): Promise<Record<Decision, number>> {
    return asking(() => decisionCounts(this.pool, range));
  }

  medResults(range: Pick<OccurrenceRange, 'fromMs' | 'toMs'>): Promise<Record<Outcome['result'], number>> {
    return asking(() => medResults(this.pool, range));
  }

  recordSubjectReviewAccess(access: SubjectReviewAccess): Promise<void> {
    return asking(() => recordSubjectReviewAccess(this.pool, access));
  }

  /** Newest first. */
  subjectReviewAccesses(endToEndId: string, limit: number): Promise<SubjectReviewAccess[]> {
    return asking(() => subjectReviewAccesses(this.pool, endToEndId, limit));
  }
}
