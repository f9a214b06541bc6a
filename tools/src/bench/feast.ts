import { createInterface, type Interface } from 'node:readline';
import type { PaymentInput } from '@vigia/contracts';
import { materialise, startPeer } from './peer.js';

export interface FeastReads {
  rps: number;
  p50_ms: number;
  p99_ms: number;
  /** Processor time of the reading process, per call. */
  cpu_us: number;
  /** Features that a call answers. */
  features: number;
  /** Share of the answered values that are there. */
  present: number;
}

/** A Python process that reads from Feast's online store, one call a payment and one call at a time. */
export class Feast {
  private readonly lines: AsyncIterator<string>;

  private constructor(
    private readonly process: ReturnType<typeof startPeer>,
    lines: Interface,
  ) {
    this.lines = lines[Symbol.asyncIterator]();
  }

  /** Puts the stored features of these payments there, as the values stand in their vectors. */
  static start(valkeyUrl: string, payments: PaymentInput[], vectors: Float32Array[]): Feast {
    const address = new URL(valkeyUrl).host;
    materialise(address, payments, vectors);
    const process = startPeer('read.py', [address]);
    return new Feast(process, createInterface({ input: process.stdout }));
  }

  /** @throws {Error} when the process ends; what it said of it stands on standard error */
  async read(seconds: number): Promise<FeastReads> {
    this.process.stdin.write(`${seconds}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('reading from Feast failed');
    return JSON.parse(value) as FeastReads;
  }

  close(): void {
    this.process.kill('SIGTERM');
  }
}
