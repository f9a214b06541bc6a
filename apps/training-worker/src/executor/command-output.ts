import { z } from 'zod';

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
