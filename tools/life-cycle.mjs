// `npm run life-cycle`: sets up what is missing, builds, then runs the whole life of a model.
import { runBuilt } from './run-built.mjs';

await runBuilt('life-cycle', process.argv.slice(2));
