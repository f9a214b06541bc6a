// `npm test [-- PATTERN]`: sets up what is missing, then every check and every suite; ends with `N passed, N failed`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE, bootstrap, run, say, sparkPackages } from './bootstrap.mjs';

const filter = process.argv.slice(2);
const reports = join(WORKSPACE, '.vigia/reports');
const total = { passed: 0, failed: 0, skipped: 0 };

/** A check that passes or fails as a whole. */
async function check(name, command, args) {
  say(name);
  const code = await run(command, args);
  total[code === 0 ? 'passed' : 'failed']++;
  if (code !== 0) console.error(`${name}: failed with ${code}`);
  return code === 0;
}

/** A suite that reports its own counts; one without a report counts as one failure. */
function count(name, code, counts) {
  const failed = counts?.failed || (code === 0 && counts ? 0 : 1);
  total.passed += counts?.passed ?? 0;
  total.failed += failed;
  total.skipped += counts?.skipped ?? 0;
  say(`${name}: ${counts?.passed ?? 0} passed, ${failed} failed, ${counts?.skipped ?? 0} skipped`);
}

async function typescriptSuites() {
  const report = join(reports, 'jest.json');
  say('TypeScript suites (jest)');
  const code = await run('node', ['tools/run-jest.mjs', report, ...filter]);
  if (!existsSync(report)) return count('jest', code, null);
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  count('jest', code, {
    passed: numPassedTests,
    failed: numFailedTests + numRuntimeErrorTestSuites,
    skipped: numPendingTests,
  });
}

async function pythonSuites() {
  const report = join(reports, 'pytest.xml');
  say('Python suites (pytest)');
  const code = await run(join(WORKSPACE, 'pipelines/.venv/bin/pytest'), [
    'pipelines',
    '-q',
    `--junitxml=${report}`,
    '--rootdir=pipelines',
  ]);
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const number = (name) => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1] ?? NaN);
  const [tests, failures, errors, skipped] = ['tests', 'failures', 'errors', 'skipped'].map(number);
  count(
    'pytest',
    code,
    text === '' ? null : { passed: tests - failures - errors - skipped, failed: failures + errors, skipped },
  );
}

await bootstrap();
await sparkPackages();
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const built = await check('build (tsc --build)', 'tsc', ['--build']);
if (filter.length === 0) {
  await check('format (prettier)', 'prettier', ['--check', '--log-level', 'warn', '.']);
  await check('lint (eslint by nx)', 'nx', ['run-many', '-t', 'lint', '--output-style=static']);
  await check('format and lint of Python (ruff)', join(WORKSPACE, 'pipelines/.venv/bin/ruff'), ['check', 'pipelines']);
}
if (built) await typescriptSuites();
if (filter.length === 0) await pythonSuites();
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed === 0 ? 0 : 1);
