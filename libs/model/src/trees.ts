import { BundleRefused } from './bundle-refused.js';

/** One regression tree. Node 0 is the root; all arrays have one entry a node. */
export interface Tree {
  /** Child for which `x < threshold`, or -1 at a leaf. */
  left: Int32Array;
  right: Int32Array;
  feature: Int32Array;
  /** Float32 as XGBoost compares it. */
  threshold: Float32Array;
  /** 1 where a missing value goes left. */
  missingLeft: Uint8Array;
  /** Sum of hessians of the training rows that passed: the weight of TreeSHAP's conditional expectations. */
  cover: Float64Array;
  /** Log-odds at a leaf; not read elsewhere. */
  value: Float64Array;
}

/** margin(x) = baseMargin + the sum of the leaves that x reaches. */
export interface Forest {
  features: number;
  baseMargin: number;
  trees: Tree[];
}

/**
 * Reads the JSON that XGBoost's `save_model` writes (3.2; binary:logistic, gbtree, numerical splits).
 * The intercept is stored as a probability, since 3.x in brackets ("[1.2E-2]"); its logit is the base of the margin.
 * @throws {BundleRefused} another objective or booster, categorical splits, several targets, broken nodes
 */
export function parseTrees(json: unknown): Forest {
  const learner = member(json, 'learner');
  const parameters = member(learner, 'learner_model_param');
  const booster = member(learner, 'gradient_booster');
  expect('learner.objective.name', 'binary:logistic', member(member(learner, 'objective'), 'name'));
  expect('learner.gradient_booster.name', 'gbtree', member(booster, 'name'));
  expect('learner.learner_model_param.num_class', '0', member(parameters, 'num_class'));
  expect('learner.learner_model_param.num_target', '1', member(parameters, 'num_target'));
  const features = Number(member(parameters, 'num_feature'));
  const baseScore = Number(String(member(parameters, 'base_score')).replace(/[[\]]/g, ''));
  if (!(baseScore > 0 && baseScore < 1)) {
    throw refused('base_score within (0, 1)', String(member(parameters, 'base_score')));
  }
  const trees = member(member(booster, 'model'), 'trees');
  if (!Array.isArray(trees) || trees.length === 0) throw refused('at least one tree', 'none');
  return {
    features,
    baseMargin: Math.log(baseScore / (1 - baseScore)),
    trees: trees.map((tree, index) => parseTree(tree, index, features)),
  };
}

/** Whether the row goes left at this node: `x < threshold` in float32, a missing value by the node's default. */
export function goesLeft(tree: Tree, node: number, vector: Float32Array): boolean {
  const value = vector[tree.feature[node]!]!;
  return Number.isNaN(value) ? tree.missingLeft[node] === 1 : value < tree.threshold[node]!;
}

function parseTree(json: unknown, index: number, features: number): Tree {
  const left = numbers(json, 'left_children', index);
  const column = (key: string): number[] => {
    const values = numbers(json, key, index);
    if (values.length !== left.length) {
      throw refused(`${left.length} entries of ${key} in tree ${index}`, String(values.length));
    }
    return values;
  };
  const conditions = column('split_conditions');
  const tree: Tree = {
    left: Int32Array.from(left),
    right: Int32Array.from(column('right_children')),
    feature: Int32Array.from(column('split_indices')),
    threshold: Float32Array.from(conditions),
    missingLeft: Uint8Array.from(column('default_left')),
    cover: Float64Array.from(column('sum_hessian')),
    value: Float64Array.from(conditions, Math.fround),
  };
  if (column('split_type').some((type) => type !== 0)) {
    throw refused('numerical splits only', `a categorical split in tree ${index}`);
  }
  checkNodes(tree, index, features);
  return tree;
}

/** Pruned nodes stay in XGBoost's arrays; only what the root reaches is checked. */
function checkNodes(tree: Tree, index: number, features: number): void {
  const nodes = tree.left.length;
  const seen = new Uint8Array(nodes);
  const open = [0];
  while (open.length > 0) {
    const node = open.pop()!;
    const at = `node ${node} of tree ${index}`;
    if (!(node >= 0 && node < nodes)) throw refused(`nodes within 0..${nodes - 1}`, at);
    if (seen[node] === 1) throw refused('a tree', `${at} reached twice`);
    seen[node] = 1;
    if (!(tree.cover[node]! > 0)) throw refused('covers (sum_hessian) above 0', `${tree.cover[node]} at ${at}`);
    if (tree.left[node]! < 0) continue;
    const feature = tree.feature[node]!;
    if (!(feature >= 0 && feature < features))
      throw refused(`features within 0..${features - 1}`, `${feature} at ${at}`);
    open.push(tree.left[node]!, tree.right[node]!);
  }
}

function numbers(json: unknown, key: string, index: number): number[] {
  const values = member(json, key);
  if (!Array.isArray(values) || values.length === 0 || !values.every((value) => Number.isFinite(Number(value)))) {
    throw refused(`numbers under ${key} of tree ${index}`, JSON.stringify(values)?.slice(0, 40) ?? 'none');
  }
  return values.map(Number);
}

function member(json: unknown, key: string): unknown {
  if (typeof json !== 'object' || json === null || !(key in json)) throw refused(`"${key}"`, 'none');
  return (json as Record<string, unknown>)[key];
}

function expect(path: string, expected: string, found: unknown): void {
  if (found !== expected) throw refused(`${path} = ${expected}`, JSON.stringify(found));
}

function refused(expected: string, found: string): BundleRefused {
  const remedy = "Package XGBoost's own save_model JSON of a binary:logistic gbtree model with numerical features.";
  return new BundleRefused({ file: 'trees.json', expected, found, remedy });
}
