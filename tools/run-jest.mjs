// Starts PostgreSQL and Valkey once, unless their addresses are given, and runs all jest projects against them.
// Arguments: the file for jest's report, then patterns of test paths.
import { createRequire } from 'node:module';
import { run } from './bootstrap.mjs';

const { startPostgres, startValkey } = createRequire(import.meta.url)('../libs/testing/dist/index.js');
const [report, ...patterns] = process.argv.slice(2);
const servers = [];
const own = async (starting) => {
  const server = await starting;
  servers.push(server);
  return server.url;
};

const addresses = {
  VIGIA_TEST_DATABASE_URL:
    process.env.VIGIA_TEST_DATABASE_URL ??
    (await own(startPostgres({ settings: { fsync: 'off', max_connections: '200' } }))),
  VIGIA_TEST_REDIS_URL: process.env.VIGIA_TEST_REDIS_URL ?? (await own(startValkey())),
};
const flags = ['--json', `--outputFile=${report}`, '--maxWorkers=2', '--silent', ...patterns];
const code = await run('jest', flags, addresses);
for (const server of servers) await server.stop();
process.exit(code);
