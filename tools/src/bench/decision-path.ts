import { parseArgs } from 'node:util';
import { benchModel, type BenchModel } from './bench-model.js';
import { busyDay, daylightClock, type BusyDay } from './busy-day.js';
import { load, type LoadReport } from './load.js';
import { PaymentRequests } from './payment-requests.js';
import { measurePeer } from './peer.js';
import { cpuUs, residentMiB } from './processes.js';
import { profileOf } from './profile.js';
import { round, table, type Bench, type Say } from './report.js';
import { BenchServers } from './servers.js';
import { decisionShares, meanStagesUs, readStages } from './stages.js';
import { WarmWindows } from './warm-windows.js';

const PAYMENTS_PER_DAY = 60_000;
const SOAK_MINUTES = 10;

interface Options {
  seconds: number;
  soak: boolean;
  profile: boolean;
  peer: boolean;
  parts: boolean;
}

interface Setting {
  servers: BenchServers;
  model: BenchModel;
  warm: WarmWindows;
  day: BusyDay;
  clock: () => number;
  options: Options;
  say: Say;
}

export const bench: Bench = {
  question:
    'How many payments a second does one scoring process decide, each recorded before it is answered, beside its ' +
    'Valkey, its PostgreSQL and the load generator?',
  async run(args, say) {
    const options = optionsFrom(args);
    say('starting PostgreSQL and Valkey');
    const servers = await BenchServers.start();
    const stop = (): void => void servers.stop().finally(() => process.exit(130));
    process.once('SIGINT', stop).once('SIGTERM', stop);
    try {
      const model = await benchModel(servers.valkey.url, say);
      const clock = daylightClock();
      const day = busyDay(PAYMENTS_PER_DAY, clock());
      say(`warming the windows with ${day.history.length.toLocaleString('en')} events of the day before`);
      const warm = await WarmWindows.from(servers, day);
      return await measure({ servers, model, warm, day, clock, options, say });
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      await servers.stop();
    }
  },
};

function optionsFrom(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      /** Of the phase of 64 clients. */
      seconds: { type: 'string', default: '60' },
      /** Ten minutes of it, with the memory at each. */
      soak: { type: 'boolean', default: false },
      /** Where the process's time goes, by function; slows it. */
      profile: { type: 'boolean', default: false },
      /** Leaves out the usual stack. */
      'no-peer': { type: 'boolean', default: false },
      /** Leaves out the runs without one part each. */
      'no-parts': { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds >= 1)) throw new Error('--seconds must be at least 1');
  return { ...values, seconds, peer: !values['no-peer'], parts: !values['no-parts'] };
}

async function measure(setting: Setting): Promise<Record<string, unknown>> {
  const { options, say, servers } = setting;
  const whole = await measureWhole(setting);
  if (options.profile) return whole;
  const parts = options.parts ? await measureParts(setting) : {};
  const peer = options.peer
    ? await measurePeer({
        ...setting,
        payments: setting.day.payments,
        valkeyUrl: servers.valkey.url,
        seconds: Math.min(15, options.seconds),
      })
    : null;
  if (peer) say(`the usual stack: ${Math.round(peer.rps)}/s at ${peer.clients} clients`);
  const { rps64, p50_16_ms, p99_16_ms, p50_1_ms, errors, unrecorded, ...details } = whole;
  return {
    rps64,
    p50_16_ms,
    p99_16_ms,
    p50_1_ms,
    errors,
    unrecorded,
    ...(peer ? { peer_rps: Math.round(peer.rps), ratio: round(rps64 / peer.rps, 1), peer } : {}),
    ...details,
    parts,
  };
}

async function measureWhole(setting: Setting) {
  const { servers, model, clock, options, say } = setting;
  const { bodies } = setting.day;
  const scoring = await servers.startScoring({
    MODEL_URI: `file:${model.bundle}`,
    REDIS_PREFIX: setting.warm.prefix,
    ...(options.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${servers.directory}` } : {}),
  });
  const { port } = scoring;
  const requests = new PaymentRequests(bodies, servers.key, clock);
  const warmUp = await load(requests, { port, clients: 64, seconds: Math.min(10, options.seconds) });
  const stagesBefore = await readStages(port);
  const pids = {
    scoring: scoring.pid,
    valkey: servers.valkey.pid,
    postgres: servers.postgres.pid,
    generator: process.pid,
  };
  const cpuBefore = cpuOf(pids);
  const memoryMiB = [residentMiB(scoring.pid)];
  const minutes = setInterval(() => {
    memoryMiB.push(Math.round(residentMiB(scoring.pid)));
    if (options.soak) say(`scoring holds ${memoryMiB.at(-1)} MiB`);
  }, 60_000);
  const at64 = await load(requests, { port, clients: 64, seconds: options.soak ? SOAK_MINUTES * 60 : options.seconds });
  clearInterval(minutes);
  memoryMiB.push(Math.round(residentMiB(scoring.pid)));
  const cpuAfter = cpuOf(pids);
  const stagesUs = meanStagesUs(stagesBefore, await readStages(port));
  const cpuUsPerDecision = Object.fromEntries(
    Object.entries(cpuAfter).map(([name, us]) => [name, round((us - cpuBefore[name]!) / at64.answers, 1)]),
  );
  const at16 = await load(requests, { port, clients: 16, seconds: Math.min(15, options.seconds) });
  const at1 = await load(requests, { port, clients: 1, seconds: Math.min(10, options.seconds) });
  const shares = await decisionShares(port);
  await scoring.stop();
  say(`looking for ${requests.ids.count.toLocaleString('en')} answered payments in the record`);
  const unrecorded = await requests.ids.missingFrom(servers.postgres.url);
  const phases = [at64, at16, at1];
  say(`the whole path\n${phaseTable(phases.map((phase) => [`${phase.clients} clients`, phase]))}`);
  say(`mean time of a stage at 64 clients, µs: ${JSON.stringify(stagesUs)}`);
  say(`processor time per decision, µs: ${JSON.stringify(cpuUsPerDecision)}`);
  if (options.profile) say(`self time of scoring\n${profileOf(servers.directory)}`);
  return {
    rps64: Math.round(at64.perSecond),
    p50_16_ms: at16.p50Ms,
    p99_16_ms: at16.p99Ms,
    p50_1_ms: at1.p50Ms,
    errors: [warmUp, ...phases].reduce((sum, phase) => sum + phase.errors, 0),
    unrecorded,
    p50_64_ms: at64.p50Ms,
    p99_64_ms: at64.p99Ms,
    rps16: Math.round(at16.perSecond),
    rps1: Math.round(at1.perSecond),
    decided: requests.ids.count,
    stages_us: stagesUs,
    cpu_us: cpuUsPerDecision,
    decisions: shares,
    memory_mib: memoryMiB.map(Math.round),
  };
}

/** The same load with one part away, by nothing but settings and stopped servers. The order matters: servers stay stopped. */
async function measureParts(setting: Setting): Promise<Record<string, LoadReport>> {
  const { servers, model, clock, say, warm } = setting;
  const { bodies } = setting.day;
  const whole = { MODEL_URI: `file:${model.bundle}`, REDIS_PREFIX: warm.prefix };
  const seconds = Math.min(8, setting.options.seconds);
  const reports: Record<string, LoadReport> = {};
  const part = async (name: string, changes: Record<string, string>, spoil = false): Promise<void> => {
    const scoring = await servers.startScoring({ ...whole, ...changes });
    const requests = new PaymentRequests(bodies.slice(0, spoil ? 2_000 : bodies.length), servers.key, clock, spoil);
    const options = { port: scoring.port, clients: 64, expect: spoil ? 400 : 200 };
    await load(requests, { ...options, seconds });
    reports[name] = await load(requests, { ...options, seconds });
    await scoring.stop();
  };
  await part('whole', {});
  await part('without model', { MODEL_URI: '' });
  await part('HTTP and validation only', {}, true);
  await part('without Valkey, so without score', { REDIS_URL: 'redis://127.0.0.1:1' });
  await part('without PostgreSQL: local disk', { DATABASE_URL: 'postgres://vigia@127.0.0.1:1/vigia' });
  say(`parts taken away, 64 clients\n${phaseTable(Object.entries(reports))}`);
  return reports;
}

const cpuOf = (pids: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, name === 'generator' ? ownUs() : cpuUs(pid)]));

function ownUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const phaseTable = (reports: [string, LoadReport][]): string =>
  table([
    ['', 'per second', 'p50 ms', 'p99 ms', 'greatest ms', 'errors by status'],
    ...reports.map(([name, { perSecond, p50Ms, p99Ms, maxMs, errors, statuses }]) => [
      name,
      Math.round(perSecond),
      round(p50Ms),
      round(p99Ms),
      round(maxMs, 0),
      errors === 0 ? 0 : JSON.stringify(statuses),
    ]),
  ]);
