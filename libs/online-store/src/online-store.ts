import type { OnlinePlan } from '@vigia/features';
import { Cluster, ReplyError, type Redis } from 'ioredis';
import { clientOf, loadFunctions, unavailable, untilAnswering, type Client, type Server } from './connection.js';
import { libraryName } from './function-source.js';
import { IDEMPOTENCY_MS, Keys } from './keys.js';
import { TimeLimitExceeded, within } from './time-limit.js';
import {
  Answer,
  arrivedUsOf,
  isFirst,
  labelCodes,
  labelledIndexes,
  labelledUsOf,
  packLabel,
  packObserve,
  presentIndexes,
  type LabelRequest,
  type ObserveRequest,
} from './wire.js';

interface Settings {
  plan: OnlinePlan;
  /** First part of every key: two environments may share a server. */
  prefix: string;
  /** How long an event id is remembered. Default 48 h. */
  idempotencyMs: number;
  /** After this time a call fails, whatever the server does. Default 50. */
  timeoutMs: number;
  /** Told of broken connections and of functions that could not be loaded. */
  onError: (error: Error) => void;
}

export type OnlineStoreOptions = Server & Pick<Settings, 'plan' | 'prefix'> & Partial<Settings>;

export interface Observation {
  /** True where this call added the event: false for a repeat and for `observe: false`. */
  first: boolean;
  /** Server time, microseconds since 1970: the order in which events reached the windows; on a Cluster the latest node's. */
  arrivedUs: number;
  /** Layout of the plan (`slot`); NaN for entities that the payment lacks. */
  values: Float64Array<ArrayBuffer>;
}

/** Per entity: what became of the label. null where the entity is absent, adds no events or keeps no labels. */
export type LabelResult = 'changed' | 'unchanged' | 'not_found' | null;

export interface Labelling {
  /** As of {@link Observation}; 0 where no entity keeps labels. */
  arrivedUs: number;
  /** By entity of the plan. */
  results: LabelResult[];
}

/** How long `connect` waits for the first attempt. */
const CONNECT_MS = 1_000;

const LABEL_RESULTS: Record<number, LabelResult> = { 1: 'changed', 0: 'unchanged', [-1]: 'not_found' };

/**
 * The exact windows of a plan in Valkey or Redis >= 7. One call a payment on one node; on a Cluster one call an entity.
 * Calls reject with Fault('dependency_unavailable') within the time limit when the server is gone, hung or full.
 */
export class OnlineStore {
  private readonly answer: Answer;
  private readonly keys: Keys;
  private readonly observeName: string;
  private readonly labelName: string;
  private readonly clustered: boolean;
  private loading: Promise<void> | undefined;
  private loaded = false;
  private answering = true;
  private probing = false;
  private corked = false;
  private closed = false;

  private constructor(
    private readonly client: Client,
    private readonly settings: Settings,
  ) {
    const { plan, onError } = settings;
    this.answer = new Answer(plan);
    this.clustered = client instanceof Cluster;
    this.keys = new Keys(plan, settings.prefix, this.clustered);
    const end = this.clustered ? '_one' : '';
    this.observeName = `${libraryName(plan)}_observe${end}`;
    this.labelName = `${libraryName(plan)}_label${end}`;
    client.on('error', onError);
    client.on('ready', () => void this.load().catch(onError));
    client.on('close', () => {
      this.loaded = false;
      this.suspend();
    });
  }

  /**
   * Resolves after the first attempt to connect, also where it failed: the store then connects as soon as it can.
   * Rejects where the server is there but can't run the functions (older than 7, no permission).
   */
  static async connect(options: OnlineStoreOptions): Promise<OnlineStore> {
    const settings: Settings = {
      plan: options.plan,
      prefix: options.prefix,
      idempotencyMs: options.idempotencyMs ?? IDEMPOTENCY_MS,
      timeoutMs: options.timeoutMs ?? 50,
      onError: options.onError ?? (() => undefined),
    };
    const client = clientOf(options);
    const store = new OnlineStore(client, settings);
    const attempted = new Promise<boolean>((resolve) => {
      client.once('ready', () => resolve(true));
      client.once('close', () => resolve(false));
    });
    const connected = await within(CONNECT_MS, attempted).catch(() => false);
    if (!connected) store.suspend();
    else {
      try {
        await store.load();
      } catch (error) {
        if (!(error instanceof ReplyError)) return store;
        store.close();
        throw error;
      }
    }
    return store;
  }

  /** Connected, the functions loaded, and the server has answered lately. */
  get ready(): boolean {
    return this.loaded && this.answering && this.client.status === 'ready';
  }

  close(): void {
    this.closed = true;
    this.client.disconnect();
  }

  /** Adds the payment to its entities' windows, unless it is there already, and reads them all, this payment included. */
  async observe(request: ObserveRequest): Promise<Observation> {
    const { entities } = request;
    const values = this.answer.empty();
    const present = presentIndexes(entities);
    if (this.clustered) return this.observeEach(request, present, values);
    const keys = [this.keys.control, this.keys.marker(request.eventId)];
    for (const i of present) keys.push(this.keys.entity(i, entities[i]!.key));
    const packed = packObserve(this.settings.plan, request, present, this.settings.idempotencyMs);
    const reply = await this.call(this.observeName, keys, packed);
    this.answer.fill(values, present, reply);
    return { first: isFirst(reply), arrivedUs: arrivedUsOf(reply), values };
  }

  /** Marks the event in every entity that holds it as fraud or as no fraud; the last label counts. */
  async label(request: LabelRequest): Promise<Labelling> {
    const labelled = labelledIndexes(this.settings.plan, request.entities);
    const results: LabelResult[] = request.entities.map(() => null);
    let arrivedUs = 0;
    const groups = this.clustered ? labelled.map((i) => [i]) : labelled.length > 0 ? [labelled] : [];
    await Promise.all(
      groups.map(async (group) => {
        const keys = group.map((i) => this.keys.entity(i, request.entities[i]!.key));
        if (!this.clustered) keys.unshift(this.keys.control);
        const reply = await this.call(this.labelName, keys, packLabel(request, group));
        arrivedUs = Math.max(arrivedUs, labelledUsOf(reply));
        labelCodes(reply).forEach((code, k) => (results[group[k]!] = LABEL_RESULTS[code]!));
      }),
    );
    return { arrivedUs, results };
  }

  /**
   * On a Cluster a call must not span slots: one call an entity, each with its own marker in the entity's slot, so that
   * an event that reached only some nodes is added to the others by the repeat, and to none twice.
   */
  private async observeEach(
    request: ObserveRequest,
    present: number[],
    values: Float64Array<ArrayBuffer>,
  ): Promise<Observation> {
    const { eventId } = request;
    const replies = await Promise.all(
      (present.length > 0 ? present : [undefined]).map((i) => {
        const group = i === undefined ? [] : [i];
        const packed = packObserve(this.settings.plan, request, group, this.settings.idempotencyMs);
        if (i === undefined) return this.call(this.observeName, [this.keys.marker(eventId)], packed);
        const { key } = request.entities[i]!;
        const keys = [this.keys.markerBeside(eventId, i, key), this.keys.entity(i, key)];
        return this.call(this.observeName, keys, packed);
      }),
    );
    present.forEach((i, k) => this.answer.fill(values, [i], replies[k]!));
    return { first: replies.some(isFirst), arrivedUs: Math.max(...replies.map(arrivedUsOf)), values };
  }

  private async call(name: string, keys: string[], packed: Buffer): Promise<Buffer> {
    if (!this.answering) throw unavailable(new Error('not connected, or not answering'));
    try {
      return await within(this.settings.timeoutMs, this.send(name, keys, packed));
    } catch (error) {
      if (error instanceof TimeLimitExceeded) this.suspend();
      if (!/Function not found/i.test(String(error))) throw unavailable(error);
    }
    try {
      await within(this.settings.timeoutMs, this.load());
      return await within(this.settings.timeoutMs, this.send(name, keys, packed));
    } catch (error) {
      throw unavailable(error);
    }
  }

  private send(name: string, keys: string[], packed: Buffer): Promise<Buffer> {
    if (!this.corked && !(this.client instanceof Cluster)) this.cork(this.client.stream);
    return this.client.callBuffer('FCALL', name, keys.length, ...keys, packed) as Promise<Buffer>;
  }

  /** All calls of one turn of the event loop leave in one write. Measured: a third of the client's time. */
  private cork(stream: Redis['stream'] | undefined): void {
    if (!stream) return;
    this.corked = true;
    stream.cork();
    setImmediate(() => {
      this.corked = false;
      stream.uncork();
    });
  }

  /** From a timeout or a lost connection until the server answers again, calls fail at once: none waits in vain. */
  private suspend(): void {
    if (this.probing || this.closed) return;
    this.probing = true;
    // One silent node of a Cluster is no reason to refuse what the others answer.
    this.answering = this.clustered;
    void untilAnswering(this.client, this.settings.timeoutMs, () => this.closed).then(() => {
      this.probing = false;
      this.answering = true;
    });
  }

  private load(): Promise<void> {
    this.loading ??= loadFunctions(this.client, this.settings.plan)
      .then(() => void (this.loaded = true))
      .finally(() => (this.loading = undefined));
    return this.loading;
  }
}
