import type { OnlinePlan } from '@vigia/features';
import type { Redis } from 'ioredis';
import { connected, primaries, unavailable, type Server } from './connection.js';
import { baseOf, parseKey, type StateKey } from './keys.js';

export interface StateView {
  /** Entities that have a log, estimated from the sample. */
  entities: number;
  /** Memory of their logs and counterparties, bytes, estimated from the sample. */
  bytes: number;
}

export interface HotEntity {
  state: string;
  /** A pseudonym, or several with | between. */
  entity: string;
  /** Of its log. */
  bytes: number;
}

export interface OnlineView {
  /** By kind of entity; of all generations that are there. */
  states: Record<string, StateView>;
  /** The longest logs seen, the longest first. */
  hottest: HotEntity[];
  /** Time of the newest event of the sample, ms; null where there is none. */
  newestEventMs: number | null;
  /** Since the server's start, of all that uses it. An eviction takes events that windows need. */
  evictedKeys: number;
  expiredKeys: number;
}

/** Keys that a look goes over on each node, and of which it asks more than their names. */
const LOOKED_AT = 5_000;
const PAGE = 500;
const HOTTEST = 10;
/** Where an entity's log says when its newest event was: the fourth number of the header. */
const NEWEST_AT = 24;

/**
 * Looks at the state of a plan from time to time. A look is bounded, however large the state: it goes over some
 * thousand keys of each node, the next one over those behind them, and what it counts stands for all. The hottest
 * entities are those of the last whole round.
 */
export class Inspection {
  private readonly base: string;
  private readonly cursors = new Map<string, string>();
  private hot: HotEntity[] = [];
  private hotBefore: HotEntity[] = [];

  constructor(
    private readonly server: Server,
    plan: OnlinePlan,
    prefix: string,
  ) {
    this.base = baseOf(prefix, plan.id);
  }

  /** @throws {Fault} `dependency_unavailable` */
  async look(): Promise<OnlineView> {
    const client = await connected(this.server);
    const view: OnlineView = { states: {}, hottest: [], newestEventMs: null, evictedKeys: 0, expiredKeys: 0 };
    try {
      for (const [index, node] of primaries(client).entries()) await this.lookAt(node, String(index), view);
    } catch (error) {
      throw unavailable(error);
    } finally {
      client.disconnect();
    }
    view.hottest = longest([...this.hot, ...this.hotBefore]);
    return view;
  }

  private async lookAt(node: Redis, name: string, view: OnlineView): Promise<void> {
    const info = await node.info('stats');
    view.evictedKeys += Number(/evicted_keys:(\d+)/.exec(info)?.[1] ?? 0);
    view.expiredKeys += Number(/expired_keys:(\d+)/.exec(info)?.[1] ?? 0);
    const total = await node.dbsize();
    const seen: Seen[] = [];
    let cursor = this.cursors.get(name) ?? '0';
    let scanned = 0;
    do {
      const [next, keys] = await node.scan(cursor, 'COUNT', PAGE);
      cursor = next;
      scanned += keys.length;
      seen.push(...(await this.read(node, keys)));
    } while (cursor !== '0' && scanned < LOOKED_AT);
    this.cursors.set(name, cursor);
    // SCAN may tell a key twice while the server's table grows.
    const scale = scanned === 0 ? 0 : Math.max(1, total / scanned);
    for (const { key, bytes, newestMs } of seen) {
      const state = (view.states[key.state] ??= { entities: 0, bytes: 0 });
      state.bytes += bytes * scale;
      if (key.part === 'counterparties') continue;
      state.entities += scale;
      view.newestEventMs = Math.max(view.newestEventMs ?? 0, newestMs);
    }
    const logs = seen.filter(({ key }) => key.part === 'log');
    const found = logs.map(({ key, bytes }) => ({ state: key.state, entity: key.entity, bytes }));
    this.hot = longest([...this.hot, ...found]);
    if (cursor === '0') [this.hotBefore, this.hot] = [this.hot, []];
  }

  private async read(node: Redis, keys: string[]): Promise<Seen[]> {
    const ours = keys.flatMap((name) => {
      const key = parseKey(this.base, name);
      return key ? [{ name, key }] : [];
    });
    const answers = ours.map(async ({ name, key }) => {
      // Both are null, and empty, where the key has expired meanwhile.
      const bytes = (await node.memory('USAGE', name)) ?? 0;
      const header = key.part === 'log' ? await node.getrangeBuffer(name, NEWEST_AT, NEWEST_AT + 7) : undefined;
      return { key, bytes, newestMs: header?.length === 8 ? header.readDoubleLE() : 0 };
    });
    return (await Promise.all(answers)).filter(({ bytes }) => bytes > 0);
  }
}

interface Seen {
  key: StateKey;
  bytes: number;
  newestMs: number;
}

function longest(entities: HotEntity[]): HotEntity[] {
  const byName = new Map(entities.map((each) => [`${each.state}:${each.entity}`, each]));
  return [...byName.values()].sort((a, b) => b.bytes - a.bytes).slice(0, HOTTEST);
}
