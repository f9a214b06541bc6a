import type { Model } from './model.js';

interface Held {
  model: Model;
  users: number;
  /** Called when the last user of a replaced model has left. */
  drained?: () => void;
}

/**
 * Holds the model that is live, or none. Work that needs several answers of one model (score, then explain) runs inside
 * `use`, so that a swap closes the model only behind it.
 */
export class ModelSlot {
  private held: Held | null;

  constructor(model: Model | null = null) {
    this.held = hold(model);
  }

  /** The live model, to read its manifest. It may be closed at any later turn of the event loop: score inside `use`. */
  current(): Model | null {
    return this.held?.model ?? null;
  }

  /** Runs `work` with the model that is live now, which stays open until `work` settles; null when there is none. */
  async use<T>(work: (model: Model | null) => Promise<T>): Promise<T> {
    const { held } = this;
    if (held === null) return work(null);
    held.users++;
    try {
      return await work(held.model);
    } finally {
      held.users--;
      if (held.users === 0) held.drained?.();
    }
  }

  /** From this call on `next` is live. Resolves when the one before has ended its work and is closed. */
  async swap(next: Model | null): Promise<void> {
    const before = this.held;
    if (before?.model === next) return;
    this.held = hold(next);
    if (before === null) return;
    if (before.users > 0) await new Promise<void>((resolve) => (before.drained = resolve));
    await before.model.close();
  }
}

function hold(model: Model | null): Held | null {
  return model === null ? null : { model, users: 0 };
}
