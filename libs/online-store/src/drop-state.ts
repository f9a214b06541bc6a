import { connected, primaries, unavailable, type Server } from './connection.js';
import { baseOf } from './keys.js';
import { keysOf, sweep } from './sweep.js';

export interface DropOptions {
  /** First part of every key. */
  prefix: string;
  /** {@link OnlinePlan.id} of the version whose state goes. */
  planId: string;
  /** Counts and changes nothing. */
  dryRun?: boolean;
}

export interface Dropped {
  /** Keys of entities, markers and what a rebuild left. */
  keys: number;
  /** Function libraries of the version, of every version of their calls. */
  libraries: string[];
}

/**
 * Drops all that the server keeps for one version of a feature set; other versions and other prefixes stay. Broken off
 * half way, it is simply begun again.
 * @throws {Fault} `dependency_unavailable`
 */
export async function dropState(server: Server, { prefix, planId, dryRun = false }: DropOptions): Promise<Dropped> {
  const client = await connected(server);
  const base = baseOf(prefix, planId);
  const libraries = new Set<string>();
  let keys = 0;
  try {
    const nodes = primaries(client);
    for (const node of nodes) {
      const listed = await node.call('FUNCTION', 'LIST', 'LIBRARYNAME', `vigia*_${planId}`);
      const names = (listed as unknown[][]).map((library) => String(library[library.indexOf('library_name') + 1]));
      for (const name of names) {
        libraries.add(name);
        // A service that still uses it loads it again.
        if (!dryRun) await node.call('FUNCTION', 'DELETE', name);
      }
      if (dryRun) for await (const page of keysOf(node, base)) keys += page.length;
    }
    if (!dryRun) keys = await sweep(nodes, base, () => true);
    return { keys, libraries: [...libraries] };
  } catch (error) {
    throw unavailable(error);
  } finally {
    client.disconnect();
  }
}
