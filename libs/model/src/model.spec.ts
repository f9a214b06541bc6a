import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleManifest } from '@vigia/contracts';
import { loadBundle, type Model } from './model.js';

const FIXTURES = join(__dirname, '../fixtures');
const BUNDLE = join(FIXTURES, 'bundle');
const { featureSet, features } = bundleManifest.parse(JSON.parse(readFileSync(join(BUNDLE, 'bundle.json'), 'utf8')));

interface Expectations {
  vectors: (number | null)[][];
  margins: number[];
  contributions: number[][];
}
const xgboost: Expectations = JSON.parse(readFileSync(join(FIXTURES, 'contributions.json'), 'utf8'));
const vectors = xgboost.vectors.map((values) => Float32Array.from(values, (value) => value ?? NaN));

describe('a bundle', () => {
  let model: Model;
  beforeAll(async () => {
    model = await loadBundle(BUNDLE, { featureSet: { ...featureSet, features } });
  });
  afterAll(() => model.close());

  it('scores as XGBoost does', async () => {
    for (const [row, vector] of vectors.entries()) {
      const { margin, probability } = await model.score(vector);
      expect(margin).toBeCloseTo(xgboost.margins[row]!, 5);
      const { slope, intercept } = model.manifest.calibration;
      expect(probability).toBeCloseTo(1 / (1 + Math.exp(-(slope * margin + intercept))), 6);
    }
  });

  it("explains as XGBoost's pred_contribs does, and the parts add up to the margin", async () => {
    const explained = await Promise.all(vectors.map((vector) => model.explain(vector)));
    for (const [row, contributions] of explained.entries()) {
      const expected = xgboost.contributions[row]!;
      expect(contributions.map(({ feature }) => feature)).toEqual(features);
      contributions.forEach(({ contribution }, index) => expect(contribution).toBeCloseTo(expected[index]!, 5));
      expect(model.bias).toBeCloseTo(expected[features.length]!, 5);
      const sum = contributions.reduce((total, { contribution }) => total + contribution, model.bias!);
      expect(sum).toBeCloseTo(xgboost.margins[row]!, 5);
    }
  });

  it('refuses a vector of another length', async () => {
    await expect(model.score(new Float32Array(5))).rejects.toThrow('takes 6 features; got 5');
    await expect(model.explain(new Float32Array(7))).rejects.toThrow('takes 6 features; got 7');
  });
});
