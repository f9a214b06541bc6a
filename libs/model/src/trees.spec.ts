import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrees } from './trees.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests break this JSON in many places
type Json = any;
const fixture = (): Json => JSON.parse(readFileSync(join(__dirname, '../fixtures/bundle/trees.json'), 'utf8'));

test.each(['[1.2E-2]', '1.2E-2', '0.012'])(
  'base_score %s is a probability, its logit the base of the margin',
  (text) => {
    const json = fixture();
    json.learner.learner_model_param.base_score = text;
    expect(parseTrees(json).baseMargin).toBeCloseTo(Math.log(0.012 / 0.988), 12);
  },
);

test.each<[string, (json: Json) => void, string]>([
  ['another objective', (json) => (json.learner.objective.name = 'reg:squarederror'), 'binary:logistic'],
  ['another booster', (json) => (json.learner.gradient_booster.name = 'dart'), 'gbtree'],
  ['several classes', (json) => (json.learner.learner_model_param.num_class = '3'), 'num_class'],
  ['a base score that has no logit', (json) => (json.learner.learner_model_param.base_score = '1'), 'within (0, 1)'],
  ['no trees', (json) => (json.learner.gradient_booster.model.trees = []), 'at least one tree'],
  ['no learner', (json) => delete json.learner, '"learner"'],
  ['a categorical split', (json) => (first(json).split_type[0] = 1), 'categorical split in tree 0'],
  ['a column that is too short', (json) => first(json).sum_hessian.pop(), 'entries of sum_hessian in tree 0'],
  ['a column that is no numbers', (json) => (first(json).default_left = ['left']), 'numbers under default_left'],
  ['a child outside', (json) => (first(json).right_children[0] = 1_000), 'nodes within 0..'],
  ['a node with two parents', (json) => (first(json).right_children[0] = 1), 'node 1 of tree 0 reached twice'],
  ['a cycle', (json) => (first(json).left_children[1] = 0), 'node 0 of tree 0 reached twice'],
  ['an unknown feature', (json) => (first(json).split_indices[0] = 6), 'features within 0..5'],
  ['a node that no row reached', (json) => (first(json).sum_hessian[1] = 0), 'covers (sum_hessian) above 0'],
])('%s is refused', (_, damage, message) => {
  const json = fixture();
  damage(json);
  expect(() => parseTrees(json)).toThrow(message);
});

function first(json: Json): Json {
  return json.learner.gradient_booster.model.trees[0];
}
