// What passed and failed over checks and suites, for the closing line `N passed, N failed`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE, run, say } from './bootstrap.mjs';

const REPORTS = join(WORKSPACE, '.vigia/reports');

export class Tally {
  #total = { passed: 0, failed: 0, skipped: 0 };

  constructor() {
    rmSync(REPORTS, { recursive: true, force: true });
    mkdirSync(REPORTS, { recursive: true });
  }

  /** A check that passes or fails as a whole. */
  async check(name, command, args) {
    say(name);
    const code = await run(command, args);
    this.#total[code === 0 ? 'passed' : 'failed']++;
    if (code !== 0) console.error(`${name}: failed with ${code}`);
    return code === 0;
  }

  /** Jest over all projects; `args`: patterns of test paths and flags of jest's. */
  async jest(...args) {
    const report = join(REPORTS, 'jest.json');
    say('TypeScript suites (jest)');
    const code = await run('node', ['tools/run-jest.mjs', report, ...args]);
    if (!existsSync(report)) return this.#count('jest', code, null);
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    this.#count('jest', code, {
      passed: numPassedTests,
      failed: numFailedTests + numRuntimeErrorTestSuites,
      skipped: numPendingTests,
    });
  }

  /** The tests of a Python project with an environment of its own; `args` as pytest takes them. */
  async pytest(project, ...args) {
    const report = join(REPORTS, `pytest-${project.replaceAll('/', '-')}.xml`);
    say(`Python suites of ${project} (pytest)`);
    const code = await run(join(WORKSPACE, project, '.venv/bin/pytest'), [
      project,
      '-q',
      `--junitxml=${report}`,
      `--rootdir=${project}`,
      ...args,
    ]);
    const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
    const number = (name) => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1] ?? NaN);
    const [tests, failures, errors, skipped] = ['tests', 'failures', 'errors', 'skipped'].map(number);
    this.#count(
      `pytest of ${project}`,
      code,
      text === '' ? null : { passed: tests - failures - errors - skipped, failed: failures + errors, skipped },
    );
  }

  /** A suite without a report counts as one failure. */
  #count(name, code, counts) {
    const failed = counts?.failed || (code === 0 && counts ? 0 : 1);
    this.#total.passed += counts?.passed ?? 0;
    this.#total.failed += failed;
    this.#total.skipped += counts?.skipped ?? 0;
    say(`${name}: ${counts?.passed ?? 0} passed, ${failed} failed, ${counts?.skipped ?? 0} skipped`);
  }

  /** Prints the closing line and ends the process. */
  end() {
    const { passed, failed, skipped } = this.#total;
    console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    process.exit(failed === 0 ? 0 : 1);
  }
}
