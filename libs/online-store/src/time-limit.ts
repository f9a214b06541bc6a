export class TimeLimitExceeded extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.name = 'TimeLimitExceeded';
  }
}

/**
 * The promise, or TimeLimitExceeded. When the time is up the event loop reads its sockets once more, so that a process
 * that was itself away for longer (garbage collection, a batch of inference) still finds the answers that wait for it.
 */
export function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new TimeLimitExceeded(timeoutMs))), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
