import { fromCents, labelOf, type ModelChange } from '@vigia/contracts';
import { HANDBOOK, PIX, compileFeatureSet, describeFeatures, type FeatureDescription } from '@vigia/features';
import type { AssessmentRow, CaseOfPayment, OutcomeRow } from '@vigia/ledger';
import { meaningOf, unitOf, valueText } from './feature-words.js';
import { isShownTo, partiesOf, type Party } from './whose.js';
import { WORDS, localTime, type Language, type Words } from './words.js';

/** What the record has of a payment. */
export interface ReviewSources {
  row: AssessmentRow;
  outcomes: OutcomeRow[];
  /** How the model that decided had become live. */
  change: ModelChange | null;
  case: CaseOfPayment | null;
}

/** Everything behind a decision in plain words, for the person whom it concerns; nothing of anybody else. */
export interface SubjectReview {
  lang: Language;
  madeAt: string;
  endToEndId: string;
  /** The customer of the institution that decided. */
  subject: 'payer' | 'payee';
  payment: { amount: string; acceptedAt: string; text: string };
  decision: { decision: string; decidedAt: string; money: string; isAutomatedOnly: boolean; text: string[] };
  basis: {
    model: { name: string; version: string; liveSince: string | null } | null;
    policy: { name: string; version: string };
    featureSet: { name: string; hash: string };
    text: string[];
  };
  reasons: { code: string; text: string; feature?: string; value?: string; effect?: string }[];
  features: { name: string; meaning: string; value: number | null; text: string }[];
  /** Values that are not shown because they are about somebody else or DICT's, and in which words that is said. */
  withheld: { count: number; text: string };
  people: { text: string[] };
  contest: { text: string };
}

const SETS = [PIX, HANDBOOK].map((set) => ({
  hash: compileFeatureSet(set).hash,
  features: describeFeatures(set),
  parties: partiesOf(set),
}));

type KnownSet = (typeof SETS)[number];

/** @param contestAt where decisions may be contested; '' for the institution's channels in general */
export function subjectReview(
  { row, outcomes, change, case: found }: ReviewSources,
  { lang, contestAt, nowMs }: { lang: Language; contestAt: string; nowMs: number },
): SubjectReview {
  const words = WORDS[lang];
  const at = (instant: string | number): string =>
    localTime(typeof instant === 'number' ? instant : Date.parse(instant), lang);
  const subject = row.side;
  const set = SETS.find(({ hash }) => hash === row.featureSet.hash);
  const { shown, withheld } = featuresOf(row, set, lang);
  const amount = fromCents(row.payment.amountCents);
  return {
    lang,
    madeAt: new Date(nowMs).toISOString(),
    endToEndId: row.endToEndId,
    subject,
    payment: {
      amount,
      acceptedAt: new Date(row.acceptedAtMs).toISOString(),
      text: `Pix, ${valueText(row.payment.amountCents / 100, 'R$', lang)}, ${at(row.acceptedAtMs)}, ${words.subject[subject]}`,
    },
    decision: {
      decision: row.decision,
      decidedAt: new Date(row.decidedAtMs).toISOString(),
      money: row.action.kind,
      isAutomatedOnly: !found?.hasPersonActed,
      text: decisionText(row, found, words),
    },
    basis: {
      model: row.model && { ...row.model, liveSince: change?.changedAt ?? null },
      policy: row.policy,
      featureSet: row.featureSet,
      text: [
        row.model ? words.model(row.model.name, row.model.version) : words.noModel,
        ...(row.model ? [change ? words.live(change.kind, at(change.changedAt)) : words.noChange] : []),
        words.policy(row.policy.name, row.policy.version),
        words.featureSet(row.featureSet.name, row.featureSet.hash.slice(0, 12)),
        ...(set ? [] : [words.unknownFeatures]),
        ...row.degraded.map((part) => words.degraded[part]),
      ],
    },
    reasons: reasonsOf(row, set, lang),
    features: shown,
    withheld: { count: withheld, text: withheld === 0 ? '' : words.withheld(withheld) },
    people: { text: peopleText(outcomes, found, words, at) },
    contest: { text: words.contest(contestAt === '' ? words.channel : `(${contestAt})`) },
  };
}

function decisionText(row: AssessmentRow, found: ReviewSources['case'], words: Words): string[] {
  const hold = found?.payment.hold;
  return [
    words.decision[row.decision],
    words.money[row.action.kind],
    ...(hold ? [words.holdEnd[hold.end ?? 'running']] : []),
    found?.hasPersonActed ? words.reviewed : words.automated,
  ];
}

function featuresOf(
  row: AssessmentRow,
  set: KnownSet | undefined,
  lang: Language,
): { shown: SubjectReview['features']; withheld: number } {
  const shown: SubjectReview['features'] = [];
  if (!set || row.vector.length === 0) return { shown, withheld: 0 };
  for (const [index, feature] of set.features.entries()) {
    if (!isShownTo(row.side, set.parties.get(feature.name)!)) continue;
    const raw = row.vector[index]!;
    const value = Number.isNaN(raw) ? null : raw;
    const meaning = meaningOf(feature, lang) ?? feature.description;
    shown.push({ name: feature.name, meaning, value, text: valueText(value, unitOf(feature), lang) });
  }
  return { shown, withheld: set.features.length - shown.length };
}

/** Whom the rules that ship tell about; the others are about the payment and who makes it. */
const RULE_PARTIES: Record<string, Party> = {
  payer_blocked: 'payer',
  payee_blocked: 'payee',
  dict_restriction: 'dict',
};

/** Reasons that are the subject's own, with their values. What the others say is said once, without a detail. */
function reasonsOf(row: AssessmentRow, set: KnownSet | undefined, lang: Language): SubjectReview['reasons'] {
  const words = WORDS[lang];
  const own = row.reasons.flatMap((reason) => {
    const feature = set?.features.find(({ name }) => name === reason.feature);
    const parties = reason.feature === undefined ? ruleParties(reason.code) : set?.parties.get(reason.feature);
    if (!parties || !isShownTo(row.side, parties)) return [];
    return {
      code: reason.code,
      text: reason[lang],
      ...(feature && shownValue(feature, reason.value ?? null, lang)),
      ...(reason.contribution !== undefined && { effect: reason.contribution > 0 ? words.raised : words.lowered }),
    };
  });
  return own.length === row.reasons.length ? own : [...own, { code: 'other_party', text: words.otherParty }];
}

const ruleParties = (code: string): Set<Party> => new Set([RULE_PARTIES[code] ?? 'payment']);

function shownValue(feature: FeatureDescription, value: number | null, lang: Language) {
  return { feature: meaningOf(feature, lang) ?? feature.description, value: valueText(value, unitOf(feature), lang) };
}

function peopleText(
  outcomes: OutcomeRow[],
  found: ReviewSources['case'],
  words: Words,
  at: (instant: string) => string,
): string[] {
  const label = labelOf(outcomes);
  const verdict = found?.payment.verdict;
  return [
    found ? words.case(at(found.case.openedAt), found.case.closedAt && at(found.case.closedAt)) : words.noCase,
    ...(verdict ? [words.verdict[verdict.verdict](at(verdict.at))] : []),
    label ? words.label(label.result === 'agreed', label.source, at(label.knownAt)) : words.noLabel,
  ];
}

/** To be printed: Markdown without anything that only a program needs. */
export function markdownOf(review: SubjectReview): string {
  const words = WORDS[review.lang];
  const { headings } = words;
  const reasons = review.reasons.map(({ text, feature, value, effect }) => {
    const detail = [feature && value && `${feature}: ${value}`, effect].filter(Boolean).join('; ');
    return `- ${text}${detail ? ` (${detail})` : ''}`;
  });
  const features = review.features.map(({ meaning, text }) => `- ${meaning}: ${text}`);
  const paragraphs = [
    `# ${words.title}`,
    `${review.payment.text}\n\nEndToEndId: ${review.endToEndId}`,
    `## ${headings.decision}`,
    review.decision.text.join('\n'),
    `## ${headings.reasons}`,
    reasons.length > 0 ? reasons.join('\n') : words.noReasons,
    `## ${headings.people}`,
    review.people.text.join('\n'),
    `## ${headings.contest}`,
    review.contest.text,
    `## ${headings.basis}`,
    review.basis.text.join('\n'),
    `## ${headings.features}`,
    [...features, ...(review.withheld.count > 0 ? ['', review.withheld.text] : [])].join('\n'),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}
