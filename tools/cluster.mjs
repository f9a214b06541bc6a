// `npm run test:cluster [-- GROUP ...]`: a Kubernetes control plane on this machine; what it is made of is built once with Go.
import { runBuilt } from './run-built.mjs';

await runBuilt('cluster/suite', process.argv.slice(2));
