import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeatureCount, Tolerance } from './compare.js';
import type { Difference } from './history-trace.js';

/** What became of the assessments of the range. */
export interface AuditRows {
  /** In time, and held against their recomputation. */
  compared: number;
  mismatched: number;
  /** Accepted before something that their entities had seen already; compared too, but counted here alone. */
  late: number;
  lateMismatched: number;
  /** Differ in what a label changes alone, while one was on its way of which nobody knows when it arrived. */
  labelsInFlight: number;
  /** Served without windows: the online store was away. */
  degraded: number;
  otherFeatureSet: number;
  /** Recorded while the audit ran, from the spool of a writer. */
  recordedMeanwhile: number;
}

/** A difference, and the entity in whose log it lies. */
export interface EntityDifference extends Difference {
  entity: string;
}

export interface MismatchExample {
  endToEndId: string;
  arrivedUs: number;
  late: boolean;
  /** null is missing. */
  features: { name: string; served: number | null; recomputed: number | null }[];
  /** Where its windows and the history part first, within the reach of these features. */
  cause: EntityDifference | null;
}

export interface AuditReport {
  format: 1;
  featureSet: { name: string; hash: string };
  from: string;
  /** Itself outside. */
  to: string;
  finishedAt: string;
  /** What was recomputed from. */
  history: { from: string; payments: number; labels: number };
  rows: AuditRows;
  /** Of the rows in time. `one_step`: one float32 step is no mismatch. */
  features: Record<string, FeatureCount & { tolerance: Tolerance }>;
  /** Features in which late rows differ. */
  lateFeatures: Record<string, FeatureCount>;
  /** The earliest cause among the examples. */
  firstDifference: EntityDifference | null;
  /** The first rows that differ. */
  examples: MismatchExample[];
}

/** Writes the report aside and gives it its name when it is whole. Answers its path. */
export async function writeReport(directory: string, report: AuditReport): Promise<string> {
  await mkdir(directory, { recursive: true });
  const stamp = (instant: string): string => instant.replace(/[-:.]/g, '');
  const path = join(directory, `audit-${report.featureSet.name}-${stamp(report.from)}-${stamp(report.to)}.json`);
  const file = await open(`${path}.part`, 'w');
  try {
    await file.writeFile(JSON.stringify(report, null, 2));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
  return path;
}
