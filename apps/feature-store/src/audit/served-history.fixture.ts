import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobContext, PseudonymousPayment } from '@vigia/contracts';
import { HEADER, PIX, compileFeatureSet, layoutOf } from '@vigia/features';
import { Ledger, migrate, type AssessmentRow, type AssessmentWriter, type EntityRead } from '@vigia/ledger';
import { OnlineStore } from '@vigia/online-store';
import { Metrics } from '@vigia/platform';
import {
  TEST_TIME_MS,
  createTestDatabase,
  pseudonymousPaymentBuilder,
  testEndToEndId,
  testPrefix,
  testPseudonym,
  valkeyServer,
  type TestDatabase,
} from '@vigia/testing';
import { auditHandler, type AuditResult } from './audit-handler.js';
import { AuditMetrics } from './audit-metrics.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** How a payment came to the windows and the ledger, where not as it should. */
export type Way = 'usual' | 'ledger_only' | 'windows_only' | 'store_away' | 'other_set';

/**
 * Payments and labels brought to real windows and a real ledger, at the times of a clock of its own: what arrives later
 * has a later `arrivedUs`, though the test takes seconds for months.
 */
export class ServedHistory {
  readonly set = compileFeatureSet(PIX);
  readonly metrics = new Metrics('test', '0');
  readonly payments: PseudonymousPayment[] = [];
  private readonly auditMetrics = new AuditMetrics(this.metrics);
  private lastUs = TEST_TIME_MS * 1_000;
  private n = 0;
  private recording: Promise<unknown>[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly ledger: Ledger,
    private readonly store: OnlineStore,
    private readonly writer: AssessmentWriter,
    private readonly directory: string,
  ) {}

  static async open(): Promise<ServedHistory> {
    const database = await createTestDatabase(migrate);
    const ledger = Ledger.connect({ url: database.url });
    const { plan } = compileFeatureSet(PIX);
    const store = await OnlineStore.connect({
      url: await valkeyServer(),
      plan,
      prefix: testPrefix(),
      timeoutMs: 5_000,
    });
    const directory = mkdtempSync(join(tmpdir(), 'vigia-audit-'));
    const writer = await ledger.openWriter({ spoolDirectory: join(directory, 'spool') });
    return new ServedHistory(database, ledger, store, writer, directory);
  }

  async close(): Promise<void> {
    await this.recorded();
    await this.writer.close();
    this.store.close();
    await this.ledger.close();
    await this.database.drop();
    rmSync(this.directory, { recursive: true });
  }

  /** The clock now. */
  get nowMs(): number {
    return Math.floor(this.lastUs / 1_000);
  }

  /** Some of 40 people pay each other; devices change hands, some payments are returns, some come hours late. */
  async pay(afterMs: number, way: Way = 'usual', parties: { payer?: string; payee?: string; lateMs?: number } = {}) {
    const n = this.n++;
    if (this.recording.length >= 1_000) await this.recorded();
    const arrivedUs = this.moveOn(afterMs);
    const draw = (below: number, salt: string): number =>
      createHash('sha256').update(`${n} ${salt}`).digest().readUInt32LE(0) % below;
    const lateMs = parties.lateMs ?? (draw(8, 'late') === 0 ? draw(10 * HOUR_MS, 'how late') : 0);
    const acceptedAtMs = this.nowMs - lateMs;
    const device = draw(3, 'has device') > 0;
    const payment = pseudonymousPaymentBuilder({
      endToEndId: testEndToEndId(n, acceptedAtMs),
      acceptedAtMs,
      amountCents: 1 + draw(500_000, 'amount'),
      purpose: draw(25, 'purpose') === 0 ? 'REFU' : 'IPAY',
      payer: { person: testPseudonym(parties.payer ?? `person ${draw(40, 'payer')}`) },
      payee: { person: testPseudonym(parties.payee ?? `person ${draw(40, 'payee')}`) },
      ...(device
        ? { device: { id: testPseudonym(`device ${draw(25, 'device')}`), registered: draw(4, 'known') > 0 } }
        : {}),
    });
    this.payments.push(payment);
    await this.bring(payment, arrivedUs, way);
    return payment;
  }

  /** Says a verdict of a payment to the windows and the ledger, or to one of them alone. */
  async label(
    { endToEndId, acceptedAtMs, ...rest }: PseudonymousPayment,
    fraud: boolean,
    { afterMs = 1, to = 'both' }: { afterMs?: number; to?: 'both' | 'windows' | 'ledger' } = {},
  ): Promise<void> {
    const payment = { endToEndId, acceptedAtMs, ...rest };
    const arrivedUs = this.moveOn(afterMs);
    const entities = this.set.entitiesOf(payment);
    const changed =
      to === 'ledger' ||
      (await this.store.label({ eventId: endToEndId, atMs: acceptedAtMs, fraud, entities })).results.includes(
        'changed',
      );
    if (to === 'windows') return;
    await this.ledger.recordWindowLabel({
      endToEndId,
      fraud,
      arrivedUs,
      changed,
      featureSetHash: this.set.hash,
    });
  }

  async audit(fromMs: number, toMs: number, overrides: Partial<JobContext> = {}): Promise<AuditResult> {
    await this.recorded();
    const handler = auditHandler({
      set: PIX,
      ledger: this.ledger,
      limits: { memoryLimitMb: 256, threads: 2, temporaryDirectory: this.path('offline') },
      metrics: this.auditMetrics,
      directory: this.path('reports'),
      clockToleranceMs: 12 * HOUR_MS,
      now: () => this.nowMs,
    });
    return handler(
      { featureSet: 'pix', from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() },
      { jobId: '1', attempt: 1, progress: () => undefined, signal: new AbortController().signal, ...overrides },
    );
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  private moveOn(byMs: number): number {
    return (this.lastUs += Math.max(1, byMs * 1_000));
  }

  private async bring(payment: PseudonymousPayment, arrivedUs: number, way: Way): Promise<void> {
    if (way === 'store_away') {
      const degraded = { vector: this.set.vectorOf(payment, null), effective: {}, degraded: ['features' as const] };
      this.record(this.rowOf(payment, arrivedUs, degraded));
      return;
    }
    const { values } = await this.store.observe({
      eventId: payment.endToEndId,
      atMs: payment.acceptedAtMs,
      amountCents: payment.amountCents,
      observe: this.set.observes(payment),
      peek: way === 'ledger_only',
      entities: this.set.entitiesOf(payment),
    });
    if (way === 'windows_only') return;
    const row = this.rowOf(payment, arrivedUs, {
      vector: this.set.vectorOf(payment, values),
      effective: this.effectiveOf(values),
    });
    this.record(way === 'other_set' ? { ...row, featureSet: { name: 'pix', hash: 'f'.repeat(64) } } : row);
  }

  private record(row: AssessmentRow): void {
    this.recording.push(this.writer.record(row));
  }

  private async recorded(): Promise<void> {
    await Promise.all(this.recording.splice(0));
  }

  private effectiveOf(values: Float64Array): Record<string, EntityRead> {
    const { plan } = this.set;
    const { offsets } = layoutOf(plan);
    const read = plan.entities.flatMap(({ name }, index): [string, EntityRead][] => {
      const [atMs, position] = [HEADER.indexOf('at'), HEADER.indexOf('position')].map(
        (i) => values[offsets[index]! + i]!,
      );
      return Number.isNaN(atMs) ? [] : [[name, { atMs: atMs!, position: position! }]];
    });
    return Object.fromEntries(read);
  }

  private rowOf(payment: PseudonymousPayment, arrivedUs: number, overrides: Partial<AssessmentRow>): AssessmentRow {
    return {
      endToEndId: payment.endToEndId,
      side: payment.side,
      acceptedAtMs: payment.acceptedAtMs,
      decidedAtMs: Math.ceil(arrivedUs / 1_000),
      arrivedUs,
      caller: 'core-banking',
      contentSha256: createHash('sha256').update(JSON.stringify(payment)).digest(),
      payment,
      vector: new Float32Array(),
      effective: {},
      probability: null,
      margin: null,
      decision: 'approve',
      action: { kind: 'send' },
      reasons: [],
      rules: [],
      warnings: [],
      degraded: [],
      model: null,
      policy: { name: 'pix', version: '1' },
      featureSet: { name: this.set.name, hash: this.set.hash },
      timingsUs: {},
      ...overrides,
    };
  }
}
