import { chiSquare } from './chi-square.js';
import { cramerVonMises } from './cramer-von-mises.js';
import { hellinger } from './hellinger.js';
import { jensenShannon } from './jensen-shannon.js';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
import { lInfinity } from './l-infinity.js';
import type { Measure } from './measure.js';
import { psi } from './psi.js';
import { wasserstein } from './wasserstein.js';

/** Every two-sample test and distance, by name. */
export const MEASURES = {
  kolmogorov_smirnov: kolmogorovSmirnov,
  cramer_von_mises: cramerVonMises,
  wasserstein,
  psi,
  jensen_shannon: jensenShannon,
  hellinger,
  chi_square: chiSquare,
  l_infinity: lInfinity,
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[];
