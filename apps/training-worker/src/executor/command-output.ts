import { z } from 'zod';
import type { Task } from './executor.js';

const share = z.number().min(0).max(1);

/** The lines that a command writes to standard output under `--json`. */
const outputLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('progress'),
    stage: z.string(),
    share,
    text: z.string(),
    trial: z.int().optional(),
    trials: z.int().optional(),
    best: z.number().optional(),
    etaSeconds: z.number().optional(),
  }),
  z.looseObject({ kind: z.literal('result') }),
]);
export type OutputLine = z.output<typeof outputLine>;

/** Null for a line of another form: a library's own words, which belong into the log. */
export function parseLine(line: string): OutputLine | null {
  if (!line.startsWith('{')) return null;
  try {
    return outputLine.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** How much of what a command said last is kept for its fault, characters. */
const LAST_WORDS = 2_000;

/** What a command says, line by line: progress is passed on, the result kept, and all of it belongs into the log. */
export class CommandOutput {
  /** The line of kind `result`; undefined before there is one. */
  result: unknown;
  /** End of what was no such line. */
  lastWords = '';

  constructor(private readonly progress: Task['progress']) {}

  /** Takes a line of standard output; answers what the log says of it. */
  line(line: string): string {
    const parsed = parseLine(line);
    if (parsed?.kind === 'result') this.result = parsed;
    if (parsed?.kind !== 'progress') return line;
    const { share, text, stage, trial, trials, best, etaSeconds } = parsed;
    this.progress(share, text, { stage, trial, trials, best, etaSeconds });
    return text;
  }

  /** Takes what is of standard error. */
  words(text: string): void {
    this.lastWords = (this.lastWords + text).slice(-LAST_WORDS);
  }
}
