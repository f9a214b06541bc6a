// `npm run reproduce`: sets up what is missing, builds, then makes a model from nothing by the stages of pipelines/dvc.yaml.
import { join } from 'node:path';
import { WORKSPACE, bootstrap, build, dataPackages, run } from './bootstrap.mjs';

const dvc = join(WORKSPACE, 'pipelines/.venv/bin/dvc');
await bootstrap();
await dataPackages();
await build();
process.exit(await run(dvc, ['--cd', 'pipelines', 'repro', ...process.argv.slice(2)]));
