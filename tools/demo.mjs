// `npm run demo`: sets up what is missing, builds, then runs the demo on the Node that the packages brought.
import { runBuilt } from './run-built.mjs';

await runBuilt('demo', process.argv.slice(2));
