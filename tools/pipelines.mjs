// `npm run test:pipelines`: what takes Spark, Airflow, DVC or a kill for minutes: *.pipelines.spec.ts, what pytest marks
// `pipelines`, and Airflow; ends with `N passed, N failed`.
import { airflowPackages, bootstrap, sparkPackages } from './bootstrap.mjs';
import { Tally } from './tally.mjs';

await bootstrap();
await sparkPackages();
await airflowPackages();
const tally = new Tally();
if (await tally.check('build (tsc --build)', 'tsc', ['--build'])) await tally.jest('\\.pipelines\\.spec\\.ts$');
await tally.pytest('pipelines', '-m', 'pipelines');
await tally.pytest('pipelines/airflow');
tally.end();
