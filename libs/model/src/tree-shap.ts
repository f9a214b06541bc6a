/*
 * Exact path-dependent TreeSHAP, the values of XGBoost's `pred_contribs`, in time linear in the nodes of the trees.
 *
 * The game (Lundberg et al. 2018, "Consistent Individualized Feature Attribution for Tree Ensembles", algorithm 1):
 * where feature i is known the row takes its own branch, where it is not, both, weighted by their covers. The path to a
 * leaf asks each feature i for a factor: o_i (1 if the row satisfies all its splits on the path, else 0) when known, z_i
 * (the product of their cover ratios) when not. The leaf's share of the game is value * prod(known o) * prod(unknown z).
 *
 * Its Shapley value is an integral over t, the chance that a feature is known (Owen 1972, multilinear extension):
 *   phi_i = sum over leaves of value * (o_i - z_i) * integral 0..1 of prod over j != i of ((1 - t) z_j + t o_j) dt
 * a polynomial in t of degree below the number of features on the path, so a few Gauss-Legendre points are exact. That
 * the products can be carried down the tree and the sums back up, once for all features, is the observation of Yang
 * 2021 (Fast TreeSHAP) and Yu et al. 2022 (Linear TreeSHAP, which holds the polynomial by its values at such points).
 *
 * This file also runs inside the explainer's worker, by Node's own type stripping when it runs from source: it may
 * import types only.
 */

/**
 * Trees laid out for {@link addContributions}; `shap-forest.ts` makes it. Nodes of all trees stand in one row, parents
 * before children; indices of nodes count from their tree's root. The edge into a node belongs to the feature that its
 * parent splits. Per edge and state there is one entry per quadrature point in `ratios` and `rates`, where the state is
 * 0: the row had left the path on this feature before; 1: it leaves on this edge; 2: it still follows.
 */
export interface ShapForest {
  features: number;
  /** Quadrature points. */
  points: number;
  /** Expected margin: the base and the cover-weighted mean of every tree. */
  bias: number;
  /** First node of each tree, and the end. */
  starts: Int32Array;
  parent: Int32Array;
  /** The edge above on the same feature, or 0, the root, whose "edge" every row follows. */
  previous: Int32Array;
  /** Feature of the edge into the node. */
  edgeFeature: Int32Array;
  isLeft: Uint8Array;
  /** Feature the node splits, or -1 at a leaf. */
  feature: Int32Array;
  threshold: Float32Array;
  missingLeft: Uint8Array;
  /** Log-odds at a leaf, 0 elsewhere. */
  value: Float64Array;
  /** What the edge multiplies the product of factors by: factor(z, o, t) / factor(previous z, o, t). */
  ratios: Float64Array;
  /** Weighted d log(factor) of the edge less that of the previous one: w (o - z) / factor(z, o, t) - ... */
  rates: Float64Array;
}

/** Memory for one tree at a time, kept between rows. */
export interface ShapScratch {
  follows: Uint8Array;
  goesLeft: Uint8Array;
  /** Product of the factors of all features on the path, per point. */
  products: Float64Array;
  /** Sum of value * product over the leaves below, per point. */
  sums: Float64Array;
}

export function scratchFor(forest: ShapForest): ShapScratch {
  let nodes = 0;
  for (let tree = 0; tree + 1 < forest.starts.length; tree++) {
    nodes = Math.max(nodes, forest.starts[tree + 1]! - forest.starts[tree]!);
  }
  return {
    follows: new Uint8Array(nodes),
    goesLeft: new Uint8Array(nodes),
    products: new Float64Array(nodes * forest.points),
    sums: new Float64Array(nodes * forest.points),
  };
}

/**
 * Contributions of one row to its margin, in log-odds: their sum and `forest.bias` are the margin.
 * @param vector `forest.features` numbers, NaN where missing
 */
export function contributionsOf(forest: ShapForest, vector: Float32Array, scratch: ShapScratch): Float64Array {
  const contributions = new Float64Array(forest.features);
  for (let tree = 0; tree + 1 < forest.starts.length; tree++) {
    const start = forest.starts[tree]!;
    const nodes = forest.starts[tree + 1]! - start;
    descend(forest, start, nodes, vector, scratch);
    ascend(forest, start, nodes, scratch, contributions);
  }
  return contributions;
}

/** Down the tree: which edges the row follows, the products of factors, and each leaf's own sum. */
function descend(forest: ShapForest, start: number, nodes: number, vector: Float32Array, scratch: ShapScratch): void {
  const { points, parent, previous, isLeft, feature, threshold, missingLeft, value, ratios } = forest;
  const { follows, goesLeft, products, sums } = scratch;
  for (let n = 0; n < nodes; n++) {
    const node = start + n;
    const at = n * points;
    if (n === 0) {
      follows[0] = 1;
      products.fill(1, 0, points);
      sums.fill(0, 0, points);
    } else {
      const up = parent[node]!;
      const before = follows[previous[node]!]!;
      const now = goesLeft[up] === isLeft[node] ? before : 0;
      follows[n] = now;
      const ratio = (node * 3 + before + now) * points;
      const above = up * points;
      const leaf = value[node]!;
      for (let q = 0; q < points; q++) {
        const product = products[above + q]! * ratios[ratio + q]!;
        products[at + q] = product;
        sums[at + q] = leaf * product;
      }
    }
    const split = feature[node]!;
    if (split < 0) continue;
    const x = vector[split]!;
    // NaN is the missing value: the only number that differs from itself.
    goesLeft[n] = x !== x ? missingLeft[node]! : x < threshold[node]! ? 1 : 0;
  }
}

/** Up the tree: sums of the leaves below; each edge gives its feature what it changes. */
function ascend(
  forest: ShapForest,
  start: number,
  nodes: number,
  scratch: ShapScratch,
  contributions: Float64Array,
): void {
  const { points, parent, previous, edgeFeature, rates } = forest;
  const { follows, sums } = scratch;
  for (let n = nodes - 1; n > 0; n--) {
    const node = start + n;
    const at = n * points;
    const above = parent[node]! * points;
    const rate = (node * 3 + follows[previous[node]!]! + follows[n]!) * points;
    let change = 0;
    for (let q = 0; q < points; q++) {
      const sum = sums[at + q]!;
      change += sum * rates[rate + q]!;
      sums[above + q]! += sum;
    }
    contributions[edgeFeature[node]!]! += change;
  }
}
