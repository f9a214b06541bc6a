import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE } from './stack.js';

export interface TrainingOptions {
  /** Name of the model. */
  model?: string;
  /** In place of those of `pipelines/params.yaml`. */
  parameters?: Record<string, number | string | boolean>;
}

/** Trains a bundle from a training set with the Python package, its progress on stdout. Rejects when it fails. */
export async function train(
  data: string,
  out: string,
  { model = 'pix-fraud', parameters = {} }: TrainingOptions = {},
): Promise<void> {
  const command = join(WORKSPACE, 'pipelines/.venv/bin/vigia-train');
  if (!existsSync(command)) throw new Error(`${command} is missing: run npm test or npm run demo once, they set it up`);
  const settings = Object.entries(parameters).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const flags = ['--data', data, '--out', out, '--model-name', model, ...settings];
  const trainer = spawn(command, flags, { stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise<number | null>((settle, fail) => trainer.once('error', fail).once('exit', settle));
  if (code !== 0) throw new Error(`vigia-train ended with ${code}`);
}
