import { hash } from 'node:crypto';

const STEPS = 2 ** 48;

/** Where a payer stands in [0, 1): always the same, evenly spread, and not for whoever picks a tax id to choose. */
export function canaryPosition(payer: string): number {
  return hash('sha256', `canary ${payer}`, 'buffer').readUIntBE(0, 6) / STEPS;
}

/** @param payer pseudonym of the person who pays @param share 0 (nobody) to 1 (everybody) */
export const isCanary = (payer: string, share: number): boolean => share > 0 && canaryPosition(payer) < share;
