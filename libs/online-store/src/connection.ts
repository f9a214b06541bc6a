import type { OnlinePlan } from '@vigia/features';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { functionSource, libraryName } from './function-source.js';

/** One node, or the nodes from which a client learns the rest of a Cluster. `rediss:` means TLS. */
export type Server = { url: string } | { clusterUrls: string[] };

export type Client = Redis | Cluster;

/** A client that never queues or repeats by itself; the time limit of a call is the store's. */
export function clientOf(server: Server, timeoutMs: number): Client {
  const common: RedisOptions = {
    // A peer that is gone without a word: give the socket up, connect anew.
    socketTimeout: Math.max(1_000, 4 * timeoutMs),
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
      retryStrategy: (times) => Math.min(50 * times, 1_000),
    });
  }
  const { username, password, protocol } = new URL(server.clusterUrls[0]!);
  return new Cluster(server.clusterUrls, {
    enableOfflineQueue: false,
    maxRedirections: 3,
    retryDelayOnFailover: Math.ceil(timeoutMs / 4),
    retryDelayOnClusterDown: Math.ceil(timeoutMs / 4),
    clusterRetryStrategy: (times) => Math.min(50 * times, 1_000),
    redisOptions: {
      ...common,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  });
}

/** Loads the plan's function library on every primary that lacks it or has another text of it. */
export async function loadFunctions(client: Client, plan: OnlinePlan): Promise<void> {
  const source = functionSource(plan);
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  await Promise.all(
    nodes.map(async (node) => {
      const listed = await node.call('FUNCTION', 'LIST', 'LIBRARYNAME', libraryName(plan), 'WITHCODE');
      if ((listed as unknown[]).flat().includes(source)) return;
      await node.call('FUNCTION', 'LOAD', 'REPLACE', source);
    }),
  );
}
