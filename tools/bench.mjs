// `npm run bench -- NAME [--json]`: sets up what is missing, builds, then runs one benchmark.
import { runBuilt } from './run-built.mjs';

await runBuilt('bench', process.argv.slice(2));
