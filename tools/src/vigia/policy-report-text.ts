import { decision, fromCents, type Decision } from '@vigia/contracts';
import type { Amount, PolicyTally } from '@vigia/policy';
import { tableOf } from './table.js';

/** What monitoring answers of two policies, as far as it is shown; `unknown` and the rest only of a back-test. */
export interface PolicyReport {
  version: string;
  against?: string;
  payments: number;
  live: PolicyTally;
  draft: PolicyTally;
  matrix: Record<Decision, Record<Decision, Amount>>;
  unknown?: Record<'withoutVerdict' | 'young' | 'rejectedThen' | 'rejectedThenApprovedByDraft', Amount>;
  reproduced?: { payments: number; same: number };
  leftOut?: { otherFeatureSet: number; otherPolicy: number };
}

const amount = ({ payments, cents }: Amount): string => `${payments} (R$ ${fromCents(cents)})`;
const aDay = (value: number): string => value.toFixed(1);

/** One line a figure, then who decides what otherwise, then what is unknown. */
export function reportText(report: PolicyReport): string {
  const { version, against, payments, live, draft, matrix } = report;
  const row = (name: string, figure: (tally: PolicyTally) => string): string[] => [name, figure(live), figure(draft)];
  const figures = [
    ...decision.options.map((each) => row(each, ({ decisions }) => amount(decisions[each]))),
    row('reviews a day', ({ reviewsPerDay }) => aDay(reviewsPerDay)),
    row('rejections a day', ({ rejectionsPerDay }) => aDay(rejectionsPerDay)),
    row('fraud caught', ({ caughtFraud }) => amount(caughtFraud)),
    row('fraud missed', ({ missedFraud }) => amount(missedFraud)),
    row('false positives', ({ falsePositives }) => amount(falsePositives)),
    row('stopped, no verdict', ({ stoppedWithoutVerdict }) => amount(stoppedWithoutVerdict)),
    row('estimated cost', ({ estimatedCostCents }) => `R$ ${fromCents(estimatedCostCents)}`),
  ];
  const cells = decision.options.map((each) => [
    `${each} ->`,
    ...decision.options.map((other) => String(matrix[each][other].payments)),
  ]);
  return [
    `${payments} payments`,
    tableOf(['', `live ${against ?? ''}`.trim(), `version ${version}`], figures),
    '',
    tableOf(['live -> version', ...decision.options], cells),
    ...unknownLines(report),
  ].join('\n');
}

function unknownLines({ unknown, reproduced, leftOut }: PolicyReport): string[] {
  if (!unknown || !reproduced || !leftOut) return [];
  const { rejectedThen, rejectedThenApprovedByDraft: approved } = unknown;
  return [
    '',
    `Unknown: ${amount(unknown.withoutVerdict)} have no verdict, ${amount(unknown.young)} are so young that labels are still to come.`,
    `Rejected then, so nobody knows: ${amount(rejectedThen)}, of which the version approves ${amount(approved)}.`,
    `Of ${reproduced.payments} payments that the live version decided itself it decides ${reproduced.same} the same.`,
    `Left out: ${leftOut.otherFeatureSet} of another feature set, ${leftOut.otherPolicy} of another policy.`,
  ];
}
