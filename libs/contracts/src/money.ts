import { z } from 'zod';

/** Largest amount held exactly as integer cents in a double: R$ 90,071,992,547,409.91. */
export const MAX_AMOUNT_CENTS = Number.MAX_SAFE_INTEGER;

/** Money outside, zero allowed: a decimal string with two decimals, as a balance or a limit has it. */
export const amountOrZero = z
  .string({ error: 'must be a string with two decimals, as "950.00"; numbers lose cents' })
  .regex(
    /^(0|[1-9][0-9]{0,15})\.[0-9]{2}$/,
    'must be reais with exactly two decimals and at most 18 digits, as "950.00"',
  )
  .refine((text) => !(toCents(text) > MAX_AMOUNT_CENTS), {
    error: 'is above R$ 90071992547409.91, the most that is kept to the cent',
    when: ({ issues }) => issues.length === 0,
  });

/** The amount of a payment: as {@link amountOrZero}, at least `"0.01"`. */
export const amount = amountOrZero.refine((text) => text !== '0.00', 'must be at least "0.01"');

/** `"950.00"` -> 95000. The text must match {@link amount}. */
export function toCents(text: string): number {
  return Number(text.replace('.', ''));
}

/** 95000 -> `"950.00"`. */
export function fromCents(cents: number): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
