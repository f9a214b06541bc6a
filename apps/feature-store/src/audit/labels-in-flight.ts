import type { CompiledFeatureSet } from '@vigia/features';
import type { HistoryLabel, Ledger } from '@vigia/ledger';
import { entityKeys } from './entity-keys.js';

/** The service that recorded the outcome and the online store have clocks of their own. */
const CLOCKS_US = 1_000_000;
const MAX_KEPT = 100_000;

interface Flight {
  fromUs: number;
  toUs: number;
}

/**
 * Labels of which nobody wrote down when they reached the windows: a process ended behind its call to the online store,
 * and the next one found the label there already. It arrived between its outcome and that moment, and a payment in
 * between may have been served with or without it.
 */
export class LabelsInFlight {
  /** What is known of each labelled payment, as far as the history has come. */
  private readonly verdicts = new Map<string, boolean>();
  private readonly flights = new Map<string, Flight[]>();
  private kept = 0;

  /** @param fromUs labels that arrived before matter to no audited payment */
  constructor(
    private readonly ledger: Pick<Ledger, 'outcomes'>,
    private readonly set: CompiledFeatureSet,
    private readonly fromUs: number,
  ) {}

  /** Takes the labels of the history in their order. */
  async note({ endToEndId, fraud, changed, arrivedUs, payment }: HistoryLabel): Promise<void> {
    const known = this.verdicts.get(endToEndId) ?? false;
    this.verdicts.set(endToEndId, fraud);
    if (changed || known === fraud || arrivedUs < this.fromUs || this.kept >= MAX_KEPT) return;
    const wanted = fraud ? 'agreed' : 'disagreed';
    const said = (await this.ledger.outcomes(endToEndId)).filter(({ result }) => result === wanted);
    const fromUs = Math.min(arrivedUs, ...said.map(({ recordedAtMs }) => recordedAtMs * 1_000)) - CLOCKS_US;
    for (const key of entityKeys(this.set, payment)) {
      if (key === null) continue;
      const flights = this.flights.get(key) ?? [];
      flights.push({ fromUs, toUs: arrivedUs });
      this.flights.set(key, flights);
      this.kept++;
    }
  }

  /** Whether such a label was on its way to one of these logs at that moment. */
  concern(keys: readonly (string | null)[], arrivedUs: number): boolean {
    return keys.some(
      (key) =>
        key !== null && this.flights.get(key)?.some(({ fromUs, toUs }) => arrivedUs >= fromUs && arrivedUs <= toUs),
    );
  }
}
