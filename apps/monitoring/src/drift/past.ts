import type { MonitoringWindow, SignalVerdict } from '@vigia/ledger';

/** Most good windows that are compared with: seven days have every day of the week. */
const MOST_WINDOWS = 7;

/** Windows before the one that is judged, of the same version. */
export class Past<Counts> {
  /** @param windows newest first */
  constructor(private readonly windows: MonitoringWindow<Counts>[]) {}

  /** What was concluded of a signal in the window before. */
  verdict(signal: string): SignalVerdict | undefined {
    return this.windows[0]?.verdicts.find((verdict) => verdict.signal === signal);
  }

  all(): MonitoringWindow<Counts>[] {
    return this.windows;
  }

  /** The newest windows in which this signal gave no cause for alarm. */
  good(signal: string): MonitoringWindow<Counts>[] {
    return this.windows
      .filter(({ verdicts }) => verdicts.some((verdict) => verdict.signal === signal && verdict.good))
      .slice(0, MOST_WINDOWS);
  }
}
