import { gaussLegendre } from './gauss-legendre.js';

test.each([1, 2, 3, 4, 5, 6, 7, 8])('%d points integrate every power up to degree 2n - 1 exactly', (count) => {
  const { points, weights } = gaussLegendre(count);
  for (let degree = 0; degree < 2 * count; degree++) {
    const integral = points.reduce((sum, point, q) => sum + weights[q]! * point ** degree, 0);
    expect(integral).toBeCloseTo(1 / (degree + 1), 14);
  }
});

test('n points miss degree 2n', () => {
  const { points, weights } = gaussLegendre(2);
  const integral = points.reduce((sum, point, q) => sum + weights[q]! * point ** 4, 0);
  expect(Math.abs(integral - 1 / 5)).toBeGreaterThan(1e-3);
});
