import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until the condition holds. A condition that throws does not hold yet; its last error is the cause of the
 * timeout. Default timeout 10 s, asked every 10 ms.
 */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  { timeoutMs = 10_000, intervalMs = 10 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      if (await condition()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(intervalMs);
  } while (Date.now() < deadline);
  throw new Error(`the condition did not hold within ${timeoutMs} ms: ${condition.toString()}`, { cause });
}
