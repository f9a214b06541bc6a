import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PIX, compileFeatureSet } from '@vigia/features';
import { Ledger, type AssessmentRow } from '@vigia/ledger';
import { digestApiKey, type JobView } from '@vigia/platform';
import { PolicyEngine, policySettings, recordedInputs, versionOf } from '@vigia/policy';
import { pseudonymousPaymentBuilder, testPseudonym } from '@vigia/testing';
import { startApp, type RunningApp } from '../stack.js';
import { round, type Bench } from './report.js';
import { BenchServers, freePort } from './servers.js';

/** 20 November 2026, 9:00 in Brasília. */
const FROM_MS = Date.UTC(2026, 10, 20, 12);
const SPAN_MS = 8 * 3_600_000;
const set = compileFeatureSet(PIX);
const person = { by: 'bench', reason: 'bench', caller: 'bench' };

export const bench: Bench = {
  question: 'How long does a back-test take, and does its memory grow with the payments? What does a swap hold up?',
  async run(args, say) {
    const { values } = parseArgs({ args, options: { payments: { type: 'string', default: '50000' } } });
    const payments = Number(values.payments);
    const servers = await BenchServers.start();
    const ledger = Ledger.connect({ url: servers.postgres.url, questionTimeoutMs: 120_000 });
    let monitoring: (RunningApp & { url: string }) | undefined;
    try {
      const live = await PolicyEngine.load();
      const { loadMs, longestMs } = await loading(live);
      await ledger.ensurePartitions('2026-11-20', '2026-11-21');
      await record(ledger, servers.directory, live, payments);
      say(`${payments} decisions are on record`);
      const version = await keepBoth(ledger, live);
      monitoring = await startMonitoring(servers);
      const run = (toMs: number): Promise<Run> => backTest(monitoring!, servers.key, version, toMs);
      const first = await run(FROM_MS + SPAN_MS / 10);
      const whole = await run(FROM_MS + SPAN_MS);
      if (whole.payments !== payments || whole.same !== payments)
        throw new Error(`decided anew: ${JSON.stringify(whole)}`);
      const again = await run(FROM_MS + SPAN_MS);
      return {
        payments,
        seconds: round(whole.seconds),
        payments_per_s: Math.round(payments / whole.seconds),
        peak_mib_tenth: Math.round(first.peakMiB),
        peak_mib: Math.round(whole.peakMiB),
        peak_mib_again: Math.round(again.peakMiB),
        policy_load_ms: round(loadMs),
        longest_hold_ms: round(longestMs),
      };
    } finally {
      await monitoring?.stop();
      await ledger.close();
      await servers.stop();
    }
  },
};

/** Time to compile and try a policy out, and how long the event loop stood still at most meanwhile. */
async function loading({ document }: PolicyEngine): Promise<{ loadMs: number; longestMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(50);
  delay.reset();
  const beganAtMs = performance.now();
  await PolicyEngine.of(document);
  const loadMs = performance.now() - beganAtMs;
  delay.disable();
  return { loadMs, longestMs: delay.max / 1e6 };
}

async function record(ledger: Ledger, directory: string, live: PolicyEngine, count: number): Promise<void> {
  const writer = await ledger.openWriter({ spoolDirectory: join(directory, 'spool'), statementTimeoutMs: 60_000 });
  const inputOf = recordedInputs(set.features, live.settings);
  const indices = Array.from({ length: count }, (_, index) => index).values();
  const work = async (): Promise<void> => {
    for (const index of indices) {
      const row = rowOf(index, count, live.version);
      await writer.record({ ...row, ...(await live.evaluate(inputOf(row))) });
    }
  };
  await Promise.all(Array.from({ length: 128 }, work));
  await writer.close();
}

/** One in a hundred has a probability that is reviewed or rejected. */
function rowOf(index: number, count: number, version: string): AssessmentRow {
  const acceptedAtMs = FROM_MS + Math.floor((SPAN_MS * index) / count);
  const payment = pseudonymousPaymentBuilder({
    acceptedAtMs,
    amountCents: 1_000 + ((index * 7_919) % 90_000),
    payer: { person: testPseudonym(`payer ${index % 5_000}`) },
  });
  return {
    endToEndId: payment.endToEndId,
    side: payment.side,
    acceptedAtMs,
    decidedAtMs: acceptedAtMs + 7,
    arrivedUs: acceptedAtMs * 1_000,
    caller: 'bench',
    contentSha256: Buffer.alloc(32),
    payment,
    vector: new Float32Array(set.features.length),
    effective: {},
    probability: index % 100 === 0 ? (index % 1_000) / 1_000 : 0.001,
    margin: 0,
    decision: 'approve',
    action: { kind: 'send' },
    reasons: [],
    rules: [],
    warnings: [],
    degraded: [],
    model: { name: 'pix-fraud', version: '1' },
    policy: { name: 'pix', version },
    featureSet: { name: set.name, hash: set.hash },
    timingsUs: {},
  };
}

/** The live policy and a draft that reviews more; answers the draft's version. */
async function keepBoth(ledger: Ledger, live: PolicyEngine): Promise<string> {
  const { graph } = live.document;
  const settings = policySettings.parse({ nightLimitCents: 50_000, requestOnlyReviewCents: 50_000 });
  const version = versionOf({ graph, settings });
  const kept = { policy: 'pix', graph, origin: 'draft' as const, ...person };
  await ledger.policies.keep({ ...kept, version: live.version, settings: live.document.settings });
  await ledger.policies.keep({ ...kept, version, settings });
  return version;
}

async function startMonitoring(servers: BenchServers): Promise<RunningApp & { url: string }> {
  const apiKeysFile = join(servers.directory, 'monitoring-keys.json');
  const key = { name: 'bench', sha256: digestApiKey(servers.key), scopes: ['read', 'admin'] };
  writeFileSync(apiKeysFile, JSON.stringify([key]));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: servers.postgres.url,
    REDIS_URL: servers.valkey.url,
    REDIS_TIMEOUT_MS: '10000',
    BUNDLE_DIRECTORY: join(servers.directory, 'bundles'),
    MONITOR_EVERY_MINUTES: '0',
    // Without a limit the heap grows as it likes, and says nothing of what is needed.
    NODE_OPTIONS: '--max-old-space-size=192',
    API_KEYS_FILE: apiKeysFile,
    SHUTDOWN_GRACE_MS: '0',
    NODE_ENV: 'production',
  };
  return { ...(await startApp('monitoring', servers.directory, environment, `${url}/health/ready`)), url };
}

interface Run {
  payments: number;
  same: number;
  seconds: number;
  /** Most memory that the process has had so far. */
  peakMiB: number;
}

async function backTest(
  { url, pid }: { url: string; pid: number },
  key: string,
  version: string,
  toMs: number,
): Promise<Run> {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  const [from, to] = [FROM_MS, toMs].map((ms) => new Date(ms).toISOString());
  const body = JSON.stringify({ policy: 'pix', version, from, to });
  const asked = await fetch(`${url}/v1/back-tests`, { method: 'POST', headers, body });
  if (asked.status !== 202) throw new Error(await asked.text());
  const { id } = (await asked.json()) as JobView;
  for (;;) {
    const job = (await (await fetch(`${url}/v1/back-tests/${id}`, { headers })).json()) as JobView;
    if (job.state === 'failed') throw new Error(JSON.stringify(job.problem));
    if (job.state === 'completed') {
      const { payments, reproduced } = job.result as { payments: number; reproduced: { same: number } };
      const seconds = (Date.parse(job.finishedAt!) - Date.parse(job.startedAt!)) / 1_000;
      return { payments, same: reproduced.same, seconds, peakMiB: peakMiB(pid) };
    }
    await sleep(250);
  }
}

function peakMiB(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
