import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  compareCategories,
  compareHistograms,
  compareSamples,
  countCategories,
  countInto,
  emptyLike,
  estimatePerformance,
  prepareReference,
  prepareSample,
  type CategoryCounts,
  type Comparison,
  type ReferenceSample,
} from '@vigia/statistics';
import { lastLineOf } from './child.js';
import { driftData, probabilitiesOf, type DriftData } from './drift-data.js';
import { median } from './median.js';
import { pythonOf } from './python-project.js';
import { round, type Bench, type Say } from './report.js';
import { WORKSPACE } from '../stack.js';

const ROUNDS = 3;
const THRESHOLD = 0.3;
const SCORES = 50_000;
const CHUNK_ROWS = 10_000;

/** What `tools/bench-drift/peers.py` answers. */
interface Peers {
  seconds: number;
  cpu: number;
  /** Per column: distance or p value by test, as Evidently gives it. */
  results: Record<string, number>[];
  cbpe: Record<'precision' | 'recall' | 'f1' | 'roc_auc' | 'average_precision', number>;
}

export const bench: Bench = {
  question: 'How long do all drift tests over 70 features take, beside Evidently; is CBPE that of NannyML?',
  async run(args, say) {
    const { values } = parseArgs({ args, options: { rows: { type: 'string', default: '100000' } } });
    const rows = Number(values.rows);
    say(`drawing 70 features of ${rows.toLocaleString('en')} and ${rows.toLocaleString('en')} rows`);
    const data = driftData(rows);
    const probabilities = probabilitiesOf(SCORES);
    say('ours: from rows, with the reference prepared, from histograms');
    const ours = timeOurs(data);
    say('Evidently and NannyML (their packages are installed at the first time)');
    const peers = await peersOf(data, probabilities, say);
    say('memory while windows of 100,000, 1,000,000 and 4,000,000 rows are counted');
    const memory = memoryOf(data);
    return {
      rows,
      ours_s: round(ours.prepared.seconds, 3),
      evidently_s: round(peers.seconds, 2),
      ratio: round(peers.seconds / ours.prepared.seconds, 1),
      cbpe_max_diff: Number(cbpeDifference(probabilities, peers).toPrecision(3)),
      ours_unprepared_s: round(ours.unprepared.seconds, 3),
      ours_histograms_s: round(ours.histograms.seconds, 3),
      ours_cpu_s: round(ours.prepared.cpu, 3),
      evidently_cpu_s: round(peers.cpu, 2),
      ratio_cpu: round(peers.cpu / ours.prepared.cpu, 1),
      wasserstein_max_diff: Number(wassersteinDifference(data, ours.results, peers).toPrecision(3)),
      memory_mib: memory,
    };
  },
};

interface Cost {
  seconds: number;
  cpu: number;
}

/** Every measure over every column; the middle one of three runs each. */
function timeOurs(data: DriftData): Record<'prepared' | 'unprepared' | 'histograms', Cost> & { results: Comparison[] } {
  const { kinds } = data;
  const [reference, current] = [data.reference, data.current].map((columns) =>
    columns.map((column, index) => (kinds[index] === 'categories' ? textOf(column) : column)),
  ) as [(Float32Array | string[])[], (Float32Array | string[])[]];
  const prepare = (column: Float32Array | string[]): ReferenceSample | CategoryCounts =>
    column instanceof Float32Array ? prepareReference(column) : countCategories(column);
  const prepared = reference.map(prepare);
  const compareRows = (side: ReferenceSample | CategoryCounts, window: Float32Array | string[]): Comparison =>
    'sorted' in side
      ? compareSamples(side, prepareSample(window as Float32Array))
      : compareCategories(side, countCategories(window as string[]));
  const compareCounts = (side: ReferenceSample | CategoryCounts, window: Float32Array | string[]): Comparison => {
    if (!('sorted' in side)) return compareCategories(side, countCategories(window as string[]));
    const counted = emptyLike(side.histogram);
    countInto(counted, window as Float32Array);
    return compareHistograms(side.histogram, counted);
  };
  const results = prepared.map((side, index) => compareRows(side, current[index]!));
  return {
    prepared: costOf(() => prepared.map((side, index) => compareRows(side, current[index]!))),
    unprepared: costOf(() => reference.map((side, index) => compareRows(prepare(side), current[index]!))),
    histograms: costOf(() => prepared.map((side, index) => compareCounts(side, current[index]!))),
    results,
  };
}

function costOf(work: () => unknown): Cost {
  const costs = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    const startedCpu = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(startedCpu);
    return { seconds: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
  });
  return { seconds: median(costs.map(({ seconds }) => seconds)), cpu: median(costs.map(({ cpu }) => cpu)) };
}

const textOf = (column: Float32Array): string[] => Array.from(column, String);

async function peersOf(data: DriftData, probabilities: Float64Array, say: Say): Promise<Peers> {
  const python = pythonOf('bench-drift');
  const directory = mkdtempSync(join(tmpdir(), 'vigia-bench-drift-'));
  try {
    writeFileSync(join(directory, 'layout.json'), JSON.stringify({ kinds: data.kinds, threshold: THRESHOLD }));
    for (const side of ['reference', 'current'] as const) {
      const bytes = data[side].map(({ buffer }) => new Uint8Array(buffer));
      writeFileSync(join(directory, `${side}.f32`), Buffer.concat(bytes));
    }
    writeFileSync(join(directory, 'probabilities.f64'), probabilities);
    // One thread, as ours; and no telemetry.
    const quiet = ['NML_DISABLE_USAGE_LOGGING=1', 'DO_NOT_TRACK=1', 'OMP_NUM_THREADS=1', 'OPENBLAS_NUM_THREADS=1'];
    const script = join(WORKSPACE, 'tools/bench-drift/peers.py');
    return JSON.parse(await lastLineOf('env', [...quiet, python, script, directory], say)) as Peers;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function cbpeDifference(probabilities: Float64Array, { cbpe }: Peers): number {
  const flagged = Uint8Array.from(probabilities, (probability) => Number(probability >= THRESHOLD));
  const ours = estimatePerformance(probabilities, flagged);
  const pairs = [
    [ours.precision, cbpe.precision],
    [ours.recall, cbpe.recall],
    [ours.f1, cbpe.f1],
    [ours.rocAuc, cbpe.roc_auc],
    [ours.averagePrecision, cbpe.average_precision],
  ] as const;
  return Math.max(
    ...pairs.map(([value, theirs]) => (value.kind === 'measured' ? Math.abs(value.value - theirs) : Infinity)),
  );
}

/** Of the distances over the reference's deviation, as Evidently has them: both computed the same thing. */
function wassersteinDifference({ kinds, reference }: DriftData, ours: Comparison[], { results }: Peers): number {
  const differences = kinds.map((kind, index) => {
    const result = ours[index]!.results.wasserstein;
    if (kind === 'categories' || result?.kind !== 'measured') return 0;
    return Math.abs(result.statistic / deviationOf(reference[index]!) - results[index]!['wasserstein']!);
  });
  return Math.max(...differences);
}

function deviationOf(column: Float32Array): number {
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  return Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
}

/** Resident memory after windows of these rows were counted into the references' edges, chunk after chunk. */
function memoryOf({ kinds, reference, current }: DriftData): Record<string, number> {
  const numbers = kinds.flatMap((kind, index) => (kind === 'numbers' ? [index] : []));
  const histograms = numbers.map((index) => emptyLike(prepareReference(reference[index]!).histogram));
  const chunks = numbers.map((index) => current[index]!.subarray(0, CHUNK_ROWS));
  const memory: Record<string, number> = {};
  let counted = 0;
  for (const rows of [100_000, 1_000_000, 4_000_000]) {
    for (; counted < rows; counted += CHUNK_ROWS) {
      for (const [at, histogram] of histograms.entries()) countInto(histogram, chunks[at]!);
    }
    memory[rows] = Math.round(process.memoryUsage().rss / 2 ** 20);
  }
  return memory;
}
