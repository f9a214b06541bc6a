import { Fault } from '@vigia/contracts';

/** How often the event loop's delay is sampled. */
const SAMPLE_MS = 20;

export interface AdmissionLimits {
  /** Requests that may be worked on at once; one more is refused. */
  maxInFlight: number;
  /** Delay of the event loop beyond which new requests are refused: they would wait at least as long. */
  maxLoopDelayMs: number;
}

/**
 * Refuses work that could not be answered in time, before it costs anything. Every admitted request must be released.
 * A request that waits in the socket while the loop is blocked is judged by the delay it has suffered: the sampling
 * timer of a blocked loop fires before the sockets are read.
 */
export class Admission {
  private timer: NodeJS.Timeout | undefined;
  private loopDelay = 0;
  private count = 0;
  private idle: (() => void)[] = [];
  private closed = false;

  constructor(private readonly limits: AdmissionLimits) {}

  get inFlight(): number {
    return this.count;
  }

  /** How late the last sample of the event loop was, in ms. */
  get loopDelayMs(): number {
    return this.loopDelay;
  }

  /** @throws {Fault} `overloaded` (retry after 1 s) or, once {@link close} was called, `shutting_down`. */
  admit(): void {
    if (this.closed) {
      throw new Fault('shutting_down', { detail: 'This process is about to end. Send it again.', retryAfterS: 1 });
    }
    if (this.count >= this.limits.maxInFlight) {
      throw overloaded(`${this.limits.maxInFlight} requests are being worked on here.`);
    }
    if (this.loopDelay > this.limits.maxLoopDelayMs) {
      throw overloaded(`Requests wait more than ${this.limits.maxLoopDelayMs} ms here.`);
    }
    this.count += 1;
  }

  release(): void {
    this.count -= 1;
    if (this.count === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  /** Refuses every request from now on. */
  close(): void {
    this.closed = true;
  }

  /** Resolves when nothing is in flight. */
  drained(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Takes how late the event loop runs, in ms. {@link watch} calls it. */
  sample(loopDelayMs: number): void {
    this.loopDelay = loopDelayMs;
  }

  /** Samples the event loop until {@link unwatch}. @param now monotonic clock in ms. */
  watch(now: () => number = () => performance.now()): void {
    let due = now() + SAMPLE_MS;
    this.timer = setInterval(() => {
      const at = now();
      this.sample(Math.max(0, at - due));
      due = at + SAMPLE_MS;
    }, SAMPLE_MS).unref();
  }

  unwatch(): void {
    clearInterval(this.timer);
  }
}

function overloaded(detail: string): Fault {
  return new Fault('overloaded', { detail: `${detail} Retry later or add replicas.`, retryAfterS: 1 });
}
