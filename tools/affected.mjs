// `npm run affected -- BASE`: lint, build and tests of what changed since the commit BASE, as a pull request needs them.
import { spawnSync } from 'node:child_process';
import { WORKSPACE, bootstrap, environment, fail, run, say, sparkPackages } from './bootstrap.mjs';

const [base] = process.argv.slice(2);
if (base === undefined) fail('There is no commit to compare with.', 'npm run affected -- origin/main');
await bootstrap();
// Suites of both languages compare with Spark.
await sparkPackages();

const { status, stdout } = spawnSync('git', ['diff', '--name-only', `${base}...HEAD`], {
  cwd: WORKSPACE,
  encoding: 'utf8',
  env: environment(),
});
if (status !== 0) fail(`git knows no commit ${base}.`, 'Fetch it: git fetch origin main.');
const changed = stdout.split('\n').filter((path) => path !== '');
const touches = (...prefixes) => changed.some((path) => prefixes.some((prefix) => path.startsWith(prefix)));

const steps = [
  ['format', true, 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint, build, test', true, 'nx', ['affected', '-t', 'lint', 'build', 'test', `--base=${base}`, '--parallel=2']],
  // No project holds these, so nx does not see them, and would answer from what it kept.
  [
    'delivery',
    touches('charts/', 'gitops/', 'terraform/', 'docs/', '.github/'),
    'jest',
    ['-c', 'tools/jest.config.cjs', 'tools/src/delivery'],
  ],
  ['format and lint of Python', touches('pipelines/'), 'pipelines/.venv/bin/ruff', ['check', 'pipelines']],
  ['Python suites', touches('pipelines/'), 'pipelines/.venv/bin/pytest', ['pipelines', '-q', '--rootdir=pipelines']],
];
let failed = 0;
for (const [name, wanted, command, args] of steps) {
  if (!wanted) continue;
  say(`${name}: ${command}`);
  if ((await run(command, args)) !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
