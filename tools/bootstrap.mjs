// Sets up what is missing: Node packages (with the Node that runs everything else), uv, the Python environment.
// Plain JavaScript for Node 20: it runs before `npm ci`.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const WORKSPACE = resolve(fileURLToPath(import.meta.url), '../..');
const UV_VERSION = '0.13.9';
const STATE = join(WORKSPACE, '.vigia');
const PYTHON_LOCK = ['pipelines/uv.lock', 'pipelines/pyproject.toml'];
const PYTHON_MARKER = 'pipelines/.venv/.vigia-lock';
const SPARK_MARKER = 'pipelines/.venv/.vigia-spark-lock';
const DATA_MARKER = 'pipelines/.venv/.vigia-data-lock';
const AIRFLOW_LOCK = ['pipelines/airflow/uv.lock', 'pipelines/airflow/pyproject.toml'];
const AIRFLOW_MARKER = 'pipelines/airflow/.venv/.vigia-lock';
const LEAN_GROUPS = ['--group', 'servers', '--group', 'dev'];
const startedAt = Date.now();

/** A line with the seconds since the start. */
export function say(text) {
  console.log(`[${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s] ${text}`);
}

/** What is wrong and what to do about it; ends the process. */
export function fail(problem, remedy) {
  console.error(`\n${problem}\n-> ${remedy}`);
  process.exit(1);
}

/** Environment in which `node` is the version that the packages bring. */
export function environment(extra = {}) {
  const bin = join(WORKSPACE, 'node_modules/.bin');
  const uv = join(STATE, 'uv/bin');
  return { ...process.env, PATH: [bin, process.env.PATH ?? '', uv].join(delimiter), ...extra };
}

/** Runs a command in the workspace with its output shown; resolves to its exit code. */
export function run(command, args, extra = {}) {
  return new Promise((settle) => {
    const child = spawn(command, args, { cwd: WORKSPACE, stdio: 'inherit', env: environment(extra) });
    child.once('error', () => settle(127));
    child.once('exit', (code, signal) => settle(code ?? (signal === null ? 1 : 128)));
  });
}

/** Runs a step of the set-up quietly; shows the end of its output and the remedy when it fails. */
async function step(title, command, args, remedy, extra = {}) {
  say(title);
  const began = Date.now();
  const { code, output } = await captured(command, args, extra);
  if (code !== 0) fail(`${title}: failed with ${code}\n${output.slice(-3_000)}`, remedy);
  say(`${title}: done in ${Math.round((Date.now() - began) / 1000)} s`);
}

function captured(command, args, extra) {
  return new Promise((settle) => {
    const child = spawn(command, args, { cwd: WORKSPACE, stdio: ['ignore', 'pipe', 'pipe'], env: environment(extra) });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.once('error', (error) => settle({ code: 127, output: String(error) }));
    child.once('exit', (code) => settle({ code: code ?? 1, output }));
  });
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Node ${process.versions.node} is too old.`,
      'Install Node 20.19 or newer; the packages bring the Node that runs Vigia.',
    );
  }
}

/** `python3.x` or `python3`, at least 3.11. */
function findPython() {
  for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python']) {
    const probe = spawnSync(name, ['-c', 'import sys; print(sys.version_info >= (3, 11))'], { encoding: 'utf8' });
    if (probe.stdout?.trim() === 'True') return name;
  }
  return fail('There is no Python 3.11 or newer on PATH.', 'Install python3 (3.11 or newer) with its venv module.');
}

/** True when `marker` was written for these contents; call the returned function once the step succeeded. */
function upToDate(marker, ...files) {
  const digest = createHash('sha256');
  for (const file of files) digest.update(readFileSync(join(WORKSPACE, file)));
  const wanted = digest.digest('hex');
  const path = join(WORKSPACE, marker);
  const current = existsSync(path) && readFileSync(path, 'utf8') === wanted;
  return { current, done: () => writeFileSync(path, wanted) };
}

async function nodePackages() {
  const state = upToDate('node_modules/.vigia-lock', 'package-lock.json', 'package.json');
  if (state.current) return;
  await step(
    'Node packages (npm ci)',
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'Check that the npm registry is reached, then run the command again.',
  );
  state.done();
  requireRuntime();
}

/** The packages bring Node 24 for Linux; elsewhere the one on PATH must do. */
function requireRuntime() {
  const { stdout } = spawnSync('node', ['--version'], { encoding: 'utf8', env: environment() });
  if (Number(/^v(\d+)/.exec(stdout ?? '')?.[1] ?? 0) < 24) {
    fail(`The packages bring no Node for this platform, and node on PATH is ${stdout?.trim()}.`, 'Install Node 24.');
  }
}

/** What training, the local servers and the checks need. Takes away what the other two brought when it is old. */
async function pythonPackages() {
  const state = upToDate(PYTHON_MARKER, ...PYTHON_LOCK);
  if (state.current) return;
  for (const marker of [SPARK_MARKER, DATA_MARKER]) rmSync(join(WORKSPACE, marker), { force: true });
  await pythonEnvironment('Python environment (uv sync)', LEAN_GROUPS);
  state.done();
}

/** DVC, for versions of data and the model made from nothing. {@link sparkPackages} brings it, too. */
export async function dataPackages() {
  const state = upToDate(DATA_MARKER, ...PYTHON_LOCK);
  if (state.current || upToDate(SPARK_MARKER, ...PYTHON_LOCK).current) return;
  await pythonEnvironment('Python environment: DVC (uv sync)', [...LEAN_GROUPS, '--group', 'data']);
  state.done();
}

/** Spark with its Java (500 MB) and pandas, for the suites and the benchmarks that compare engines; the demo goes without. */
export async function sparkPackages() {
  const state = upToDate(SPARK_MARKER, ...PYTHON_LOCK);
  if (state.current) return;
  await pythonEnvironment('Python environment: Spark and pandas (uv sync)', ['--all-groups', '--no-group', 'cuda']);
  state.done();
}

/** Airflow, in an environment of its own; only what schedules needs it. */
export async function airflowPackages() {
  const state = upToDate(AIRFLOW_MARKER, ...AIRFLOW_LOCK);
  if (state.current) return;
  await pythonEnvironment('Airflow environment (uv sync)', ['--group', 'dev'], 'pipelines/airflow');
  state.done();
}

async function pythonEnvironment(title, groups, project = 'pipelines') {
  const uv = await findUv();
  await step(
    title,
    uv,
    ['sync', '--project', project, '--frozen', ...groups, '--quiet', '--python', findPython()],
    'Check that the Python package index is reached, then run the command again.',
  );
}

async function findUv() {
  const onPath = spawnSync('uv', ['--version'], { encoding: 'utf8' });
  if (onPath.stdout?.startsWith(`uv ${UV_VERSION}`)) return 'uv';
  const uv = join(STATE, 'uv/bin/uv');
  if (existsSync(uv)) return uv;
  mkdirSync(STATE, { recursive: true });
  const python = findPython();
  await step(
    'uv: its own environment',
    python,
    ['-m', 'venv', join(STATE, 'uv')],
    'Install the venv module of Python (Debian: python3-venv).',
  );
  await step(
    'uv: install',
    join(STATE, 'uv/bin/python'),
    ['-m', 'pip', 'install', '--quiet', `uv==${UV_VERSION}`],
    'Check that the Python package index is reached, then run the command again.',
  );
  return uv;
}

/** Everything that the demo needs, and the tests and benchmarks with it; quick when it is there already. */
export async function bootstrap() {
  requireNode();
  await nodePackages();
  await pythonPackages();
}

/** Compiles the workspace; ends the process when it does not compile. */
export async function build() {
  say('build (tsc --build)');
  if ((await run('tsc', ['--build'])) !== 0) fail('The workspace does not compile.', 'See the errors above.');
}
