import { randomBytes } from 'node:crypto';
import { makeMessageId } from '@vigia/spi';

/** `length` random bytes. */
export type RandomSource = (length: number) => Buffer;

/** To be injected where message ids are made. */
export const RANDOM_SOURCE = Symbol('random source');
export const randomSource: RandomSource = randomBytes;

const SUFFIX_LENGTH = 23;

/** An id that no message had: 92 random bits, as upper-case hexadecimal. @param ispb of the sender */
export function newMessageId(ispb: string, random: RandomSource): string {
  const suffix = random(Math.ceil(SUFFIX_LENGTH / 2))
    .toString('hex')
    .slice(0, SUFFIX_LENGTH)
    .toUpperCase();
  return makeMessageId({ ispb, suffix });
}
