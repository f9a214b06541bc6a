// `npm run test:delivery [-- GROUP ...]`: what the checks of chart, images and workflows need is fetched or built once.
import { runBuilt } from './run-built.mjs';

await runBuilt('delivery/check', process.argv.slice(2));
