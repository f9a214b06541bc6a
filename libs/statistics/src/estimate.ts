import type { NotEnoughData } from './measure.js';

/** A measured value, or what is lacking. */
export type Value = { kind: 'measured'; value: number } | NotEnoughData;

/** A measured value with the ends of its 95 % confidence interval. */
export type Estimate = { kind: 'measured'; value: number; low: number; high: number } | NotEnoughData;

/** 0.975 quantile of the standard normal distribution. */
export const Z_95 = 1.959963984540054;

export const measured = (value: number): Value => ({ kind: 'measured', value });

/**
 * Interval of a proportion (Wilson 1927), good for few and rare successes too.
 * @param rows trials; where rows have weights their effective number. Above 0
 */
export function wilsonInterval(share: number, rows: number): { low: number; high: number } {
  const square = Z_95 * Z_95;
  const middle = (share + square / (2 * rows)) / (1 + square / rows);
  const half = (Z_95 / (1 + square / rows)) * Math.sqrt((share * (1 - share)) / rows + square / (4 * rows * rows));
  return { low: share === 0 ? 0 : Math.max(0, middle - half), high: share === 1 ? 1 : Math.min(1, middle + half) };
}

/** Interval of a share on the logit scale with this standard error there. A share of 0 or 1 has no width. */
export function logitInterval(share: number, standardError: number): { low: number; high: number } {
  if (share <= 0 || share >= 1) return { low: share, high: share };
  const logit = Math.log(share / (1 - share));
  const back = (x: number): number => 1 / (1 + Math.exp(-x));
  return { low: back(logit - Z_95 * standardError), high: back(logit + Z_95 * standardError) };
}
