// `npm run stack [-- --with airflow]`: sets up what is missing, builds, then keeps the whole platform running.
import { airflowPackages, bootstrap, build, run, sparkPackages } from './bootstrap.mjs';

/** What an extra needs besides the packages of the demo; the lake of Airflow's DAGs runs on Spark. */
const PACKAGES = {
  airflow: [sparkPackages, airflowPackages],
  spark: [sparkPackages],
};

const args = process.argv.slice(2);
const named = args.flatMap((arg, i) => (args[i - 1] === '--with' ? [arg] : /^--with=/.test(arg) ? [arg.slice(7)] : []));
await bootstrap();
for (const name of named.flatMap((list) => list.split(','))) for (const bring of PACKAGES[name] ?? []) await bring();
await build();
// Ctrl-C reaches the stack itself; this process waits for its end.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
process.exit(await run('node', ['tools/dist/local/start.js', ...args]));
