import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PIX, compileFeatureSet } from '@vigia/features';
import { loadBundle, type Model } from '@vigia/model';
import { benchModel } from './bench-model.js';
import { round, type Bench, type Say } from './report.js';
import { BenchServers } from './servers.js';
import { WORKSPACE } from '../stack.js';

const BATCH = 16;

/** What `model_reference.py` wrote: the rows, and what XGBoost itself says of them. */
interface Reference {
  columns: number;
  rows: Float32Array;
  margins: Float32Array;
  probabilities: Float64Array;
  /** Per explained row: one contribution a feature, then the bias. */
  contributions: Float32Array;
  explained: number;
}

export const bench: Bench = {
  question: 'What do a score and an exact explanation cost, and are they those of XGBoost?',
  async run(args, say) {
    const { values } = parseArgs({
      args,
      options: { rows: { type: 'string', default: '100000' }, explained: { type: 'string', default: '2000' } },
    });
    const servers = await BenchServers.start();
    const files = await benchModel(servers.valkey.url, say).finally(() => servers.stop());
    const directory = mkdtempSync(join(tmpdir(), 'vigia-bench-model-'));
    try {
      const script = join(WORKSPACE, 'tools/src/bench/model_reference.py');
      const flags = [files.trainingSet, files.bundle, directory, values.rows, values.explained];
      const python = join(WORKSPACE, 'pipelines/.venv/bin/python');
      if (spawnSync(python, [script, ...flags], { stdio: ['ignore', 'inherit', 'inherit'] }).status !== 0)
        throw new Error(`${script} failed`);
      const model = await loadBundle(files.bundle, { featureSet: compileFeatureSet(PIX) });
      const figures = await measure(model, readReference(directory, model.manifest.features.length), say);
      await model.close();
      return figures;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function measure(model: Model, reference: Reference, say: Say): Promise<Record<string, number>> {
  const { columns, rows } = reference;
  const count = rows.length / columns;
  const row = (index: number): Float32Array => rows.subarray(index * columns, (index + 1) * columns);
  await timedUs(2_000, 1, (index) => model.score(row(index)));
  const aloneUs = await timedUs(20_000, 1, (index) => model.score(row(index % count)));
  const inBatchesUs = await timedUs(20_000, BATCH, (index) => model.score(row(index % count)));
  say(`comparing ${count.toLocaleString('en')} scores with XGBoost's`);
  const parity = { margin: 0, probability: 0 };
  for (let index = 0; index < count; index++) {
    const { margin, probability } = await model.score(row(index));
    parity.margin = Math.max(parity.margin, Math.abs(margin - reference.margins[index]!));
    parity.probability = Math.max(parity.probability, Math.abs(probability - reference.probabilities[index]!));
  }
  say(`comparing ${reference.explained.toLocaleString('en')} explanations with XGBoost's`);
  await timedUs(200, 1, (index) => model.explain(row(index)));
  const shapUs = await timedUs(reference.explained, 1, (index) => model.explain(row(index)));
  const shapParity = await compareExplanations(model, reference, row);
  return {
    ort_us: round(aloneUs, 1),
    parity_max: Number(Math.max(parity.margin, parity.probability).toPrecision(3)),
    shap_us: round(shapUs, 0),
    shap_parity_max: Number(shapParity.toPrecision(3)),
    ort_batch_us: round(inBatchesUs, 1),
    parity_max_margin: Number(parity.margin.toPrecision(3)),
    parity_max_probability: Number(parity.probability.toPrecision(3)),
    rows: count,
    explained: reference.explained,
  };
}

async function compareExplanations(
  model: Model,
  { columns, contributions, explained }: Reference,
  row: (index: number) => Float32Array,
): Promise<number> {
  let greatest = 0;
  for (let index = 0; index < explained; index++) {
    const ours = await model.explain(row(index));
    const theirs = contributions.subarray(index * (columns + 1), (index + 1) * (columns + 1));
    for (const [column, { contribution }] of ours.entries())
      greatest = Math.max(greatest, Math.abs(contribution - theirs[column]!));
    greatest = Math.max(greatest, Math.abs(model.bias! - theirs[columns]!));
  }
  return greatest;
}

/** Microseconds a call, `together` calls at a time. */
async function timedUs(calls: number, together: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  for (let index = 0; index < calls; index += together) {
    await Promise.all(Array.from({ length: together }, (_, within) => call(index + within)));
  }
  return ((performance.now() - startedMs) * 1000) / calls;
}

function readReference(directory: string, columns: number): Reference {
  const read = (name: string): ArrayBuffer => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(directory, name));
    return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  };
  const contributions = new Float32Array(read('contributions.f32'));
  return {
    columns,
    rows: new Float32Array(read('rows.f32')),
    margins: new Float32Array(read('margins.f32')),
    probabilities: new Float64Array(read('probabilities.f64')),
    contributions,
    explained: contributions.length / (columns + 1),
  };
}
