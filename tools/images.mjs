// `npm run test:images`: the image of scoring is built with buildah, run with podman, and decides a payment.
import { runBuilt } from './run-built.mjs';

await runBuilt('delivery/images', process.argv.slice(2));
