import type { AccountabilityRecord } from '@vigia/ledger';
import { fraudLog, type LogFormat } from './fraud-log.js';
import { csvOf, monthlyReport } from './monthly-report.js';

export class FraudReportsService {
  /** @param labelHorizonDays time after a payment in which its label may come, days */
  constructor(
    private readonly record: AccountabilityRecord,
    private readonly labelHorizonDays: number,
    private readonly now: () => number,
  ) {}

  /** See `fraudLog` in fraud-log.ts. */
  log(day: string, format: LogFormat): AsyncGenerator<string, void, undefined> {
    return fraudLog(this.record, { day, format, labelHorizonDays: this.labelHorizonDays, nowMs: this.now() });
  }

  /** See `monthlyReport` in monthly-report.ts. */
  async report(month: string, format: LogFormat): Promise<string> {
    const { labelHorizonDays } = this;
    const report = await monthlyReport(this.record, { month, labelHorizonDays, nowMs: this.now() });
    return format === 'csv' ? csvOf(report) : JSON.stringify(report);
  }
}
