import type { Query } from './dashboard.js';

/** Increase a second of a counter; $__rate_interval is four scrapes or more. */
export const rate = (selector: string): string => `rate(${selector}[$__rate_interval])`;

/** Increase a second, added up by labels. */
export const rateBy = (labels: string, selector: string): string => `sum by (${labels}) (${rate(selector)})`;

/** Quantiles of a histogram, each a line: `p50`, `p99`, or `p99 {{label}}`. */
export function quantiles(metric: string, selector: string, by = '', wanted = [0.5, 0.99]): Query[] {
  const labels = by === '' ? 'le' : `le, ${by}`;
  return wanted.map((quantile) => [
    `histogram_quantile(${quantile}, sum by (${labels}) (${rate(`${metric}_bucket${selector}`)}))`,
    `p${100 * quantile}${by === '' ? '' : ` {{${by}}}`}`,
  ]);
}
