import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort, paymentBuilder, waitFor } from '@vigia/testing';
import { WORKSPACE, startStack, type Stack } from '../stack.js';

/** Aim of the image of scoring, MB. */
const AIM_MB = 350;
const NEEDED = ['buildah', 'podman', 'runc', 'mmdebstrap'];
const DEBIAN = 'docker.io/library/debian:bookworm-slim';
const NODE = 'docker.io/library/node:24-bookworm-slim';
const SCORING = 'localhost/vigia-scoring:test';

/** A store of its own: images made here must not pass for Docker Hub's elsewhere. The bases are kept in it. */
const STORE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vigia', 'images');
const store = ['--root', join(STORE, 'root'), '--runroot', join(STORE, 'run')];

const beganAt = Date.now();
const say = (text: string) => console.log(`[${((Date.now() - beganAt) / 1_000).toFixed(0).padStart(4)} s] ${text}`);

/** Output of a program. @throws with the end of what it said when it fails */
function run(command: string, args: string[], cwd = WORKSPACE): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? status}\n${`${stdout}${stderr}`.slice(-3_000)}`);
}

const build = (context: string, file: string, tag: string, more: string[] = []): string =>
  run('buildah', [
    ...store,
    'bud',
    '--isolation',
    'chroot',
    '--network',
    'host',
    '--pull-never',
    ...more,
    '-f',
    file,
    '-t',
    tag,
    context,
  ]);

const isThere = (image: string): boolean =>
  spawnSync('buildah', [...store, 'inspect', '-t', 'image', image]).status === 0;

/** The images that the Dockerfile is built on, under the same names, of Debian's packages and the Node of this checkout. */
function makeBases(directory: string): void {
  if (!isThere(DEBIAN)) {
    // What Debian's own slim image leaves out.
    const without = ['man', 'doc', 'locale', 'info'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
    const packages = ['--variant=minbase', '--include=ca-certificates,libstdc++6'];
    run('mmdebstrap', ['--quiet', ...packages, ...without, 'bookworm', join(directory, 'debian.tar')]);
    writeFileSync(join(directory, 'Debian'), 'FROM scratch\nADD debian.tar /\nCMD ["/bin/sh"]\n');
    build(directory, join(directory, 'Debian'), DEBIAN);
    rmSync(join(directory, 'debian.tar'));
    say(`${DEBIAN} of Debian's packages`);
  }
  if (!isThere(NODE)) {
    copyFileSync(process.execPath, join(directory, 'node'));
    // npm of the machine: its launcher is lib/node_modules/npm/bin/npm-cli.js.
    const npm = dirname(dirname(realpathSync(run('sh', ['-c', 'command -v npm']).trim())));
    run('cp', ['-rL', npm, join(directory, 'npm')]);
    const link = (name: string) => `ln -s ../lib/node_modules/npm/bin/${name}-cli.js /usr/local/bin/${name}`;
    const lines = [`FROM ${DEBIAN}`, 'COPY node /usr/local/bin/node', 'COPY npm /usr/local/lib/node_modules/npm'];
    writeFileSync(join(directory, 'Node'), [...lines, `RUN ${link('npm')} && ${link('npx')}`, ''].join('\n'));
    build(directory, join(directory, 'Node'), NODE);
    say(`${NODE} with Node ${process.version}`);
  }
}

/** What the build needs to reach the registry as npm here does: its user's settings, and the authority it trusts. */
function networkOf(directory: string): string[] {
  const file = run('npm', ['config', 'get', 'userconfig']).trim();
  const settings = existsSync(file) ? [readFileSync(file, 'utf8').trimEnd()] : [];
  const mounts = ['-v', `${join(directory, 'npmrc')}:/root/.npmrc:ro`];
  const authority = process.env['NODE_EXTRA_CA_CERTS'];
  if (authority !== undefined) {
    copyFileSync(authority, join(directory, 'authority.pem'));
    mounts.push('-v', `${join(directory, 'authority.pem')}:/root/authority.pem:ro`);
    settings.push('cafile=/root/authority.pem');
  }
  writeFileSync(join(directory, 'npmrc'), `${settings.join('\n')}\n`, { mode: 0o600 });
  return mounts;
}

function startContainer(stack: Stack, port: number, grpcPort: number): ChildProcess {
  const spool = join(stack.directory, 'scoring');
  mkdirSync(spool, { recursive: true });
  // The container's user is another.
  chmodSync(spool, 0o777);
  chmodSync(stack.apiKeysFile, 0o644);
  const environment = {
    PORT: port,
    GRPC_PORT: grpcPort,
    DATABASE_URL: stack.databaseUrl,
    REDIS_URL: stack.redisUrl,
    PSEUDONYM_SECRET: stack.pseudonymSecret,
    API_KEYS_FILE: '/etc/vigia/api-keys.json',
    SPOOL_DIRECTORY: '/var/lib/vigia/spool',
    MODEL_CACHE_DIRECTORY: '/var/lib/vigia/models',
    SHUTDOWN_GRACE_MS: 0,
  };
  return spawn(
    'podman',
    [
      ...[...store, '--runtime', 'runc', 'run', '--rm', '--network', 'host'],
      // As the chart has it.
      ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ...['--ulimit', 'nofile=20000:20000', '--ulimit', 'nproc=10000:10000'],
      ...['-v', `${spool}:/var/lib/vigia`, '-v', `${stack.apiKeysFile}:/etc/vigia/api-keys.json:ro`],
      ...Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
      SCORING,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

/** Runs the image beside real servers until it has decided a payment and ended on SIGTERM. */
async function decides(directory: string): Promise<void> {
  const stack = await startStack(join(directory, 'stack'));
  const [port, grpcPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const startedAt = Date.now();
  const container = startContainer(stack, port, grpcPort);
  const ended = new Promise<number | null>((settle) => container.once('exit', settle));
  try {
    await waitFor(async () => (await fetch(`${url}/health/ready`)).ok, { timeoutMs: 120_000, intervalMs: 50 });
    say(`ready ${((Date.now() - startedAt) / 1_000).toFixed(1)} s after podman run`);
    const answer = await fetch(`${url}/v1/assessments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': stack.key },
      body: JSON.stringify(paymentBuilder({ acceptedAt: new Date().toISOString() })),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`the payment was answered ${answer.status}: ${text}`);
    say(`decided a payment: ${(JSON.parse(text) as { decision: string }).decision}`);
    container.kill('SIGTERM');
    const code = await ended;
    if (code !== 0) throw new Error(`the container ended with ${code} on SIGTERM`);
    say('ended with 0 on SIGTERM');
  } finally {
    container.kill('SIGTERM');
    await ended;
    await stack.stop();
  }
}

/** `npm run test:images`: the image of scoring is built, run, and decides; skipped where containers cannot be made. */
async function main(): Promise<void> {
  const missing = NEEDED.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  if (missing.length > 0) return console.log(`skipped: no ${missing.join(', ')} (Debian's packages of these names)`);
  mkdirSync(STORE, { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), 'vigia-images-'));
  // PostgreSQL runs as a user of its own.
  chmodSync(directory, 0o755);
  try {
    makeBases(directory);
    build(WORKSPACE, join(WORKSPACE, 'Dockerfile'), SCORING, ['--build-arg', 'APP=scoring', ...networkOf(directory)]);
    const sizes = [SCORING, DEBIAN].map(
      (image) => Number(run('podman', [...store, 'image', 'inspect', '--format', '{{.Size}}', image])) / 1e6,
    );
    const [size, base] = sizes as [number, number];
    say(`${SCORING}: ${size.toFixed(0)} MB, of which ${base.toFixed(0)} are the base (aim: under ${AIM_MB})`);
    await decides(directory);
    console.log('passed');
  } finally {
    run('buildah', [...store, 'rm', '--all']);
    rmSync(directory, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(`FAILED  ${error.message}`);
    process.exit(1);
  },
);
