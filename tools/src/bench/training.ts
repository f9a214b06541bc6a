import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { benchModel } from './bench-model.js';
import { median } from './median.js';
import { round, type Bench } from './report.js';
import { BenchServers } from './servers.js';
import { WORKSPACE } from '../stack.js';

interface Line {
  kind: string;
  stage: string;
  metrics: Record<string, number>;
}

/** One training with the parameters of `pipelines/params.yaml`. */
interface Trained {
  /** Of the training part. */
  rows: number;
  /** From the first row handed to XGBoost to the last tree. */
  seconds: number;
}

export const bench: Bench = {
  question: 'How many rows a second does training take in, by threads?',
  async run(args, say) {
    const { values } = parseArgs({
      args,
      options: {
        threads: { type: 'string', default: `1,${Math.min(2, availableParallelism())}` },
        runs: { type: 'string', default: '3' },
      },
    });
    const servers = await BenchServers.start();
    const { trainingSet } = await benchModel(servers.valkey.url, say).finally(() => servers.stop());
    const threads: Record<string, number> = {};
    let rows = 0;
    for (const count of new Set(values.threads.split(','))) {
      const speeds: number[] = [];
      for (let run = 1; run <= Number(values.runs); run++) {
        const trained = await train(trainingSet, count);
        rows = trained.rows;
        speeds.push(rows / trained.seconds);
        say(`${count} threads, run ${run}: ${rows.toLocaleString('en')} rows in ${trained.seconds.toFixed(2)} s`);
      }
      threads[count] = round(median(speeds), 0);
    }
    return { rows, threads };
  },
};

/** The stage `training` lasts from the last line before it to its own last line. */
async function train(data: string, threads: string): Promise<Trained> {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-bench-training-'));
  const flags = ['--data', data, '--out', join(directory, 'bundle'), '--json', '--set', `threads=${threads}`];
  const trainer = spawn(join(WORKSPACE, 'pipelines/.venv/bin/vigia-train'), flags, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((settle, fail) => trainer.once('error', fail).once('close', settle));
  let startedMs = 0;
  let endedMs = 0;
  let rows = 0;
  for await (const text of createInterface({ input: trainer.stdout })) {
    const line = JSON.parse(text) as Line;
    if (line.kind === 'result') rows = line.metrics.training_rows!;
    else if (line.stage === 'reading') startedMs = performance.now();
    else if (line.stage === 'training') endedMs = performance.now();
  }
  const code = await ended;
  rmSync(directory, { recursive: true, force: true });
  if (code !== 0) throw new Error(`vigia-train ended with ${code}`);
  return { rows, seconds: (endedMs - startedMs) / 1000 };
}
