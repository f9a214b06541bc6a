import { Fault, type Payment } from '@vigia/contracts';
import { parseEndToEndId } from '@vigia/spi';

export interface ClockTolerance {
  /** How far the minute in the EndToEndId and `acceptedAt` may lie apart (SPI: 12 h). */
  endToEndIdMs: number;
  /** How far `acceptedAt` may lie from this machine's clock, either way. */
  skewMs: number;
}

/**
 * Refuses a payment whose times contradict each other, before it enters any window.
 * @throws {Fault} `end_to_end_id_of_another_day`, `clock_skew`
 */
export function requirePlausibleTimes(payment: Payment, nowMs: number, tolerance: ClockTolerance): void {
  const acceptedAtMs = Date.parse(payment.acceptedAt);
  const createdAtMs = parseEndToEndId(payment.endToEndId)?.createdAtMs ?? null;
  if (createdAtMs === null || Math.abs(createdAtMs - acceptedAtMs) > tolerance.endToEndIdMs + 60_000) {
    const hours = tolerance.endToEndIdMs / 3_600_000;
    throw new Fault('end_to_end_id_of_another_day', {
      detail: `The minute in the EndToEndId must be a date within ${hours} h of acceptedAt, in UTC. Send the EndToEndId that was made for this payment.`,
      errors: [{ field: 'endToEndId', message: 'its yyyyMMddHHmm does not fit acceptedAt' }],
    });
  }
  if (Math.abs(acceptedAtMs - nowMs) > tolerance.skewMs) {
    throw new Fault('clock_skew', {
      detail: `acceptedAt must lie within ${tolerance.skewMs / 3_600_000} h of this machine's clock. Check the caller's clock; past payments come in by import.`,
      errors: [{ field: 'acceptedAt', message: 'is too far from now' }],
    });
  }
}
