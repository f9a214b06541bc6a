import { toCents, type Degradation, type PseudonymousPayment } from '@vigia/contracts';
import { isNight } from '@vigia/spi';
import type { PolicyInput } from './policy-input.js';
import { nightHours, type PolicySettings } from './settings.js';

export interface Scored {
  /** Calibrated; null when no model scored. */
  probability: number | null;
  degraded: readonly Degradation[];
}

/** What the ledger keeps of a decision, as far as a policy needs it to decide again. */
export interface RecordedDecision extends Scored {
  payment: PseudonymousPayment;
  vector: Float32Array;
  /** Rules that fired then. */
  rules: readonly string[];
}

/** The list of parties under suspicion, as far as it is asked. */
interface PartyList {
  has(pseudonym: string): boolean;
}

/** What a policy may be told of; a record also says what failed behind it. */
const SEEN: readonly Degradation[] = ['features', 'model'];

/**
 * Makes what a policy sees of payments on record: the same as what was seen when they were decided, with the night of
 * these settings. The list of that day is not kept: who was on it is told by the rules that fired.
 */
export function recordedInputs(
  features: readonly string[],
  settings: PolicySettings,
): (recorded: RecordedDecision) => PolicyInput {
  const inputOf = policyInputs(features, settings, null);
  return ({ payment, vector, rules, probability, degraded }) => {
    const seen = degraded.filter((part) => SEEN.includes(part));
    const input = inputOf(payment, vector, { probability, degraded: seen });
    return {
      ...input,
      payer: { ...input.payer, blocked: rules.includes('payer_blocked') },
      payee: { ...input.payee, blocked: rules.includes('payee_blocked') },
    };
  };
}

/**
 * Makes what the policy sees of payments.
 * @param features names of the vector's columns; sums that the set lacks are unknown to the policy
 * @param blocked persons and accounts under suspicion; null where the institution keeps no list here
 */
export function policyInputs(
  features: readonly string[],
  settings: PolicySettings,
  blocked: PartyList | null,
): (payment: PseudonymousPayment, vector: Float32Array, scored: Scored) => PolicyInput {
  const nightSum = features.indexOf('night_sum_10h');
  const deviceDaySum = features.indexOf('unregistered_device_day_sum_1d');
  const hours = nightHours(settings);
  const onList = (party: { person: string; account: string }): boolean =>
    blocked !== null && (blocked.has(party.person) || blocked.has(party.account));
  return ({ payer, payee, device, session, dict, ...payment }, vector, { probability, degraded }) => ({
    side: payment.side,
    amountCents: payment.amountCents,
    initiationForm: payment.initiationForm,
    purpose: payment.purpose,
    payer: { legalPerson: payer.legalPerson, blocked: onList(payer) },
    payee: { legalPerson: payee.legalPerson, blocked: onList(payee) },
    dictRestriction: dict?.restriction ?? null,
    device: { present: device !== undefined, registered: device?.registered ?? null },
    unregisteredDeviceDayCents: centsAt(vector, deviceDaySum),
    night: isNight(payment.acceptedAtMs, hours),
    nightSumCents: centsAt(vector, nightSum),
    nightLimitCents: session?.nightLimit === undefined ? null : toCents(session.nightLimit),
    trustedPayee: session?.trustedPayee ?? false,
    probability,
    degraded,
  });
}

/** A sum feature (reais, float32) as whole cents; null when the set lacks it or it is missing. */
function centsAt(vector: Float32Array, index: number): number | null {
  const reais = index < 0 ? NaN : vector[index]!;
  return reais !== reais ? null : Math.round(reais * 100);
}
