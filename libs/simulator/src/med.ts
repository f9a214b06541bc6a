import type { OutcomeInput, Situation } from '@vigia/contracts';
import { DAY_MS, HOUR_MS, instantText } from './calendar.js';
import type { MarkerKind } from './dict-record.js';
import { uuid } from './identity.js';
import type { Plan } from './plan.js';
import type { Random } from './random.js';
import { SCENARIOS } from './scenarios.js';

const MARKER_NAMES = {
  applicationFrauds: 'application_fraud',
  muleAccounts: 'mule_account',
  scammerAccounts: 'scammer_account',
  otherFrauds: 'other',
} as const;

/** The MED takes contestations for 80 days. */
const LATEST_MS = 80 * DAY_MS;

interface Contestation {
  reportMs: number;
  agreedShare: number;
  situation: Situation;
  marker: MarkerKind;
}

/**
 * What becomes known of a payment, oldest first: the report, then its result after up to seven days. Empty when nobody
 * ever reports it. The payee's DICT counters follow. About 1 in 10 contestations in the country is agreed (late 2025).
 */
export function outcomesOf(random: Random, plan: Plan, endToEndId: string, amountCents: number): OutcomeInput[] {
  const contestation = contestationOf(random, plan);
  if (!contestation) return [];
  const { reportMs, situation, marker } = contestation;
  const resultMs = Math.floor(reportMs + Math.min(7 * DAY_MS, HOUR_MS + random.logNormal(40, 0.8) * HOUR_MS));
  const agreed = random.chance(contestation.agreedShare);
  plan.payee.dict.reports.push({
    keyIndex: 0,
    openedAtMs: reportMs,
    closedAtMs: resultMs,
    agreed,
    blocks: agreed && plan.truth.fraud && random.chance(0.4),
    kind: marker,
    amountCents,
    reporter: random.below(40),
  });
  const report = { endToEndId, source: 'med' as const, situation, reportId: uuid(random) };
  const opened: OutcomeInput = { ...report, result: 'open', knownAt: instantText(reportMs) };
  if (random.chance(0.02)) return [opened];
  const closed: OutcomeInput = { ...report, result: agreed ? 'agreed' : 'disagreed', knownAt: instantText(resultMs) };
  if (agreed) closed.fraudMarker = MARKER_NAMES[marker];
  return [opened, closed];
}

function contestationOf(random: Random, plan: Plan): Contestation | null {
  const { truth, atMs } = plan;
  if (!truth.fraud) {
    if (!plan.contested) return null;
    return {
      reportMs: Math.floor(atMs + Math.min(LATEST_MS, random.logNormal(90, 1.2) * HOUR_MS)),
      agreedShare: 0.06,
      situation: random.chance(0.75) ? 'scam' : random.chance(0.5) ? 'other' : 'unknown',
      marker: random.chance(0.7) ? 'scammerAccounts' : 'otherFrauds',
    };
  }
  const scenario = SCENARIOS[truth.scenario!];
  // Small losses are borne in silence.
  const bearable = plan.balanceShare === undefined && plan.amountCents < 8_000 ? 0.6 : 1;
  if (!random.chance(scenario.reported * bearable)) return null;
  return {
    reportMs: Math.floor(atMs + Math.min(LATEST_MS, (0.3 + random.logNormal(scenario.reportHours, 1)) * HOUR_MS)),
    agreedShare: 0.88,
    situation: random.chance(0.85) ? scenario.situation : random.chance(0.6) ? 'scam' : 'other',
    marker: random.chance(0.85) ? scenario.marker : random.chance(0.5) ? 'applicationFrauds' : 'otherFrauds',
  };
}
