// `npm test [-- PATTERN]`: sets up what is missing, then every check and every suite but those of `npm run
// test:pipelines`; ends with `N passed, N failed`. With a pattern: the suites whose path has it, slow ones too.
import { join } from 'node:path';
import { WORKSPACE, bootstrap, sparkPackages } from './bootstrap.mjs';
import { Tally } from './tally.mjs';

const filter = process.argv.slice(2);
const ruff = join(WORKSPACE, 'pipelines/.venv/bin/ruff');

await bootstrap();
await sparkPackages();
const tally = new Tally();
const built = await tally.check('build (tsc --build)', 'tsc', ['--build']);
if (filter.length > 0) {
  if (built) await tally.jest(...filter);
} else {
  await tally.check('format (prettier)', 'prettier', ['--check', '--log-level', 'warn', '.']);
  await tally.check('lint (eslint by nx)', 'nx', ['run-many', '-t', 'lint', '--output-style=static']);
  await tally.check('format and lint of Python (ruff)', ruff, ['check', 'pipelines']);
  if (built) await tally.jest('--testPathIgnorePatterns=\\.pipelines\\.spec\\.ts$');
  await tally.pytest('pipelines', '-m', 'not pipelines');
}
tally.end();
