// `npm run vigia -- COMMAND`: the command line of models. Builds once; after a change of the sources: npm run build.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE, run } from './bootstrap.mjs';
import { runBuilt } from './run-built.mjs';

const args = process.argv.slice(2);
const built = join(WORKSPACE, 'tools/dist/vigia.js');
if (existsSync(built)) process.exit(await run('node', [built, ...args]));
await runBuilt('vigia', args);
