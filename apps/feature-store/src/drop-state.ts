import { hashOf } from '@vigia/features';
import { dropState } from '@vigia/online-store';
import { parseArgs } from 'node:util';
import { FEATURE_SETS } from './feature-sets.js';

const USAGE = `node drop-state.js --feature-set-hash HASH [--redis-url URL] [--prefix PREFIX] [--dry-run] [--force]
Drops all that Valkey keeps for an old version of a feature set: HASH as bundles and vectors have it, or its first 12
digits. Defaults: redis://127.0.0.1:6379 and vigia, as REDIS_URL and REDIS_PREFIX of the services. --dry-run counts and
changes nothing. The hash of a set that this version declares is refused without --force: it is served.`;

/** Digits of the hash that stand in the keys. */
const PLAN_DIGITS = 12;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'feature-set-hash': { type: 'string', default: '' },
      'redis-url': { type: 'string', default: 'redis://127.0.0.1:6379' },
      prefix: { type: 'string', default: 'vigia' },
      'dry-run': { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
    },
  });
  const hash = values['feature-set-hash'];
  if (!/^[0-9a-f]{12,64}$/.test(hash)) throw new Error(USAGE);
  const planId = hash.slice(0, PLAN_DIGITS);
  const dryRun = values['dry-run'];
  const served = [...FEATURE_SETS.values()].find((set) => hashOf(set).startsWith(planId));
  if (served && !values.force && !dryRun) {
    throw new Error(`${hash} is the set ${served.name} that this version serves; --force drops its state all the same`);
  }
  const dropped = await dropState({ url: values['redis-url'] }, { prefix: values.prefix, planId, dryRun });
  console.log(JSON.stringify({ ...dropped, dryRun }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
