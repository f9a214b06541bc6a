import { Fault, type JobHandler } from '@vigia/contracts';
import type { FeatureSet } from '@vigia/features';
import type { Ledger } from '@vigia/ledger';
import { OfflineStore, type Limits } from '@vigia/offline-store';
import type { AuditMetrics } from './audit-metrics.js';
import { writeReport, type AuditReport, type EntityDifference } from './audit-report.js';
import { Audit } from './audit.js';

export interface AuditParts {
  set: FeatureSet;
  ledger: Pick<Ledger, 'history' | 'servedHistory' | 'outcomes'>;
  limits: Limits;
  metrics: AuditMetrics;
  /** Where reports are written, one file a range. */
  directory: string;
  /** How far `acceptedAt` may lie from the arrival. */
  clockToleranceMs: number;
  /** Milliseconds since 1970. */
  now: () => number;
}

export interface AuditResult {
  /** Path of the report. */
  report: string;
  rows: AuditReport['rows'];
  /** Share of values that differ, of the features of which some do. */
  mismatchRatios: Record<string, number>;
  firstDifference: EntityDifference | null;
}

/**
 * Takes the vectors served in a range, recomputes them offline from the ledger's history as of their moment, and holds
 * them against each other. Mismatches are its result, not its failure.
 */
export function auditHandler(parts: AuditParts): JobHandler<'audit', AuditResult> {
  return async (payload, context) => {
    if (payload.featureSet !== parts.set.name) {
      throw new Fault('invalid_request', {
        detail: `Audited here is ${parts.set.name}: the feature set that is served.`,
        errors: [{ field: 'featureSet', message: `must be ${parts.set.name}` }],
      });
    }
    const store = await OfflineStore.open(parts.limits);
    try {
      const report = await new Audit(parts, store, payload, context).run();
      parts.metrics.audited(report);
      const mismatches = Object.entries(report.features).filter(([, { mismatched }]) => mismatched > 0);
      return {
        report: await writeReport(parts.directory, report),
        rows: report.rows,
        mismatchRatios: Object.fromEntries(mismatches.map(([name, { ratio }]) => [name, ratio])),
        firstDifference: report.firstDifference,
      };
    } finally {
      store.close();
    }
  };
}
