export interface Quadrature {
  points: Float64Array;
  weights: Float64Array;
}

/**
 * Gauss-Legendre points and weights on (0, 1): exact for polynomials up to degree `2 * count - 1`.
 * Roots of the Legendre polynomial by Newton's method from Tricomi's first guess (Abramowitz & Stegun 25.4.30).
 */
export function gaussLegendre(count: number): Quadrature {
  const points = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 0;
    for (let step = Infinity; Math.abs(step) > 1e-15;) {
      const { value, derivative } = legendre(count, x);
      slope = derivative;
      step = value / derivative;
      x -= step;
    }
    points[i] = (1 + x) / 2;
    weights[i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { points, weights };
}

function legendre(degree: number, x: number): { value: number; derivative: number } {
  let before = 1;
  let value = x;
  for (let k = 2; k <= degree; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  return { value, derivative: (degree * (x * value - before)) / (x * x - 1) };
}
