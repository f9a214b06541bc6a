import type { JobContext, JobPayload } from '@vigia/contracts';
import { compileFeatureSet, type CompiledFeatureSet } from '@vigia/features';
import type { ServedPayment } from '@vigia/ledger';
import type { ComputedVector, OfflineStore } from '@vigia/offline-store';
import type { AuditParts } from './audit-handler.js';
import type { AuditReport, MismatchExample } from './audit-report.js';
import { CauseSearch, type Mismatch } from './cause-search.js';
import { Tally, differences, tolerancesOf, type Tolerance } from './compare.js';
import { entityKeys } from './entity-keys.js';
import { dependenciesOf, reachMsOf, type Dependencies } from './feature-dependencies.js';
import { LabelsInFlight } from './labels-in-flight.js';
import { paired, type Paired } from './paired.js';

const DAY_MS = 86_400_000;
const MAX_EXAMPLES = 20;
/** Shares of the progress at which a step begins. */
const [COMPUTING, COMPARING, TRACING] = [0.5, 0.8, 0.9];

/** One run over one range. In memory are the labels of the history and some examples; the rest streams. */
export class Audit {
  private readonly set: CompiledFeatureSet;
  private readonly tolerances: Tolerance[];
  private readonly dependencies: Dependencies[];
  private readonly fromUs: number;
  private readonly toUs: number;
  private readonly historyFromUs: number;
  private readonly inFlight: LabelsInFlight;
  private readonly inTime: Tally;
  private readonly late: Tally;
  private readonly mismatches: Mismatch[] = [];
  private readonly apart = { labelsInFlight: 0, degraded: 0, otherFeatureSet: 0, recordedMeanwhile: 0 };
  private readonly history = { payments: 0, labels: 0 };
  /** Arrival in the offline store of the range's first payment. */
  private firstArrival = Infinity;

  constructor(
    private readonly parts: AuditParts,
    private readonly store: OfflineStore,
    private readonly range: Pick<JobPayload<'audit'>, 'from' | 'to'>,
    private readonly context: JobContext,
  ) {
    this.set = compileFeatureSet(parts.set);
    this.tolerances = tolerancesOf(parts.set);
    this.dependencies = dependenciesOf(parts.set);
    [this.fromUs, this.toUs] = [Date.parse(range.from) * 1_000, Date.parse(range.to) * 1_000];
    // What a window of the range may hold, and the clocks of the entities that are read before they have an event in it:
    // both the event and the payment may be off by the tolerance, and a log outlives its last event by a day.
    const lookbackMs = reachMsOf(this.set.plan) + 2 * parts.clockToleranceMs + DAY_MS;
    this.historyFromUs = Math.max(0, this.fromUs - lookbackMs * 1_000);
    this.inFlight = new LabelsInFlight(parts.ledger, this.set, this.fromUs);
    this.inTime = new Tally(this.set.features);
    this.late = new Tally(this.set.features);
  }

  /** @throws {Fault} `dependency_unavailable`, `storage_full`; the signal's reason when it was ended */
  async run(): Promise<AuditReport> {
    const { progress, signal } = this.context;
    await this.load();
    const onProgress = (share: number): void =>
      void progress(COMPUTING + share * (COMPARING - COMPUTING), 'recomputing');
    onProgress(0);
    await this.store.compute(this.parts.set, { onProgress, signal });
    await this.compare();
    const examples = await this.trace();
    void progress(1, 'done');
    return this.report(examples);
  }

  /** The history of every window of the range, in the order of arrival. */
  private async load(): Promise<void> {
    const { ledger, set } = this.parts;
    const { history, fromUs, toUs, historyFromUs } = this;
    const { signal, progress } = this.context;
    const loader = await this.store.load(set);
    try {
      let arrival = -1;
      const range = { fromUs: historyFromUs, toUs, featureSetHash: this.set.hash, signal };
      for await (const event of ledger.history(range)) {
        // Rising without ties, which the order of the history has decided already.
        arrival = Math.max(event.arrivedUs, arrival + 1);
        if (event.kind === 'label') {
          history.labels++;
          loader.label(event.endToEndId, event.fraud, arrival);
          await this.inFlight.note(event);
          continue;
        }
        if (event.arrivedUs >= fromUs && arrival < this.firstArrival) this.firstArrival = arrival;
        loader.payment(event.payment, arrival);
        if ((++history.payments & 0x3ff) === 0) {
          const share = (event.arrivedUs - historyFromUs) / (toUs - historyFromUs);
          void progress(share * COMPUTING, 'reading the history');
        }
      }
    } finally {
      loader.close();
    }
  }

  private async compare(): Promise<void> {
    void this.context.progress(COMPARING, 'comparing');
    if (this.firstArrival === Infinity) return;
    let count = 0;
    for await (const pair of this.pairs(this.fromUs, this.firstArrival)) {
      if (pair.kind === 'label') continue;
      const { served, recomputed } = pair;
      if (!recomputed) this.apart.recordedMeanwhile++;
      else if (served.featureSetHash !== this.set.hash) this.apart.otherFeatureSet++;
      else if (served.degraded || served.vector.length === 0) this.apart.degraded++;
      else this.compareOne(served, recomputed);
      if ((++count & 0x3ff) === 0) {
        const share = (served.arrivedUs - this.fromUs) / (this.toUs - this.fromUs);
        void this.context.progress(COMPARING + share * (TRACING - COMPARING), 'comparing');
      }
    }
  }

  private compareOne(served: ServedPayment, recomputed: ComputedVector): void {
    const differing = differences(served.vector, recomputed.values, this.tolerances);
    if (differing.length > 0 && this.mayBeInFlight(served, differing)) {
      this.apart.labelsInFlight++;
      return;
    }
    const late = Object.values(recomputed.entities).some(({ atMs }) => atMs > served.payment.acceptedAtMs);
    (late ? this.late : this.inTime).add(differing);
    if (differing.length > 0 && this.mismatches.length < MAX_EXAMPLES) {
      this.mismatches.push({ served, recomputed, late, differing });
    }
  }

  private mayBeInFlight({ payment, arrivedUs }: ServedPayment, differing: number[]): boolean {
    if (!differing.every((index) => this.dependencies[index]!.usesLabels)) return false;
    return this.inFlight.concern(entityKeys(this.set, payment), arrivedUs);
  }

  /** Goes through the whole history once more for the entities of the examples. */
  private async trace(): Promise<MismatchExample[]> {
    const { mismatches, dependencies, set, parts } = this;
    if (mismatches.length === 0) return [];
    void this.context.progress(TRACING, 'looking for the causes');
    const search = new CauseSearch(set, dependencies, mismatches, parts.clockToleranceMs);
    for await (const pair of this.pairs(this.historyFromUs, 0)) {
      if (pair.kind === 'label') search.label(pair);
      else if (pair.recomputed) search.payment(pair.served, pair.recomputed);
    }
    return search.examples;
  }

  private pairs(fromUs: number, fromArrival: number): AsyncGenerator<Paired> {
    const { ledger, set } = this.parts;
    const range = { fromUs, toUs: this.toUs, featureSetHash: this.set.hash, signal: this.context.signal };
    return paired(ledger.servedHistory(range), this.store.vectors(set, fromArrival));
  }

  private report(examples: MismatchExample[]): AuditReport {
    const { inTime, late, apart, history, range, set, tolerances } = this;
    const causes = examples.flatMap(({ cause }) => cause ?? []);
    return {
      format: 1,
      featureSet: { name: set.name, hash: set.hash },
      from: range.from,
      to: range.to,
      finishedAt: new Date(this.parts.now()).toISOString(),
      history: { from: new Date(this.historyFromUs / 1_000).toISOString(), ...history },
      rows: {
        compared: inTime.rows,
        mismatched: inTime.mismatchedRows,
        late: late.rows,
        lateMismatched: late.mismatchedRows,
        ...apart,
      },
      features: Object.fromEntries(
        Object.entries(inTime.byFeature()).map(([name, count], index) => [
          name,
          { tolerance: tolerances[index]!, ...count },
        ]),
      ),
      lateFeatures: Object.fromEntries(Object.entries(late.byFeature()).filter(([, { mismatched }]) => mismatched > 0)),
      firstDifference:
        causes.length === 0 ? null : causes.reduce((first, one) => (one.arrivedUs < first.arrivedUs ? one : first)),
      examples,
    };
  }
}
