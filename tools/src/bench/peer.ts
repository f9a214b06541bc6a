import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { PaymentInput } from '@vigia/contracts';
import { PIX, type FeatureSet } from '@vigia/features';
import type { BenchModel } from './bench-model.js';
import { load, type LoadReport, type RequestSource } from './load.js';
import { postOf } from './payment-requests.js';
import { pythonOf, run } from './python-project.js';
import { freePort } from './servers.js';
import { WORKSPACE } from '../stack.js';
import type { Say } from './report.js';
import type { WarmWindows } from './warm-windows.js';

export interface PeerOptions {
  valkeyUrl: string;
  model: BenchModel;
  warm: WarmWindows;
  payments: PaymentInput[];
  seconds: number;
  say: Say;
}

export interface PeerReport {
  /** The best of 1, 16 and 64 clients. */
  rps: number;
  clients: number;
  runs: LoadReport[];
}

const PROJECT = join(WORKSPACE, 'tools/bench-peer');
const HOME = join(WORKSPACE, '.vigia/bench-peer');
const PYTHON = join(HOME, 'venv/bin/python');
const PAYMENTS = 10_000;
const START_TIMEOUT_MS = 60_000;

/**
 * The usual stack on the same machine under the same load: FastAPI and one uvicorn worker, Feast's online store on the
 * same Valkey, the same trees by XGBoost. It observes nothing, records nothing, explains nothing, and its request brings
 * the features of the payment itself ready made.
 */
export async function measurePeer(options: PeerOptions): Promise<PeerReport> {
  const { model, seconds, say } = options;
  say('the usual stack: FastAPI, Feast, XGBoost (its packages are installed at the first time)');
  const address = new URL(options.valkeyUrl).host;
  const requests = materialise(address, options.payments.slice(0, PAYMENTS), await vectorsOf(options));
  const port = await freePort();
  const log = openSync(join(HOME, 'peer.log'), 'w');
  const flags = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--no-access-log'];
  const peer = spawn(PYTHON, ['-m', 'uvicorn', 'app:app', '--app-dir', PROJECT, ...flags], {
    stdio: ['ignore', log, log],
    env: { ...QUIET, PEER_DIRECTORY: HOME, PEER_REDIS: address, PEER_TREES: join(model.bundle, 'trees.json') },
  });
  const end = (): void => void peer.kill('SIGTERM');
  process.once('exit', end);
  try {
    await untilReady(port, () => peer.exitCode !== null);
    const source = inTurn(requests);
    await load(source, { port, clients: 16, seconds: Math.min(5, seconds) });
    const runs: LoadReport[] = [];
    for (const clients of [1, 16, 64]) runs.push(await load(source, { port, clients, seconds }));
    if (runs.some(({ errors }) => errors > 0)) throw new Error(`the usual stack failed: see ${HOME}/peer.log`);
    const best = runs.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
    return { rps: best.perSecond, clients: best.clients, runs };
  } finally {
    process.off('exit', end);
    const ended = peer.exitCode === null ? new Promise((settle) => peer.once('exit', settle)) : undefined;
    end();
    await ended;
  }
}

/** No telemetry of Feast, no threads that spin beside the server. */
const QUIET = {
  PATH: process.env['PATH'] ?? '',
  FEAST_USAGE: 'False',
  OMP_NUM_THREADS: '1',
  PYTHONDONTWRITEBYTECODE: '1',
};

interface Layout {
  features: string[];
  /** Columns that the request brings. */
  request: number[];
  views: Record<string, string[]>;
}

/** Which entity keeps each feature that is not of the payment itself. */
function layoutOf(set: FeatureSet): Layout {
  const layout: Layout = { features: set.features.map(({ name }) => name), request: [], views: {} };
  for (const [column, { name, ...feature }] of set.features.entries()) {
    const entity = 'entity' in feature ? VIEW_OF[feature.entity] : undefined;
    if (entity === undefined) layout.request.push(column);
    else (layout.views[entity] ??= []).push(name);
  }
  return layout;
}

const VIEW_OF: Record<string, string> = {
  payer: 'payer',
  night: 'payer',
  payee: 'payee',
  payee_as_payer: 'payee',
  pair: 'pair',
  device: 'device',
  unregistered_device_day: 'device',
};

const vectorsOf = ({ payments, warm }: PeerOptions): Promise<Float32Array[]> =>
  warm.vectorsOf(payments.slice(0, PAYMENTS));

/** Puts the stored features of these payments into Feast's online store; answers a request to the peer per payment. */
export function materialise(address: string, payments: PaymentInput[], vectors: Float32Array[]): Buffer[] {
  pythonOf('bench-peer');
  const requests = writeFeatures(payments, vectors);
  run(PYTHON, [join(PROJECT, 'materialise.py'), HOME, address], QUIET);
  return requests;
}

/** Runs a script of the peer's project; it finds what was materialised in its first argument. */
export function startPeer(script: string, args: string[]): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(PYTHON, [join(PROJECT, script), HOME, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env: QUIET });
}

/** Writes what `materialise.py` puts into the store; answers a request per payment. */
function writeFeatures(some: PaymentInput[], vectors: Float32Array[]): Buffer[] {
  mkdirSync(HOME, { recursive: true });
  const layout = layoutOf(PIX);
  const entities: Record<string, string>[] = [];
  const rows: Record<string, (string | number | null)[][]> = { payer: [], payee: [], pair: [], device: [] };
  const requests = some.map((payment, index) => {
    const vector = vectors[index]!;
    const number = (column: number): number | null => (Number.isFinite(vector[column]!) ? vector[column]! : null);
    const payer = payment.payer.account.number;
    const payee = payment.payee.account.number;
    const ids = { payer, payee, pair: `${payer}-${payee}`, device: payment.device?.id ?? 'none' };
    for (const [entity, names] of Object.entries(layout.views)) {
      const columns = names.map((name) => number(layout.features.indexOf(name)));
      rows[entity]!.push([ids[entity as keyof typeof ids], ...columns]);
    }
    const keys = Object.fromEntries(Object.entries(ids).map(([entity, id]) => [`${entity}_id`, id]));
    entities.push(keys);
    return postOf('/predict', JSON.stringify({ ...keys, request: layout.request.map(number) }));
  });
  writeFileSync(join(HOME, 'layout.json'), JSON.stringify(layout));
  writeFileSync(join(HOME, 'rows.json'), JSON.stringify(rows));
  writeFileSync(join(HOME, 'entities.json'), JSON.stringify(entities));
  return requests;
}

function inTurn(requests: Buffer[]): RequestSource {
  let turn = 0;
  return { next: () => requests[turn++ % requests.length]!, answered: () => undefined };
}

async function untilReady(port: number, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && !hasEnded()) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the usual stack did not start: see ${HOME}/peer.log`);
}
