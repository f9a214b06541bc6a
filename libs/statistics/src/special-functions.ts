/** Survival functions of the limiting distributions that the tests need; each answers a probability in [0, 1]. */

/** Complementary error function for x >= 0: series below 2.5, continued fraction above (Abramowitz & Stegun 7.1.6, 7.1.14). */
export function erfc(x: number): number {
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = x;
  for (let level = 60; level > 0; level--) fraction = x + level / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/**
 * P(X > x) of the chi-square distribution with a whole number of degrees of freedom: the finite sum of
 * Abramowitz & Stegun 26.4.4 and 26.4.5, all terms positive. With none, X is 0.
 */
export function chiSquareSurvival(x: number, degreesOfFreedom: number): number {
  if (x <= 0) return 1;
  const half = x / 2;
  const odd = degreesOfFreedom % 2 === 1;
  let survival = odd ? erfc(Math.sqrt(half)) : 0;
  // Logarithm of the term half^a e^-half / Γ(a + 1); in plain numbers it would vanish where the sum does not.
  let term = odd ? -half + Math.log(half) / 2 - Math.log(Math.sqrt(Math.PI) / 2) : -half;
  for (let a = odd ? 0.5 : 0; a < degreesOfFreedom / 2; a++) {
    survival += Math.exp(term);
    term += Math.log(half / (a + 1));
  }
  return Math.min(1, survival);
}

/** P(K > z) of Kolmogorov's distribution: his series, below 1 its theta transform, which converges there. */
export function kolmogorovSurvival(z: number): number {
  if (z <= 0) return 1;
  let sum = 0;
  if (z < 1) {
    for (let k = 1; k <= 5; k++) sum += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * z * z));
    return 1 - (Math.sqrt(2 * Math.PI) / z) * sum;
  }
  for (let k = 1; k <= 5; k++) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * z * z);
  return 2 * sum;
}

/** P(W > w) of the limit of Cramér-von Mises' statistic (Anderson & Darling 1952, eq. 4.35). */
export function cramerVonMisesSurvival(w: number): number {
  // The distribution has nothing below 0.003 and beyond 8 nothing that a double tells from 0 in 1 - F.
  if (w < 0.003) return 1;
  if (w > 8) return 0;
  let below = 0;
  let gammas = Math.sqrt(Math.PI);
  for (let k = 0; ; k++) {
    const y = 4 * k + 1;
    const q = y ** 2 / (16 * w);
    const term = (gammas * Math.sqrt(y) * Math.exp(-2 * q) * scaledBesselK(0.25, q)) / (Math.PI ** 1.5 * Math.sqrt(w));
    below += term;
    if (term < 1e-17) return Math.min(1, Math.max(0, 1 - below));
    gammas *= (k + 0.5) / (k + 1);
  }
}

/** e^z K_order(z) by the trapezoid rule on its integral over cosh, which converges exponentially. */
function scaledBesselK(order: number, z: number): number {
  const end = Math.acosh(1 + 40 / z);
  const steps = 200;
  let sum = 0.5;
  for (let step = 1; step <= steps; step++) {
    const t = (end * step) / steps;
    sum += Math.exp(-2 * z * Math.sinh(t / 2) ** 2) * Math.cosh(order * t);
  }
  return (sum * end) / steps;
}
