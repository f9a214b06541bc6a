import type { Metrics } from '@vigia/platform';
import type { AuditReport } from './audit-report.js';

/** What the last audit of this process found. */
export class AuditMetrics {
  private readonly ratio;
  private readonly rows;
  private readonly until;

  constructor(metrics: Metrics) {
    this.ratio = metrics.gauge(
      'feature_mismatch_ratio',
      'Share of served values that differ from their offline recomputation, in the last audit; must be 0.',
      ['feature'],
    );
    this.rows = metrics.gauge('audit_rows', 'Assessments of the last audit by what became of them.', ['result']);
    this.until = metrics.gauge('audit_end_timestamp_seconds', 'End of the range of the last audit, Unix time.');
  }

  audited({ rows, features, to }: AuditReport): void {
    // Nothing compared is no agreement: what was found before stands.
    if (rows.compared > 0) {
      for (const [feature, { ratio }] of Object.entries(features)) this.ratio.set({ feature }, ratio);
    }
    for (const [result, count] of Object.entries(rows)) this.rows.set({ result: snakeCase(result) }, count);
    this.until.set(Date.parse(to) / 1_000);
  }
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
