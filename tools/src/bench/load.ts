import { HttpConnection } from './http-connection.js';
import { Latencies } from './latencies.js';

/** Requests for one server. `next` makes the bytes of a new one, which must not change until it is answered. */
export interface RequestSource {
  next(): Uint8Array;
  /** Called with each request that was answered as it should be. */
  answered(request: Uint8Array): void;
}

export interface LoadOptions {
  port: number;
  clients: number;
  seconds: number;
  /** Status of a good answer; anything else is an error. */
  expect?: number;
}

export interface LoadReport {
  clients: number;
  seconds: number;
  answers: number;
  errors: number;
  /** Of the errors, how many had each status; 0 where the connection failed. */
  statuses: Record<number, number>;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** Each client sends its next request when the last one is answered, until the time is up; then all connections close. */
export async function load(source: RequestSource, options: LoadOptions): Promise<LoadReport> {
  const { port, clients, seconds, expect = 200 } = options;
  const latencies = new Latencies();
  let errors = 0;
  const statuses: Record<number, number> = {};
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  await Promise.all(Array.from({ length: clients }, client));
  const elapsedS = (performance.now() - startMs) / 1000;
  return {
    clients,
    seconds: elapsedS,
    answers: latencies.count,
    errors,
    statuses,
    perSecond: latencies.count / elapsedS,
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
    maxMs: latencies.maxMs,
  };

  async function client(): Promise<void> {
    const connection = new HttpConnection(port);
    for (let sentMs = startMs; sentMs < endMs;) {
      sentMs = performance.now();
      const request = source.next();
      const status = await connection.send(request);
      if (status === expect) {
        latencies.add(performance.now() - sentMs);
        source.answered(request);
      } else {
        errors++;
        statuses[status] = (statuses[status] ?? 0) + 1;
        // A server that is gone refuses at once: no busy loop.
        if (status === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    connection.close();
  }
}
