import { Fault } from '@vigia/contracts';
import type { OnlinePlan } from '@vigia/features';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { functionSource, libraryName } from './function-source.js';
import { within } from './time-limit.js';

/** One node, or the nodes from which a client learns the rest of a Cluster. `rediss:` means TLS. */
export type Server = { url: string } | { clusterUrls: string[] };

export type Client = Redis | Cluster;

/** A client that never queues or repeats by itself; the time limit of a call is the store's. */
export function clientOf(server: Server): Client {
  const common: RedisOptions = {
    connectTimeout: 1_000,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  };
  if ('url' in server) {
    return new Redis(server.url, {
      ...common,
      enableOfflineQueue: false,
      // After a failover the old primary refuses writes: look for the new one.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
      retryStrategy: retryDelayMs,
    });
  }
  const { username, password, protocol } = new URL(server.clusterUrls[0]!);
  return new Cluster(server.clusterUrls, {
    enableOfflineQueue: false,
    maxRedirections: 3,
    retryDelayOnFailover: 10,
    retryDelayOnClusterDown: 10,
    clusterRetryStrategy: retryDelayMs,
    clusterNodeRetryStrategy: retryDelayMs,
    redisOptions: {
      ...common,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  });
}

const retryDelayMs = (times: number) => Math.min(50 * times, 1_000);

/**
 * A connected client for a task of its own, without waiting for a server that is away.
 * @throws {Fault} `dependency_unavailable`
 */
export async function connected(server: Server, timeoutMs = 10_000): Promise<Client> {
  const client = clientOf(server);
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.once('close', () => reject(new Error('the connection was lost')));
  });
  client.on('error', () => undefined);
  try {
    await within(timeoutMs, ready);
  } catch (error) {
    client.disconnect();
    throw unavailable(error);
  }
  return client;
}

/** Loads the plan's function library on every primary that lacks it or has another text of it. */
export async function loadFunctions(client: Client, plan: OnlinePlan): Promise<void> {
  const source = functionSource(plan);
  await Promise.all(
    primaries(client).map(async (node) => {
      const listed = await node.call('FUNCTION', 'LIST', 'LIBRARYNAME', libraryName(plan), 'WITHCODE');
      if ((listed as unknown[]).flat().includes(source)) return;
      await node.call('FUNCTION', 'LOAD', 'REPLACE', source);
    }),
  );
}

/** Silence after which a connection is given up for a new one: its other end may be gone without a word. */
const GIVE_UP_MS = 1_000;
const PAUSE_MS = 20;

/** Resolves when every primary has answered a ping, or all is over. */
export async function untilAnswering(client: Client, timeoutMs: number, isOver: () => boolean): Promise<void> {
  let silentSince = performance.now();
  while (!isOver()) {
    const nodes = primaries(client);
    const pings = nodes.map((node) => within(timeoutMs, node.ping()).then(Boolean, () => false));
    const answers = await Promise.all(pings);
    if (nodes.length > 0 && answers.every(Boolean)) return;
    if (performance.now() - silentSince > GIVE_UP_MS) {
      nodes.filter((_, i) => !answers[i]).forEach((node) => node.stream?.destroy());
      silentSince = performance.now();
    }
    await sleep(PAUSE_MS, undefined, { ref: false });
  }
}

export function primaries(client: Client): Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client];
}

/** The client hangs the command with its keys on the error; they must not reach a log. */
export function unavailable(error: unknown): Fault {
  const cause = new Error(error instanceof Error ? error.message : String(error));
  return new Fault('dependency_unavailable', { detail: 'The online store does not answer', retryAfterS: 1, cause });
}
