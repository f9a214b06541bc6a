import { z } from 'zod';

/** CPF (11 digits) or CNPJ (14, the first 12 may be letters since 2026). Check digits are a signal, not a condition. */
export const taxId = z
  .string()
  .regex(/^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$/, 'must be a CPF (11 digits) or a CNPJ (14 characters, no punctuation)');

/** Institution code in the Brazilian payment system; alphanumeric, never a number. */
export const ispb = z.string().regex(/^[0-9A-Z]{8}$/, 'must be 8 characters 0-9 A-Z');

/** `E` + ISPB + yyyyMMddHHmm in UTC + 11 characters unique in that minute (SPI catalogue 5.13). */
export const endToEndId = z
  .string()
  .regex(
    /^E[0-9A-Z]{8}[0-9]{4}[01][0-9][0-3][0-9][0-2][0-9][0-5][0-9][a-zA-Z0-9]{11}$/,
    'must be E + ISPB (8) + yyyyMMddHHmm in UTC + 11 letters or digits, 32 characters in all',
  );

/** An instant as the SPI writes it: UTC, milliseconds, `Z`. */
export const instant = z.iso.datetime({ precision: 3, error: 'must be a UTC instant as 2026-11-20T23:15:03.900Z' });

/** Keyed HMAC of an identifier, see `pseudonymous.ts`: key version, dot, 22 characters of base64url. */
export const pseudonym = z.string().regex(/^k[0-9]{1,4}\.[A-Za-z0-9_-]{22}$/);
