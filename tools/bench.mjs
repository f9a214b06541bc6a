// `npm run bench -- NAME [--json]`: sets up what is missing, builds, then runs one benchmark.
import { bootstrap, sparkPackages } from './bootstrap.mjs';
import { runBuilt } from './run-built.mjs';

const argv = process.argv.slice(2);
if (['handbook-features'].includes(argv[0])) {
  await bootstrap();
  await sparkPackages();
}
await runBuilt('bench', argv);
