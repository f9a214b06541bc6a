/** Chance of a false alarm among all that are tested together, as a share of the alarms (Benjamini & Hochberg). */
export const SIGNIFICANCE = 0.01;
