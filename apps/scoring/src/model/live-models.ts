import { ModelSlot, type Model } from '@vigia/model';
import { isCanary } from './canary.js';

export const MODEL_ROLES = ['champion', 'challenger'] as const;
/** The champion decides; the challenger is scored beside it, and decides for the payers of the canary. */
export type ModelRole = (typeof MODEL_ROLES)[number];

/** The models that are live now, each to be used inside one call so that a swap closes it only behind its last user. */
export class LiveModels {
  readonly slots: Record<ModelRole, ModelSlot> = { champion: new ModelSlot(), challenger: new ModelSlot() };

  /** @param canaryShare share of the payers for whom the challenger decides, 0 to 1 */
  constructor(private readonly canaryShare: number) {}

  /**
   * Runs `work` with the model that decides the payments of this payer, null when there is none. Without a challenger
   * the champion decides for the canary as well.
   */
  decide<T>(payer: string, work: (model: Model | null, role: ModelRole) => Promise<T>): Promise<T> {
    const byChampion = (): Promise<T> => this.slots.champion.use((model) => work(model, 'champion'));
    if (!isCanary(payer, this.canaryShare)) return byChampion();
    return this.slots.challenger.use((model) => (model === null ? byChampion() : work(model, 'challenger')));
  }

  /** The slot that did not decide. */
  beside(role: ModelRole): ModelSlot {
    return this.slots[role === 'champion' ? 'challenger' : 'champion'];
  }

  /** Runs `work` with the live model of this name and version, in whatever role; null when it is not live. */
  ofVersion<T>(
    version: { name: string; version: string } | null,
    work: (model: Model | null) => Promise<T>,
  ): Promise<T> {
    const slot = Object.values(this.slots).find((each) => isVersion(each.current(), version));
    return slot ? slot.use(work) : work(null);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.slots).map((slot) => slot.swap(null)));
  }
}

export function isVersion(model: Model | null, version: { name: string; version: string } | null): boolean {
  return model !== null && model.manifest.name === version?.name && model.manifest.version === version.version;
}
