import { fromCents, type Decision, type Outcome } from '@vigia/contracts';
import type { AccountabilityRecord, OccurrenceGroup, OccurrenceKind } from '@vigia/ledger';
import { TIME_ZONE, daysOf } from './brasilia.js';
import { csvLine } from './csv.js';
import { finalityOf, type Finality } from './finality.js';

interface Sum {
  count: number;
  amount: string;
}

/** The month's frauds and attempts and what was done against them, for the institution's governance. */
export interface MonthlyReport extends Finality {
  month: string;
  timeZone: string;
  madeAt: string;
  /** Payments by their decision. */
  decisions: Record<Decision, number>;
  /** MED reports of which this became known in the month. */
  medReports: Record<Outcome['result'], number>;
  totals: Record<OccurrenceKind, Sum>;
  groups: (Omit<OccurrenceGroup, 'amountCents'> & { amount: string })[];
}

type Source = Pick<AccountabilityRecord, 'occurrenceGroups' | 'decisionCounts' | 'medResults'>;

/**
 * Counted day by day, so that no question takes long.
 * @param month as 2026-11, of Brasília
 * @throws {Fault} `invalid_request` for a month that is none, `dependency_unavailable`
 */
export async function monthlyReport(
  record: Source,
  { month, labelHorizonDays, nowMs }: { month: string; labelHorizonDays: number; nowMs: number },
): Promise<MonthlyReport> {
  const days = daysOf(month, nowMs);
  const whole = { fromMs: days[0]!.fromMs, toMs: days.at(-1)!.toMs };
  const decisions = { approve: 0, review: 0, reject: 0 };
  const groups = new Map<string, OccurrenceGroup>();
  for (const day of days.filter(({ fromMs }) => fromMs <= nowMs)) {
    const counts = await record.decisionCounts(day);
    for (const decision of ['approve', 'review', 'reject'] as const) decisions[decision] += counts[decision];
    for (const group of await record.occurrenceGroups({ ...day, knownBeforeMs: nowMs })) add(groups, group);
  }
  const sorted = [...groups.values()].sort((a, b) => b.amountCents - a.amountCents);
  return {
    month,
    timeZone: TIME_ZONE,
    madeAt: new Date(nowMs).toISOString(),
    ...finalityOf(whole, labelHorizonDays, nowMs),
    decisions,
    medReports: await record.medResults(whole),
    totals: {
      fraud: sumOf(sorted, 'fraud'),
      attempt: sumOf(sorted, 'attempt'),
      suspected_attempt: sumOf(sorted, 'suspected_attempt'),
    },
    groups: sorted.map(({ amountCents, ...rest }) => ({ ...rest, amount: fromCents(amountCents) })),
  };
}

/** The groups as lines; the totals follow from them. */
export function csvOf({ month, preliminary, groups }: MonthlyReport): string {
  const names = ['month', 'kind', 'side', 'situation', 'channel', 'initiationForm', 'measure', 'holdEnd', 'count'];
  const lines = groups.map((each) =>
    csvLine([
      month,
      each.kind,
      each.side,
      each.situation,
      each.channel,
      each.initiationForm,
      each.measure,
      each.holdEnd,
      each.count,
      each.amount,
      String(preliminary),
    ]),
  );
  return csvLine([...names, 'amount', 'preliminary']) + lines.join('');
}

function add(groups: Map<string, OccurrenceGroup>, { count, amountCents, ...same }: OccurrenceGroup): void {
  const key = JSON.stringify(same);
  const known = groups.get(key) ?? { ...same, count: 0, amountCents: 0 };
  groups.set(key, { ...known, count: known.count + count, amountCents: known.amountCents + amountCents });
}

function sumOf(groups: OccurrenceGroup[], kind: OccurrenceKind): Sum {
  const own = groups.filter((group) => group.kind === kind);
  return {
    count: own.reduce((sum, { count }) => sum + count, 0),
    amount: fromCents(own.reduce((sum, { amountCents }) => sum + amountCents, 0)),
  };
}
