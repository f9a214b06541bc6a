import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { unavailable } from './connection.js';
import { patternOf } from './keys.js';

/** Keys that one look of SCAN goes over. */
const PAGE = 500;

/** Keys of one node that begin so, page by page; it rests as long as it works, for others want the server too. */
export async function* keysOf(node: Redis, base: string, signal?: AbortSignal): AsyncGenerator<string[]> {
  const pattern = patternOf(base);
  for (let cursor = '0'; ;) {
    signal?.throwIfAborted();
    const startedMs = performance.now();
    const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', PAGE).catch((error: unknown) => {
      throw unavailable(error);
    });
    yield keys;
    cursor = next;
    if (cursor === '0') return;
    await sleep(performance.now() - startedMs);
  }
}

/** Unlinks the keys that begin so and pass the test; answers how many. May be broken off and begun again. */
export async function sweep(
  nodes: Redis[],
  base: string,
  isOld: (key: string) => boolean,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  for (const node of nodes) {
    for await (const keys of keysOf(node, base, signal)) {
      const old = keys.filter(isOld);
      // One by one: on a Cluster a command must not span slots.
      const unlinked = await Promise.all(old.map((key) => node.unlink(key))).catch((error: unknown) => {
        throw unavailable(error);
      });
      count += unlinked.reduce((sum, each) => sum + each, 0);
    }
  }
  return count;
}
