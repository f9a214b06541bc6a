import { z } from 'zod';

/** `gate.json`, the verdict on a version. */
export const gateReport = z.looseObject({
  format: z.literal(1),
  passed: z.boolean(),
  checks: z.array(
    z.looseObject({
      name: z.string(),
      passed: z.boolean(),
      value: z.unknown(),
      bound: z.unknown(),
      /** What was found and, where it failed, what to do. */
      text: z.string(),
    }),
  ),
});
export type GateReport = z.output<typeof gateReport>;

export interface Verdict {
  report: GateReport;
  /** The files to keep with the run, by name. */
  files: Record<string, Buffer>;
}

/** The verdict on a bundle that scoring would refuse: nothing else about it can be asked. */
export function refusedVerdict(reason: string): Verdict {
  const check = { name: 'bundle', passed: false, value: null, bound: null, text: reason };
  const report: GateReport = { format: 1, passed: false, checks: [check], candidate: null, champion: null };
  return {
    report,
    files: {
      'gate.json': Buffer.from(`${JSON.stringify(report, null, 2)}\n`),
      'gate.md': Buffer.from(`# Gate: failed\n\n- bundle: ${reason}\n`),
    },
  };
}
