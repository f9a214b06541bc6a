import { z } from 'zod';
import type { HoldRule, HourWindow } from '@vigia/spi';

const cents = z.int().positive();
const hour = z.int().min(0).max(23);
/** Settings enter the graph as literals, and those of zen-engine have no exponent (`1e-7`). */
const probability = z
  .number()
  .min(0)
  .max(1)
  .refine((value) => Number(value.toFixed(6)) === value, 'must have at most 6 decimals');

const scoreBand = z
  .strictObject({
    /** Amounts up to this one, inclusive; null in the last band. */
    upToCents: cents.nullable(),
    /** Calibrated probability from which a payment is reviewed, and from which it is rejected. */
    review: probability,
    reject: probability,
  })
  .refine((band) => band.review <= band.reject, 'review must not be above reject');
export type ScoreBand = z.infer<typeof scoreBand>;

const scoreBands = z
  .array(scoreBand)
  .min(1)
  .refine((bands) => bands.at(-1)?.upToCents === null, 'the last band must have upToCents null: it has no upper end')
  .refine(
    (bands) =>
      bands.slice(0, -1).every(({ upToCents }, i) => upToCents !== null && upToCents > (bands[i - 1]?.upToCents ?? 0)),
    'upToCents must rise from band to band',
  );

const band = (upToCents: number | null, review: number, reject: number): ScoreBand => ({ upToCents, review, reject });

/** Every number that the policy compares with or acts by: the default, its unit (in the name) and its source. */
export const policySettings = z.strictObject({
  unregisteredDevicePaymentCents: cents
    .default(20_000)
    .describe('Most that a device not registered by the payer may send in one payment. Resolução BCB 403/2024.'),
  unregisteredDeviceDayCents: cents
    .default(100_000)
    .describe('Most that such a device may send in a day. Resolução BCB 403/2024.'),
  nightLimitCents: cents
    .default(100_000)
    .describe('Most that a natural person may send in a night without an own limit. Resolução BCB 142/2021.'),
  nightFromHour: hour.default(20).describe('First hour of the night in São Paulo. Resolução BCB 142/2021.'),
  nightToHour: hour.default(6).describe('Hour in São Paulo at which the night is over. Resolução BCB 142/2021.'),
  holdBusinessMinutes: z
    .int()
    .positive()
    .default(30)
    .describe('How long the payer’s institution may hold a suspect order in business hours. Manual de Tempos 7.0.'),
  holdOtherMinutes: z.int().positive().default(60).describe('The same outside business hours. Manual de Tempos 7.0.'),
  holdFromHour: hour.default(8).describe('First business hour in São Paulo. Manual de Tempos 7.0.'),
  holdToHour: hour.default(20).describe('Hour in São Paulo at which business hours are over. Manual de Tempos 7.0.'),
  precautionaryBlockHours: z
    .int()
    .positive()
    .default(72)
    .describe('How long received money may be blocked (bloqueio cautelar). Resoluções BCB 147/2021 and 506/2025.'),
  requestOnlyReviewCents: cents
    .default(200_000)
    .describe('Without model or features, payments above are reviewed. Choice of the institution.'),
  requestOnlyNightReviewCents: cents
    .default(20_000)
    .describe('At night with the sum of the night unknown, payments above are reviewed. Choice of the institution.'),
  scoreBands: z
    .strictObject({ payer: scoreBands, payee: scoreBands })
    .default({
      payer: [band(20_000, 0.15, 0.8), band(100_000, 0.05, 0.7), band(500_000, 0.03, 0.6), band(null, 0.02, 0.5)],
      payee: [band(20_000, 0.2, 0.9), band(100_000, 0.1, 0.85), band(500_000, 0.06, 0.8), band(null, 0.04, 0.7)],
    })
    .describe('Probabilities of review and reject by amount, per side. Choice of the institution; set by back-test.'),
});
export type PolicySettings = z.infer<typeof policySettings>;
export type PolicySettingsInput = z.input<typeof policySettings>;

/** Hours of the night limit, for `isNight` and `nightKey` of the calendar. */
export function nightHours(settings: PolicySettings): HourWindow {
  return { fromHour: settings.nightFromHour, toHour: settings.nightToHour };
}

/** How long a suspect order may wait, for `holdMinutes` and `holdDeadline` of the calendar. */
export function holdRuleOf(settings: PolicySettings): HoldRule {
  return {
    businessMinutes: settings.holdBusinessMinutes,
    otherMinutes: settings.holdOtherMinutes,
    fromHour: settings.holdFromHour,
    toHour: settings.holdToHour,
  };
}
