import { DAY_MS } from './calendar.js';
import type { Customer, Device } from './customer.js';
import type { Random } from './random.js';

/** Limits of the institution's own channels (Resoluções BCB 403/2024 and 142/2021). */
const UNREGISTERED_DEVICE_CENTS = 20_000;
const NIGHT_LIMIT_CENTS = 100_000;
const RAISED_CENTS = [200_000, 300_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 20_000_000];
/** How many have put their device or limit in order before they pay; the others learn of the limit by a refusal. */
const PREPARED = 0.96;
const BRASILIA_MS = 3 * 3_600_000;

/** Most customers whose payment would break a limit have registered the device, or raised the night limit, before. */
export function prepareForLimits(
  random: Random,
  customer: Customer,
  device: Device,
  payment: { atMs: number; amountCents: number; trusted: boolean },
): void {
  const { atMs, amountCents } = payment;
  if (atMs < device.registeredAtMs && amountCents > UNREGISTERED_DEVICE_CENTS && random.chance(PREPARED)) {
    device.registeredAtMs = Math.floor(atMs - random.exponential(2) * 3_600_000);
  }
  const night = nightOf(atMs);
  if (night === null || customer.account.legalPerson || payment.trusted) return;
  customer.nightSumCents = (customer.nightDay === night ? customer.nightSumCents : 0) + amountCents;
  customer.nightDay = night;
  const limitCents = customer.nightLimitCents || NIGHT_LIMIT_CENTS;
  if (customer.nightSumCents > limitCents && random.chance(PREPARED)) {
    customer.nightLimitCents = RAISED_CENTS.find((cents) => cents >= customer.nightSumCents) ?? customer.nightSumCents;
  }
}

/** The local day on which the night 20h-06h began; null by day. */
function nightOf(atMs: number): number | null {
  const localMs = atMs - BRASILIA_MS;
  const hour = Math.floor((localMs % DAY_MS) / 3_600_000);
  const day = Math.floor(localMs / DAY_MS);
  if (hour < 6) return day - 1;
  return hour >= 20 ? day : null;
}
