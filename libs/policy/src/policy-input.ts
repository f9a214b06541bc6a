import {
  Fault,
  type Degradation,
  type DictEntry,
  type InitiationForm,
  type Purpose,
  type Side,
} from '@vigia/contracts';

/** What the policy sees of a payment. Sums include the payment itself; null where they are not known. */
export interface PolicyInput {
  side: Side;
  amountCents: number;
  initiationForm: InitiationForm;
  purpose: Purpose;
  /** `blocked`: on the institution's own list. */
  payer: { legalPerson: boolean; blocked: boolean };
  payee: { legalPerson: boolean; blocked: boolean };
  dictRestriction: NonNullable<DictEntry['restriction']> | null;
  /** `registered` null: the channel does not say. */
  device: { present: boolean; registered: boolean | null };
  /** What this device, not registered by the payer, has sent on this day of São Paulo. */
  unregisteredDeviceDayCents: number | null;
  /** The payment falls into the night, see `nightHours`. */
  night: boolean;
  /** What the payer has sent in this night. */
  nightSumCents: number | null;
  /** The customer's own night limit; null for the default of the settings. */
  nightLimitCents: number | null;
  trustedPayee: boolean;
  /** Calibrated probability of fraud; null when no model scored. */
  probability: number | null;
  degraded: readonly Degradation[];
}

/**
 * The input as zen-engine may see it. Its decimals hold 28 digits and a smaller number (1e-29) ABORTS THE PROCESS,
 * so probabilities are rounded to 12 decimals; NaN and fractions of a cent are refused.
 *
 * @throws Fault `internal` when a number is not what the interface says
 */
export function engineContext(input: PolicyInput): PolicyInput {
  return {
    side: input.side,
    amountCents: wholeCents('amountCents', input.amountCents),
    initiationForm: input.initiationForm,
    purpose: input.purpose,
    payer: { legalPerson: input.payer.legalPerson, blocked: input.payer.blocked },
    payee: { legalPerson: input.payee.legalPerson, blocked: input.payee.blocked },
    dictRestriction: input.dictRestriction,
    device: { present: input.device.present, registered: input.device.registered },
    unregisteredDeviceDayCents: centsOrNull('unregisteredDeviceDayCents', input.unregisteredDeviceDayCents),
    night: input.night,
    nightSumCents: centsOrNull('nightSumCents', input.nightSumCents),
    nightLimitCents: centsOrNull('nightLimitCents', input.nightLimitCents),
    trustedPayee: input.trustedPayee,
    probability: input.probability === null ? null : rounded(input.probability),
    degraded: input.degraded,
  };
}

function centsOrNull(field: string, cents: number | null): number | null {
  return cents === null ? null : wholeCents(field, cents);
}

function wholeCents(field: string, cents: number): number {
  if (Number.isSafeInteger(cents) && cents >= 0) return cents;
  throw new Fault('internal', { detail: `The policy's input ${field} is ${cents}; it must be whole cents from 0.` });
}

function rounded(probability: number): number {
  if (probability >= 0 && probability <= 1) return Math.round(probability * 1e12) / 1e12;
  throw new Fault('internal', { detail: `The policy's input probability is ${probability}; it must be from 0 to 1.` });
}
