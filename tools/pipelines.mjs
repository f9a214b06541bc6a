// `npm run test:pipelines`: what takes Spark, DVC or a kill for minutes: *.pipelines.spec.ts and what pytest marks
// `pipelines`; ends with `N passed, N failed`.
import { bootstrap, sparkPackages } from './bootstrap.mjs';
import { Tally } from './tally.mjs';

await bootstrap();
await sparkPackages();
const tally = new Tally();
if (await tally.check('build (tsc --build)', 'tsc', ['--build'])) await tally.jest('\\.pipelines\\.spec\\.ts$');
await tally.pytest('pipelines', '-m', 'pipelines');
tally.end();
