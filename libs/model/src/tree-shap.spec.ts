import fc from 'fast-check';
import { expectation, shapForest } from './shap-forest.js';
import { contributionsOf, scratchFor } from './tree-shap.js';
import { goesLeft, type Forest, type Tree } from './trees.js';

/** A tree as fast-check grows and shrinks it. */
type Sketch =
  | { value: number }
  | { feature: number; threshold: number; missingLeft: boolean; share: number; left: Sketch; right: Sketch };

/** Few thresholds and few values, so that rows often stand exactly on a threshold. */
const grid = fc.constantFrom(-1, -0.1, 0, 0.1, 0.3, 1);

function sketches(features: number, depth: number): fc.Arbitrary<Sketch> {
  const leaf = fc.record({ value: fc.double({ min: -3, max: 3, noNaN: true }) });
  if (depth === 0) return leaf;
  const below = sketches(features, depth - 1);
  const split = fc.record({
    feature: fc.nat(features - 1),
    threshold: grid,
    missingLeft: fc.boolean(),
    share: fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true }),
    left: below,
    right: below,
  });
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 4, arbitrary: split });
}

function treeOf(sketch: Sketch): Tree {
  const rows: {
    left: number;
    right: number;
    feature: number;
    threshold: number;
    missingLeft: boolean;
    cover: number;
  }[] = [];
  const add = (at: Sketch, cover: number): number => {
    const row = { left: -1, right: -1, feature: 0, threshold: 0, missingLeft: false, cover };
    const node = rows.push(row) - 1;
    if ('value' in at) row.threshold = at.value;
    else {
      Object.assign(row, { feature: at.feature, threshold: at.threshold, missingLeft: at.missingLeft });
      row.left = add(at.left, cover * at.share);
      row.right = add(at.right, cover * (1 - at.share));
    }
    return node;
  };
  add(sketch, 1_000);
  return {
    left: Int32Array.from(rows, (row) => row.left),
    right: Int32Array.from(rows, (row) => row.right),
    feature: Int32Array.from(rows, (row) => row.feature),
    threshold: Float32Array.from(rows, (row) => row.threshold),
    missingLeft: Uint8Array.from(rows, (row) => Number(row.missingLeft)),
    cover: Float64Array.from(rows, (row) => row.cover),
    value: Float64Array.from(rows, (row) => row.threshold),
  };
}

/** The game itself: expected margin when only the features of `known` (a bit set) are known. */
function game(tree: Tree, node: number, vector: Float32Array, known: number): number {
  const [left, right] = [tree.left[node]!, tree.right[node]!];
  if (left < 0) return tree.value[node]!;
  if (known & (1 << tree.feature[node]!)) {
    return game(tree, goesLeft(tree, node, vector) ? left : right, vector, known);
  }
  const sum =
    tree.cover[left]! * game(tree, left, vector, known) + tree.cover[right]! * game(tree, right, vector, known);
  return sum / tree.cover[node]!;
}

/** Shapley values by their definition: the weighted mean over all subsets of the others of what feature i adds. */
function shapley({ features, trees }: Forest, vector: Float32Array): number[] {
  const worth = Array.from({ length: 1 << features }, (_, known) =>
    trees.reduce((total, tree) => total + game(tree, 0, vector, known), 0),
  );
  // |S|! (F - |S| - 1)! / F!
  const weights = [1 / features];
  for (let size = 1; size < features; size++) weights.push((weights[size - 1]! * size) / (features - size));
  return Array.from({ length: features }, (_, feature) => {
    let total = 0;
    for (let known = 0; known < worth.length; known++) {
      if (known & (1 << feature)) continue;
      total += weights[bits(known)]! * (worth[known | (1 << feature)]! - worth[known]!);
    }
    return total;
  });
}

function bits(set: number): number {
  let count = 0;
  for (let rest = set; rest > 0; rest &= rest - 1) count++;
  return count;
}

function margin({ baseMargin, trees }: Forest, vector: Float32Array): number {
  return trees.reduce((total, tree) => {
    let node = 0;
    while (tree.left[node]! >= 0) node = goesLeft(tree, node, vector) ? tree.left[node]! : tree.right[node]!;
    return total + tree.value[node]!;
  }, baseMargin);
}

function explain(forest: Forest, vector: Float32Array): { bias: number; contributions: number[] } {
  const laidOut = shapForest(forest);
  return { bias: laidOut.bias, contributions: [...contributionsOf(laidOut, vector, scratchFor(laidOut))] };
}

const FEATURES = 5;
const values = fc.array(fc.oneof({ weight: 3, arbitrary: grid }, { weight: 1, arbitrary: fc.constant(NaN) }), {
  minLength: FEATURES,
  maxLength: FEATURES,
});

test('equals Shapley values by enumeration of all subsets, and adds up to the margin', () => {
  fc.assert(
    fc.property(fc.array(sketches(FEATURES, 6), { minLength: 1, maxLength: 3 }), values, (drawn, row) => {
      const forest = { features: FEATURES, baseMargin: -2, trees: drawn.map(treeOf) };
      const vector = Float32Array.from(row);
      const { bias, contributions } = explain(forest, vector);
      shapley(forest, vector).forEach((expected, feature) => expect(contributions[feature]).toBeCloseTo(expected, 10));
      expect(contributions.reduce((sum, part) => sum + part, bias)).toBeCloseTo(margin(forest, vector), 10);
    }),
    { numRuns: 200 },
  );
});

test('a path of 16 features, which takes 8 quadrature points, is still exact', () => {
  const depth = 16;
  let sketch: Sketch = { value: 4 };
  for (let feature = 0; feature < depth; feature++) {
    const share = 0.3 + 0.04 * feature;
    sketch = {
      feature,
      threshold: 0.5,
      missingLeft: feature % 2 === 0,
      share,
      left: { value: feature / 8 - 1 },
      right: sketch,
    };
  }
  const forest = { features: depth, baseMargin: 0, trees: [treeOf(sketch)] };
  const vector = Float32Array.from({ length: depth }, (_, feature) =>
    feature % 5 === 0 ? NaN : feature % 7 === 0 ? 0 : 1,
  );
  const { contributions } = explain(forest, vector);
  shapley(forest, vector).forEach((expected, feature) => expect(contributions[feature]).toBeCloseTo(expected, 10));
});

test('a value equal to the threshold in float32 goes right, though 0.1 is below it in float64', () => {
  const tree = treeOf({
    feature: 0,
    threshold: 0.1,
    missingLeft: true,
    share: 0.5,
    left: { value: -1 },
    right: { value: 1 },
  });
  const explained = explain({ features: 1, baseMargin: 0, trees: [tree] }, Float32Array.of(0.1));
  expect(explained).toEqual({ bias: 0, contributions: [1] });
});

test('a forest of leaves has a bias and no contributions', () => {
  const forest = { features: 2, baseMargin: -1, trees: [treeOf({ value: 0.5 }), treeOf({ value: 0.25 })] };
  expect(explain(forest, Float32Array.of(1, 2))).toEqual({ bias: -0.25, contributions: [0, 0] });
  expect(expectation(forest.trees[0]!, 0)).toBe(0.5);
});

test('scratch memory left by one row does not touch the next', () => {
  fc.assert(
    fc.property(sketches(FEATURES, 5), values, values, (sketch, first, second) => {
      const forest = shapForest({ features: FEATURES, baseMargin: 0, trees: [treeOf(sketch), treeOf({ value: 1 })] });
      const used = scratchFor(forest);
      contributionsOf(forest, Float32Array.from(first), used);
      const vector = Float32Array.from(second);
      expect(contributionsOf(forest, vector, used)).toEqual(contributionsOf(forest, vector, scratchFor(forest)));
    }),
  );
});
