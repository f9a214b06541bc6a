import { Fault } from '@vigia/contracts';
import type { OnlinePlan } from '@vigia/features';
import { Cluster, type Redis } from 'ioredis';
import { connected, loadFunctions, unavailable, type Server } from './connection.js';
import { libraryName } from './function-source.js';
import { IDEMPOTENCY_MS, Keys, parseKey } from './keys.js';
import { Pace, restMs } from './pace.js';
import { sweep } from './sweep.js';
import { within } from './time-limit.js';
import {
  labelledIndexes,
  packLabel,
  packObserve,
  presentIndexes,
  type LabelRequest,
  type ObserveRequest,
} from './wire.js';

/** What reached the windows, or should have. */
export type PastCall = { arrivedUs: number } & (
  { kind: 'payment'; request: ObserveRequest } | { kind: 'label'; request: LabelRequest }
);

export interface RebuildOptions {
  plan: OnlinePlan;
  /** First part of every key. */
  prefix: string;
  /** As of {@link OnlineStoreOptions}. Default 48 h. */
  idempotencyMs?: number;
  /** After this time a call fails. Default 10,000. */
  timeoutMs?: number;
  /**
   * What arrived in [fromUs, toUs), in the order of arrival; the same range gives the same calls in the same order.
   * Payments that did not reach the windows are told too: the rebuilt state has them.
   */
  history: (fromUs: number, toUs: number) => AsyncIterable<PastCall>;
  /** How far back the history is read at the start: what a window may still hold, by the server's clock. */
  reachMs: number;
  /** Payments and labels that are replayed in a second, at most. Must be well above the traffic, or it never catches up. */
  paymentsPerSecond: number;
  /** After this time the history has what arrived. Default 10,000. */
  settleMs?: number;
  /** Live calls that are copied at most, of about half a kilobyte each; beyond, taking over is tried again. Default 200,000. */
  tailBound?: number;
  /** 0 to 1, and what is done now. */
  onProgress?: (share: number, step: string) => void;
  /** Ends the run with its reason; a later run goes on from there. */
  signal?: AbortSignal;
}

export interface Rebuilt {
  /** Payments and labels replayed from the history, those of earlier runs of this rebuild included. */
  replayed: number;
  /** Keys of the generation before that were dropped by this run. */
  dropped: number;
}

/** How far a rebuild has come, as the server has it. */
interface Place {
  suffix: string;
  count: number;
  fromUs: number;
  arrivedUs: number;
  /** How many events of exactly that arrival were replayed. */
  ties: number;
  /** Since when calls are copied, and in which run of the server. */
  copying: { sinceUs: number; run: string } | undefined;
  /** The suffix of the generation before, once the new one is live. */
  old: string | undefined;
}

/** Events of a call: about a millisecond of the server. */
const BATCH = 20;
/** Where the history's end is this near, the rest is left to the copied calls. */
const NEAR_US = 5_000_000;
const ATTEMPTS = 5;

/**
 * Rebuilds the state of a plan from its history into a new generation of keys, which then takes the place of the live
 * one between two calls: exactly the state of a store that had got the history alone. Scoring goes on meanwhile. All
 * progress stands in the server, written with what it says: whoever dies, the next run goes on. On a single node only.
 */
export class Rebuild {
  private readonly keys: Keys;
  private readonly settleUs: number;
  private readonly pace: Pace;
  private lost: Error | undefined;
  private seenNowUs = 0;

  private constructor(
    private readonly client: Redis,
    private readonly options: RebuildOptions,
  ) {
    this.keys = new Keys(options.plan, options.prefix);
    this.settleUs = (options.settleMs ?? 10_000) * 1_000;
    this.pace = new Pace(options.paymentsPerSecond);
    // Another run of the server may have lost what this one was told.
    client.once('close', () => (this.lost = new Error('the connection was lost')));
  }

  /**
   * Begins a rebuild or goes on with one; resolves when the new generation is live and the old one dropped.
   * @throws {Fault} `invalid_request` on a Cluster, whose functions reach no keys but those of one entity: rebuild there
   *   by a new version of the set, which fills beside the old one; `dependency_unavailable` when the server goes away or
   *   another run moves the same rebuild; `storage_full`; `overloaded` when the traffic outruns it
   */
  static async run(server: Server, options: RebuildOptions): Promise<Rebuilt> {
    const client = await connected(server);
    try {
      if (client instanceof Cluster) throw onCluster();
      return await new Rebuild(client, options).run();
    } finally {
      client.disconnect();
    }
  }

  private async run(): Promise<Rebuilt> {
    const { signal, onProgress, plan } = this.options;
    if (/cluster_enabled:1/.test(await this.ask(() => this.client.info('cluster')))) throw onCluster();
    await this.ask(() => loadFunctions(this.client, plan));
    const place = (await this.place()) ?? (await this.begin());
    if (place.old === undefined) await this.catchUp(place);
    onProgress?.(0.98, 'dropping the old state');
    const old = (await this.place())?.old;
    const isOld = (key: string): boolean => parseKey(this.keys.base, key)?.suffix === old;
    const dropped = old === undefined ? 0 : await sweep([this.client], this.keys.base, isOld, signal);
    await this.ask(() => this.client.del(`${this.keys.control}:rebuild`));
    onProgress?.(1, 'done');
    return { replayed: place.count, dropped };
  }

  private async begin(): Promise<Place> {
    const nowUs = await this.nowUs();
    const fromUs = Math.max(0, nowUs - this.options.reachMs * 1_000);
    // A name that no generation had before, whatever became of it.
    const suffix = `#${Math.floor(nowUs / 1_000).toString(36)}`;
    const fields = { suffix, count: 0, fromUs, arrivedUs: fromUs, ties: 0 };
    await this.ask(() => this.client.hset(`${this.keys.control}:rebuild`, fields));
    return { ...fields, copying: undefined, old: undefined };
  }

  private async place(): Promise<Place | undefined> {
    const fields = await this.ask(() => this.client.hgetall(`${this.keys.control}:rebuild`));
    const { suffix, since, run = '', old } = fields;
    if (suffix === undefined) return undefined;
    const [count, fromUs, arrivedUs, ties] = ['count', 'fromUs', 'arrivedUs', 'ties'].map((name) =>
      Number(fields[name]),
    ) as [number, number, number, number];
    const copying = since === undefined ? undefined : { sinceUs: Number(since), run };
    return { suffix, count, fromUs, arrivedUs, ties, copying, old };
  }

  private async catchUp(place: Place): Promise<void> {
    const { tailBound = 200_000 } = this.options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let sinceUs = place.copying?.sinceUs;
      // Calls may be lost that a server had copied before it went down.
      if (place.copying && place.copying.run !== (await this.serverRun())) {
        await this.fcall('copy', ['0', '']);
        sinceUs = undefined;
      }
      if (sinceUs === undefined) {
        await this.replayUntilNear(place);
        sinceUs = Number(await this.fcall('copy', [tailBound, await this.serverRun()]));
        if (sinceUs === 0) throw moved();
      }
      if (await this.takeOver(place, sinceUs)) return;
      Object.assign(place, await this.place());
    }
    throw new Fault('overloaded', {
      detail: `Payments come faster than ${this.options.paymentsPerSecond} a second are replayed; raise paymentsPerSecond.`,
      retryAfterS: 60,
    });
  }

  private async replayUntilNear(place: Place): Promise<void> {
    for (;;) {
      const toUs = (await this.nowUs()) - this.settleUs;
      await this.replay(place, toUs);
      if ((await this.nowUs()) - toUs < this.settleUs + NEAR_US) return;
    }
  }

  /** Replays what arrived before calls were copied, then what was copied; false where the tail was given up meanwhile. */
  private async takeOver(place: Place, sinceUs: number): Promise<boolean> {
    const { onProgress, signal } = this.options;
    onProgress?.(0.95, 'taking over');
    for (let nowUs = await this.nowUs(); nowUs < sinceUs + this.settleUs; nowUs = await this.nowUs()) {
      await restMs(Math.min(1_000, (sinceUs + this.settleUs - nowUs) / 1_000 + 1), signal);
    }
    await this.replay(place, sinceUs);
    for (;;) {
      const left = Number(await this.fcall('drain', [BATCH]));
      if (left <= 0) return left === 0;
      await this.pace.rest(BATCH, signal);
    }
  }

  private async replay(place: Place, toUs: number): Promise<void> {
    const { history, signal, onProgress } = this.options;
    if (place.arrivedUs >= toUs) return;
    const before = { arrivedUs: place.arrivedUs, skip: place.ties };
    let batch: PastCall[] = [];
    for await (const call of history(place.arrivedUs, toUs)) {
      if (call.arrivedUs === before.arrivedUs && before.skip-- > 0) continue;
      batch.push(call);
      if (batch.length < BATCH) continue;
      await this.send(place, batch);
      batch = [];
      onProgress?.((0.95 * (place.arrivedUs - place.fromUs)) / (toUs - place.fromUs), 'replaying the ledger');
      await this.pace.rest(BATCH, signal);
    }
    if (batch.length > 0) await this.send(place, batch);
  }

  private async send(place: Place, batch: PastCall[]): Promise<void> {
    const { arrivedUs } = batch.at(-1)!;
    const tied = batch.filter((call) => call.arrivedUs === arrivedUs).length;
    const ties = tied + (arrivedUs === place.arrivedUs ? place.ties : 0);
    const count = place.count + batch.length;
    const head = Buffer.from(new Float64Array([place.count, count, arrivedUs, ties]).buffer);
    const done = await this.fcall('replay', [head, ...batch.flatMap((call) => this.argumentsOf(call))]);
    if (done !== 1) throw moved();
    Object.assign(place, { count, arrivedUs, ties });
  }

  private argumentsOf(call: PastCall): (string | Buffer)[] {
    const { plan } = this.options;
    const { entities } = call.request;
    const keys = (indexes: number[]): string[] => indexes.map((i) => this.keys.entity(i, entities[i]!.key));
    if (call.kind === 'label') {
      const labelled = labelledIndexes(plan, entities);
      return ['label', packLabel(call.request, labelled), ...keys(labelled)];
    }
    const present = presentIndexes(entities);
    // A repeat that comes later must find it here, also one that the windows see for the first time.
    const ageMs = (this.seenNowUs - call.arrivedUs) / 1_000;
    const rememberMs = Math.max(0, Math.ceil((this.options.idempotencyMs ?? IDEMPOTENCY_MS) - ageMs));
    const packed = packObserve(plan, call.request, present, rememberMs);
    return ['payment', packed, this.keys.marker(call.request.eventId), ...keys(present)];
  }

  private fcall(name: string, args: (string | number | Buffer)[]): Promise<unknown> {
    const { plan } = this.options;
    return this.ask(() => this.client.call('FCALL', `${libraryName(plan)}_${name}`, 1, this.keys.control, ...args));
  }

  private async nowUs(): Promise<number> {
    const [seconds, micros] = await this.ask(() => this.client.time());
    return (this.seenNowUs = Number(seconds) * 1_000_000 + Number(micros));
  }

  private async serverRun(): Promise<string> {
    return /run_id:(\w+)/.exec(await this.ask(() => this.client.info('server')))![1]!;
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    this.options.signal?.throwIfAborted();
    if (this.lost) throw unavailable(this.lost);
    try {
      return await within(this.options.timeoutMs ?? 10_000, question());
    } catch (error) {
      throw /^OOM /.test(String((error as Error).message)) ? full(error) : unavailable(error);
    }
  }
}

const moved = (): Fault =>
  new Fault('dependency_unavailable', { detail: 'Another run moves the same rebuild; it goes on there.' });

const full = (cause: unknown): Fault =>
  new Fault('storage_full', {
    detail: 'The memory of the online store does not hold a second generation.',
    cause: unavailable(cause).cause,
  });

const onCluster = (): Fault =>
  new Fault('invalid_request', {
    detail: 'On a Cluster the state is not rebuilt in place. A new version of the set fills beside the old one.',
  });
