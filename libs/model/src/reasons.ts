import type { Reason } from '@vigia/contracts';
import type { Contribution } from './model.js';

/** What a reason code says to the customer and the analyst. Features that mean the same to them share a code. */
export interface ReasonText {
  code: string;
  pt: string;
  en: string;
}

/**
 * The codes that speak most for fraud, strongest first. Contributions of features with one code are added up, whatever
 * their sign; a code stays only if the sum is positive, and shows the feature with the greatest share in it.
 * @param contributions one per feature, in the order of `vector`
 * @param catalogue text of every feature by its name
 * @param limit most reasons to give
 * @throws {Error} a feature has no text: catalogue and model belong to different feature sets
 */
export function reasonsOf(
  contributions: readonly Contribution[],
  vector: Float32Array,
  catalogue: Readonly<Record<string, ReasonText>>,
  limit = 4,
): Reason[] {
  const codes = new Map<string, { sum: number; strongest: number }>();
  contributions.forEach(({ feature, contribution }, index) => {
    const text = catalogue[feature];
    if (text === undefined) throw new Error(`Feature ${feature} has no reason text in the catalogue.`);
    const merged = codes.get(text.code);
    if (merged === undefined) {
      codes.set(text.code, { sum: contribution, strongest: index });
      return;
    }
    merged.sum += contribution;
    if (contribution > contributions[merged.strongest]!.contribution) merged.strongest = index;
  });
  return [...codes]
    .filter(([, { sum }]) => sum > 0)
    .sort(([, a], [, b]) => b.sum - a.sum)
    .slice(0, limit)
    .map(([code, { sum, strongest }]) => {
      const { feature } = contributions[strongest]!;
      const { pt, en } = catalogue[feature]!;
      return { code, feature, value: shortest(vector[strongest]!), contribution: sum, pt, en };
    });
}

/** The shortest decimal that is this float32: 0.1, not 0.10000000149011612; null where missing. */
function shortest(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  // Nine digits always suffice for a float32 (IEEE 754, 5.12.2).
  return Number(value.toPrecision(9));
}
