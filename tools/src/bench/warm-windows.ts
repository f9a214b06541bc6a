import { payment as paymentSchema, type PaymentInput } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import { OnlineStore } from '@vigia/online-store';
import { Pseudonymiser } from '@vigia/platform';
import { replay } from '../history.js';
import type { BusyDay } from './busy-day.js';
import type { BenchServers } from './servers.js';

/** The online state as the day before left it. */
export class WarmWindows {
  readonly prefix = 'bench';
  readonly set = compileFeatureSet(PIX);

  private constructor(
    private readonly redisUrl: string,
    private readonly pseudonymiser: Pseudonymiser,
  ) {}

  static async from(servers: BenchServers, { history }: BusyDay): Promise<WarmWindows> {
    const pseudonymiser = new Pseudonymiser({ version: 1, secret: Buffer.from(servers.pseudonymSecret) });
    const warm = new WarmWindows(servers.valkey.url, pseudonymiser);
    const store = await warm.connect();
    await replay(history, {
      set: warm.set,
      store,
      pseudonymiser,
      loader: null,
      onProgress: () => undefined,
    });
    store.close();
    return warm;
  }

  /** The vectors that these payments have now, without adding them. */
  async vectorsOf(payments: PaymentInput[]): Promise<Float32Array[]> {
    const store = await this.connect();
    const vectors: Float32Array[] = [];
    for (const input of payments) {
      const payment = this.pseudonymiser.payment(paymentSchema.parse(input));
      const { values } = await store.observe({
        eventId: payment.endToEndId,
        atMs: payment.acceptedAtMs,
        amountCents: payment.amountCents,
        observe: false,
        entities: this.set.entitiesOf(payment),
      });
      vectors.push(this.set.vectorOf(payment, values));
    }
    store.close();
    return vectors;
  }

  private connect(): Promise<OnlineStore> {
    const { redisUrl: url, set, prefix } = this;
    return OnlineStore.connect({ url, plan: set.plan, prefix, timeoutMs: 10_000 });
  }
}
