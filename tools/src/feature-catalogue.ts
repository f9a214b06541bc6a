import { HANDBOOK, PIX, describeFeatures, hashOf, nullMeaning, type Feature, type FeatureSet } from '@vigia/features';
import { code, type Tables } from '@vigia/testing';

const UNITS: [name: string, ms: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
];

/** `30d`, `1h`, `10m`: the greatest unit that divides it. */
export function span(ms: number): string {
  const [name, unitMs] = UNITS.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / unitMs}${name}`;
}

/** What a feature is made from: an entity's window, other features, or the payment alone. */
export function originOf(feature: Feature): string {
  if (feature.kind === 'aggregate') {
    const { lengthMs, delayMs } = feature.window;
    return `${code(feature.entity)}, ${span(lengthMs)}${delayMs > 0 ? ` that ended ${span(delayMs)} ago` : ''}`;
  }
  return JSON.stringify(feature.expression).includes('"op":"feature"') ? 'other features' : 'payment';
}

/** Tables of docs/features.md. */
export function featureTables(): Tables {
  const sets = [PIX, HANDBOOK];
  return {
    sets: sets.map(setRow),
    ...Object.fromEntries(sets.flatMap((set) => Object.entries(tablesOf(set)))),
    'handbook-reasons': reasonRows(HANDBOOK),
  };
}

/** What all features of a set have in common stands here, once. */
function setRow(set: FeatureSet): string[] {
  const hash = hashOf(set);
  const types = new Set(describeFeatures(set).map(({ type }) => type));
  const { name, owner, features } = set;
  return [code(name), String(features.length), owner, [...types].join(', '), code(hash.slice(0, 12)), code(hash)];
}

function tablesOf(set: FeatureSet): Tables {
  return {
    [`${set.name}-entities`]: set.entities.map(({ name, key, counterparty, readsStateOf }) => [
      code(name),
      key.map(code).join(' + '),
      counterparty ? code(counterparty) : '',
      readsStateOf ? code(readsStateOf) : 'its own',
    ]),
    [`${set.name}-features`]: set.features.map((feature) => [
      code(feature.name),
      feature.description,
      feature.unit,
      originOf(feature),
      nullMeaning(set, feature),
      code(feature.reason),
    ]),
  };
}

/** Code, Portuguese, English. */
export function reasonRows({ reasons }: Pick<FeatureSet, 'reasons'>): string[][] {
  return Object.entries(reasons).map(([name, { pt, en }]) => [code(name), pt, en]);
}
