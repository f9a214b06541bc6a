import { toCents, type Degradation, type PseudonymousPayment } from '@vigia/contracts';
import { isNight } from '@vigia/spi';
import type { BlockedParties } from './blocked-parties.js';
import type { PolicyInput } from './policy-input.js';
import { nightHours, type PolicySettings } from './settings.js';

export interface Scored {
  /** Calibrated; null when no model scored. */
  probability: number | null;
  degraded: readonly Degradation[];
}

/**
 * Makes what the policy sees of payments.
 * @param features names of the vector's columns; sums that the set lacks are unknown to the policy
 * @param blocked persons and accounts under suspicion; null where the institution keeps no list here
 */
export function policyInputs(
  features: readonly string[],
  settings: PolicySettings,
  blocked: BlockedParties | null,
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
