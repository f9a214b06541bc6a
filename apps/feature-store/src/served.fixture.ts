import { createHash } from 'node:crypto';
import type { PseudonymousPayment } from '@vigia/contracts';
import { Ledger, type AssessmentRow } from '@vigia/ledger';
import type { OnlineStore } from '@vigia/online-store';
import type { Site } from './site.fixture.js';

/** Payments and labels brought to the windows and the ledger as scoring and ingestion do it. */
export class Served {
  private constructor(
    private readonly site: Site,
    private readonly store: OnlineStore,
    private readonly ledger: Ledger,
  ) {}

  static async open(site: Site): Promise<Served> {
    return new Served(site, await site.onlineStore(), Ledger.connect({ url: site.database.url }));
  }

  /** Observes the payments one after the other and records them; answers the vectors that were served. */
  async payments(payments: PseudonymousPayment[]): Promise<Map<string, Float32Array>> {
    const writer = await this.ledger.openWriter({ spoolDirectory: this.site.path('spool') });
    const served = new Map<string, Float32Array>();
    for (const payment of payments) {
      const { values, arrivedUs } = await this.store.observe(this.site.requestOf(payment));
      const vector = this.site.set.vectorOf(payment, values);
      served.set(payment.endToEndId, vector);
      await writer.record(this.rowOf(payment, vector, arrivedUs));
    }
    await writer.close();
    return served;
  }

  async label(payment: PseudonymousPayment, fraud: boolean): Promise<void> {
    const { endToEndId } = payment;
    const { arrivedUs, results } = await this.store.label({ ...this.site.requestOf(payment), fraud });
    const changed = results.includes('changed');
    const featureSetHash = this.site.set.hash;
    await this.ledger.recordWindowLabel({ endToEndId, fraud, arrivedUs, changed, featureSetHash });
  }

  close(): Promise<void> {
    return this.ledger.close();
  }

  private rowOf(payment: PseudonymousPayment, vector: Float32Array, arrivedUs: number): AssessmentRow {
    return {
      endToEndId: payment.endToEndId,
      side: payment.side,
      acceptedAtMs: payment.acceptedAtMs,
      decidedAtMs: Math.round(arrivedUs / 1_000),
      arrivedUs,
      caller: 'core-banking',
      contentSha256: createHash('sha256').update(JSON.stringify(payment)).digest(),
      payment,
      vector,
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
      featureSet: { name: this.site.set.name, hash: this.site.set.hash },
      timingsUs: {},
    };
  }
}
