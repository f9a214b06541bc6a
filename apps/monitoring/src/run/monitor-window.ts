import type { Alert, Ledger, MonitoredRole, MonitoringWindow, NoticeChannel, SignalVerdict } from '@vigia/ledger';
import type { BundleCache, ModelRegistry, RegisteredVersion } from '@vigia/registry';
import { alertSteps } from '../alerts/alert-steps.js';
import { noticeOf } from '../alerts/notice.js';
import { Past } from '../drift/past.js';
import { serviceSignals } from '../drift/service-signals.js';
import { corrected } from '../drift/significance.js';
import { judge, type Measurement } from '../drift/verdict.js';
import { dataSignals, driftSignals } from '../drift/version-signals.js';
import { delayCurve } from '../performance/delay-curve.js';
import { estimatedSignal, realisedSignals, type Labels } from '../performance/performance-signals.js';
import { realisedSegmentSignals } from '../performance/segment-performance.js';
import { referenceOf, type ReferenceAnswer } from '../window/reference.js';
import type { ServiceCounts } from '../window/service-counts.js';
import type { VersionCounts } from '../window/version-counts.js';
import { WindowCounter } from '../window/window-counter.js';

export interface MonitorParts {
  ledger: Ledger;
  registry: ModelRegistry;
  bundles: BundleCache;
  minimumPayments: number;
  labelHorizonDays: number;
  /** By which alerts are told. */
  channels: NoticeChannel[];
}

/** [fromMs, toMs) of accepted payments. */
export interface Window {
  model: string;
  fromMs: number;
  toMs: number;
}

/** What one version, or the service ('') came to. */
export interface Subject {
  bundleVersion: string;
  role: MonitoredRole;
  payments: number;
  alarms: string[];
  /** Signals of which nothing could be said. */
  notEnoughData: number;
}

const DAY_MS = 86_400_000;
/** Payments with labels that are read at most, the newest. */
const MOST_JUDGED = 200_000;
/** Windows of a version that are looked back at, at most. */
const MOST_WINDOWS = 120;
/** Windows that lie further back are no "last good" ones. */
const GOOD_WITHIN = 30;

/**
 * Counts a window, compares it, records the verdicts and what they do to alerts. Run again it changes nothing: a window
 * is on record once.
 */
export class WindowRun {
  private registered: RegisteredVersion[] = [];
  /** Not where a later window is on record: alerts tell of the present. */
  private movesAlerts = true;
  private readonly answers = new Map<string, Promise<ReferenceAnswer>>();

  constructor(
    private readonly parts: MonitorParts,
    private readonly window: Window,
    private readonly signal: AbortSignal,
  ) {}

  /** Null where the window is on record already. */
  async run(progress: (payments: number) => void): Promise<Subject[] | null> {
    const { ledger, registry } = this.parts;
    const { model, fromMs, toMs } = this.window;
    const untilMs = await ledger.monitoring.monitoredUntil(model);
    if (untilMs === toMs && (await this.isOnRecord())) return null;
    this.movesAlerts = untilMs === null || untilMs <= fromMs;
    this.registered = await registry.versions(model);
    const counter = new WindowCounter(model, (version) => this.answerOf(version));
    for await (const page of ledger.monitoring.payments({ model, fromMs, toMs, signal: this.signal })) {
      await counter.add(page);
      progress(counter.service.payments);
    }
    const open = await ledger.monitoring.alerts({ model, state: 'open', limit: 1_000 });
    const labels = await this.labels();
    const subjects: Subject[] = [];
    for (const version of this.versionsOf(counter, open)) {
      subjects.push(await this.judgeVersion(version, counter, labels));
    }
    // Last: where it is on record, all of the window is.
    subjects.push(await this.judgeService(counter));
    return subjects;
  }

  private async isOnRecord(): Promise<boolean> {
    const { model, fromMs, toMs } = this.window;
    const question = { model, bundleVersion: '', afterMs: toMs - 1, untilMs: toMs, limit: 10 };
    return (await this.parts.ledger.monitoring.windows(question)).some((window) => window.fromMs === fromMs);
  }

  /** Those that scored, those that should have, and those whose alerts are still open. */
  private versionsOf(counter: WindowCounter, open: Alert[]): string[] {
    const live = this.registered.filter(({ aliases }) => aliases.length > 0).map(({ bundleVersion }) => bundleVersion);
    const alerted = open.map(({ bundleVersion }) => bundleVersion).filter((version) => version !== '');
    return [...new Set([...live, ...counter.versions(), ...alerted])].sort();
  }

  private async judgeService(counter: WindowCounter): Promise<Subject> {
    const past = new Past(await this.before<ServiceCounts>('', GOOD_WITHIN));
    const { payments } = counter.service;
    const counts = counter.service.result();
    const measured = serviceSignals({ ...this.window, payments, counts }, past, this.parts.minimumPayments);
    const verdicts = measured.map((each) => judge(each, past.verdict(each.signal)));
    return this.record({ bundleVersion: '', role: 'service', payments, counts, verdicts });
  }

  private async judgeVersion(version: string, counter: WindowCounter, labels: Labels): Promise<Subject> {
    const role = this.roleOf(version);
    const counted = await counter.version(version);
    const { payments } = counted;
    const counts = counted.result();
    const known = { bundleVersion: version, role, payments, counts };
    // Nobody's model any more: it has no alerts, and that it scores nothing is as it should be.
    if (role === 'other' && payments < this.parts.minimumPayments) return this.record({ ...known, verdicts: [] });
    const windows = await this.before<VersionCounts>(version, MOST_WINDOWS);
    const past = new Past(windows.slice(0, GOOD_WITHIN));
    const answer = await this.answerOf(version);
    const window = { payments, lengthMs: this.window.toMs - this.window.fromMs, counts, answer };
    const { minimumPayments } = this.parts;
    const { metrics, recalls } =
      answer.kind === 'found' ? { ...answer.reference, ...answer.reference.manifest } : { metrics: {}, recalls: {} };
    const measured: Measurement[] = [
      ...dataSignals(window, minimumPayments),
      ...corrected([
        ...driftSignals(window, past, minimumPayments),
        ...realisedSegmentSignals(windows, recalls, labels, this.window.toMs),
      ]),
      estimatedSignal(window, past, minimumPayments),
      ...realisedSignals(windows, metrics, labels, this.window.toMs),
    ];
    const verdicts = measured.map((each) => judge(each, past.verdict(each.signal)));
    return this.record({ ...known, verdicts });
  }

  private async record(
    subject: Pick<MonitoringWindow, 'bundleVersion' | 'role' | 'payments' | 'counts' | 'verdicts'>,
  ): Promise<Subject> {
    const { ledger, channels } = this.parts;
    const { verdicts, bundleVersion, role, payments } = subject;
    await ledger.monitoring.recordWindow(
      { ...this.window, ...subject },
      (open) => (this.movesAlerts ? alertSteps(verdicts, open, this.window.toMs) : []),
      (event, alert) => channels.map((channel) => ({ channel, body: noticeOf(event, alert) })),
    );
    return {
      bundleVersion,
      role,
      payments,
      alarms: verdicts.filter(({ alarmed }: SignalVerdict) => alarmed).map(({ signal }) => signal),
      notEnoughData: verdicts.filter(({ state }) => state === 'not_enough_data').length,
    };
  }

  private async before<Counts>(bundleVersion: string, limit: number): Promise<MonitoringWindow<Counts>[]> {
    const { model, fromMs } = this.window;
    const windows = await this.parts.ledger.monitoring.windows({ model, bundleVersion, untilMs: fromMs, limit });
    return windows as MonitoringWindow<Counts>[];
  }

  private async labels(): Promise<Labels> {
    const { labelHorizonDays, ledger } = this.parts;
    const { model, toMs } = this.window;
    const judged = await ledger.monitoring.judged({
      model,
      fromMs: toMs - 3 * labelHorizonDays * DAY_MS,
      toMs,
      knownBeforeMs: toMs,
      limit: MOST_JUDGED,
    });
    return { judged, curve: delayCurve(judged, toMs, labelHorizonDays) };
  }

  private roleOf(bundleVersion: string): MonitoredRole {
    const aliases = this.registered.find((version) => version.bundleVersion === bundleVersion)?.aliases ?? [];
    if (aliases.includes('champion')) return 'champion';
    return aliases.includes('challenger') ? 'challenger' : 'other';
  }

  private answerOf(bundleVersion: string): Promise<ReferenceAnswer> {
    const version = this.registered.find((each) => each.bundleVersion === bundleVersion);
    const answer = this.answers.get(bundleVersion) ?? referenceOf(this.parts.bundles, version);
    this.answers.set(bundleVersion, answer);
    return answer;
  }
}
