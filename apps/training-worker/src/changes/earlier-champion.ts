import type { ModelChange } from '@vigia/contracts';
import type { VersionIds } from './champion.js';

/**
 * The champion to go back to; null where there is none. Promotions are a stack and a rollback takes its top away, so
 * that a second one goes further back, never again to what the first one left.
 * @param history newest first
 */
export function earlierChampion(history: ModelChange[]): VersionIds | null {
  const stack: VersionIds[] = [];
  for (const { kind, from, to } of history.toReversed()) {
    if (kind === 'rollback') {
      const at = stack.findLastIndex((each, index) => each.version === to.version && index < stack.length - 1);
      stack.length = Math.max(at, 0);
    } else if (from && stack.at(-1)?.version !== from.version) {
      stack.push(from);
    }
    stack.push(to);
  }
  return stack.at(-2) ?? null;
}
