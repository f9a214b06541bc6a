import type { Random } from './random.js';

/** Where a number comes from decides how it ends. Fraud uses the same three as everyone else. */
export type AmountStyle = 'person' | 'shop' | 'bill';

const PRICE_ENDINGS = [90, 99, 50, 0, 0];

/** `cents` as people, price tags or invoices would write it; at least 1. */
export function naturalAmount(random: Random, cents: number, style: AmountStyle): number {
  const draw = random.unit();
  if (style === 'bill') return exact(draw < 0.14 ? Math.round(cents / 100) * 100 : cents);
  if (style === 'shop') {
    if (draw < 0.42) return exact(Math.floor(cents / 100) * 100 + random.pick(PRICE_ENDINGS));
    return exact(draw < 0.6 ? Math.round(cents / 100) * 100 : cents);
  }
  return draw < 0.62 ? rounded(random, cents) : exact(draw < 0.75 ? Math.round(cents / 100) * 100 : cents);
}

function rounded(random: Random, cents: number): number {
  const reais = cents / 100;
  const step = reais < 40 ? 5 : reais < 300 ? 10 : reais < 2_000 ? 50 : random.chance(0.5) ? 100 : 500;
  return Math.max(step, Math.round(reais / step) * step) * 100;
}

function exact(cents: number): number {
  return Math.max(1, Math.round(cents));
}
