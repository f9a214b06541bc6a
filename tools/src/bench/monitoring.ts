import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { simulateEvents, type SimulatedEvent } from '@vigia/simulator';
import { PIX, compileFeatureSet } from '@vigia/features';
import { train } from '../model.js';
import { simulatedTrainingSet } from '../simulated-training-set.js';
import { WORKSPACE } from '../stack.js';
import { DAY_MS, pixWorld, type World } from '../world.js';
import { lastLineOf } from './child.js';
import { monitoringCost } from './monitoring-cost.js';
import { MonitoringSite, type Monitored } from './monitoring-site.js';
import { SHIFTS, Scorer, liveDays, type LivePayment } from './planted-shifts.js';
import { pythonOf } from './python-project.js';
import { table, type Bench, type Say } from './report.js';
import { BenchServers } from './servers.js';

/** Quiet days before a shift, so that there are good windows, and days that it lasts. */
const BEFORE_DAYS = 7;
const SHIFTED_DAYS = 10;
/** As the service has it by default; weekends have fewer payments than other days. */
const MINIMUM_PAYMENTS = 1_000;
const REFERENCE_ROWS = 20_000;
/** Early enough for its last day to lie in the past: monitoring takes no window of the future. */
const START_MS = Date.parse('2026-02-01T03:00:00.000Z');

export const bench: Bench = {
  question:
    'How soon does monitoring see a planted shift, how often does it cry wolf on quiet days, beside Evidently; what ' +
    'does a window of a million payments cost, and what does scoring feel of it?',
  async run(args, say) {
    const { values } = parseArgs({
      args,
      options: {
        /** Days before training, in which the longest windows fill: a bank has a past. */
        'warm-days': { type: 'string', default: '90' },
        'train-days': { type: 'string', default: '60' },
        'quiet-days': { type: 'string', default: '60' },
        'per-day': { type: 'string', default: '1500' },
        /** Payments of the window whose cost is measured; 0 leaves it out. */
        rows: { type: 'string', default: '1000000' },
        'no-peer': { type: 'boolean', default: false },
      },
    });
    const [warmDays, trainDays, quietDays] = [values['warm-days'], values['train-days'], values['quiet-days']].map(
      Number,
    ) as [number, number, number];
    if (!(quietDays >= BEFORE_DAYS + SHIFTED_DAYS)) throw new Error('--quiet-days must be at least 17');
    const directory = mkdtempSync(join(tmpdir(), 'vigia-bench-monitoring-'));
    const servers = await BenchServers.start();
    try {
      const paymentsPerDay = Number(values['per-day']);
      const prepared = await prepare({ warmDays, trainDays, quietDays, paymentsPerDay }, directory, say);
      const site = await MonitoringSite.open(servers, prepared.bundle, Math.min(MINIMUM_PAYMENTS, paymentsPerDay / 2));
      const scorer = await Scorer.open(prepared.bundle);
      try {
        const detection = await detect(site, scorer, prepared, say);
        const peer = values['no-peer'] ? null : await askPeer(prepared, directory, say);
        say(`days until the first alert, alerts on quiet days\n${tableOf(detection, peer)}`);
        const rows = Number(values.rows);
        const cost =
          rows === 0 ? null : await monitoringCost({ servers, site, scorer, days: prepared.days, rows, say });
        return { quiet_days: quietDays, per_day: paymentsPerDay, ours: detection, evidently: peer, cost };
      } finally {
        await scorer.close();
        await site.close();
      }
    } finally {
      await servers.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

interface Prepared {
  bundle: string;
  days: LivePayment[][];
  liveMs: number;
  /** The last rows of training. */
  reference: Float32Array[];
}

async function prepare(
  size: { warmDays: number; trainDays: number; quietDays: number; paymentsPerDay: number },
  directory: string,
  say: Say,
): Promise<Prepared> {
  const { warmDays, trainDays, quietDays, paymentsPerDay } = size;
  const worldOf = (days: number): World => ({
    ...pixWorld({ seed: 21, historyDays: warmDays + days, paymentsPerDay, fraudShare: 0.01, startMs: START_MS }),
    trainFromMs: START_MS + warmDays * DAY_MS,
  });
  const world = worldOf(trainDays + quietDays);
  const { startMs } = world;
  const events = (until: World): Generator<SimulatedEvent> => history(startMs, until.liveFromMs, paymentsPerDay);
  const [data, all, bundle] = ['training-set', 'all', 'bundle'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  say(`${warmDays} days of ${paymentsPerDay} payments, a model of ${trainDays} more, and ${quietDays} to watch`);
  const past = worldOf(trainDays);
  await simulatedTrainingSet(past, events(past), data);
  await train(data, bundle, { parameters: { threads: 1 } });
  await simulatedTrainingSet(world, events(world), all);
  const liveMs = past.liveFromMs;
  const days = await liveDays(world, events(world), all, liveMs);
  const trained = await liveDays(past, events(past), data, liveMs - Math.min(14, trainDays - 7) * DAY_MS);
  const reference = trained
    .flat()
    .slice(-REFERENCE_ROWS)
    .map(({ vector }) => vector);
  return { bundle, days, liveMs, reference };
}

function* history(startMs: number, endMs: number, paymentsPerDay: number): Generator<SimulatedEvent> {
  const days = Math.round((endMs - startMs) / DAY_MS) + 1;
  for (const event of simulateEvents({ seed: 21, startMs, days, paymentsPerDay, fraudShare: 0.01 })) {
    if (event.atMs >= endMs) return;
    yield event;
  }
}

interface Detection {
  /** Alerts on quiet days, by kind. */
  quiet: Record<string, number>;
  /** Days from the first shifted one until an alert opened; null where none did. Its kinds. */
  shifts: Record<string, { days: number | null; kinds: string[] }>;
}

async function detect(site: MonitoringSite, scorer: Scorer, prepared: Prepared, say: Say): Promise<Detection> {
  const { days } = prepared;
  const quiet = await withMonitored(site, async (monitored) => {
    for (const [index, day] of days.entries())
      await monitorDay(monitored, scorer, prepared.liveMs + index * DAY_MS, day);
    const alerts = await monitored.alerts();
    for (const { kind, openedAt, signals } of alerts) {
      say(`quiet day, ${kind} at ${openedAt}: ${signals.map(({ signal }) => signal).join(', ')}`);
    }
    return countsOf(alerts.map(({ kind }) => kind));
  });
  say(`${days.length} quiet days: ${JSON.stringify(quiet)}`);
  const shifts: Detection['shifts'] = {};
  for (const name of Object.keys(SHIFTS)) {
    shifts[name] = await withMonitored(site, async (monitored) => {
      const known = new Set<string>();
      for (const [index, day] of shiftedDays(prepared, name).entries()) {
        await monitorDay(monitored, scorer, prepared.liveMs + index * DAY_MS, day);
        const fresh = (await monitored.alerts()).filter(({ id }) => !known.has(id));
        for (const { id } of fresh) known.add(id);
        if (index >= BEFORE_DAYS && fresh.length > 0) {
          return { days: index - BEFORE_DAYS + 1, kinds: fresh.map(({ kind }) => kind) };
        }
      }
      return { days: null, kinds: [] };
    });
    say(`${name}: ${JSON.stringify(shifts[name])}`);
  }
  return { quiet, shifts };
}

function shiftedDays({ days }: Prepared, name: string): LivePayment[][] {
  let state = 1;
  // Numerical Recipes' generator: enough to draw rows.
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  return days
    .slice(0, BEFORE_DAYS + SHIFTED_DAYS)
    .map((day, index) => (index < BEFORE_DAYS ? day : SHIFTS[name]!(day, days, random)));
}

async function withMonitored<T>(site: MonitoringSite, work: (monitored: Monitored) => Promise<T>): Promise<T> {
  const monitored = await site.fresh();
  try {
    return await work(monitored);
  } finally {
    await monitored.close();
  }
}

async function monitorDay(monitored: Monitored, scorer: Scorer, fromMs: number, day: LivePayment[]): Promise<void> {
  await monitored.record(await Promise.all(day.map((live) => scorer.row(live))));
  await monitored.run(fromMs, fromMs + DAY_MS);
}

interface PeerDay {
  columns: number;
  drift: boolean;
}

interface Peer {
  /** Quiet days that the preset calls drift, and those with a column that has drifted. */
  quiet: { drift: number; column: number };
  shifts: Record<string, { driftDays: number | null; columnDays: number | null }>;
}

/** Evidently's default preset on the same windows, against the last rows of training. */
async function askPeer(prepared: Prepared, directory: string, say: Say): Promise<Peer> {
  say('the same windows by the default preset of Evidently');
  const names = Object.keys(SHIFTS);
  const shifted = names.map((name) => shiftedDays(prepared, name).slice(BEFORE_DAYS));
  const windows = [...prepared.days, ...shifted.flat()];
  const bytes = (vectors: Float32Array[]): Buffer =>
    Buffer.concat(vectors.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)));
  writeFileSync(join(directory, 'reference.f32'), bytes(prepared.reference));
  writeFileSync(join(directory, 'windows.f32'), bytes(windows.flat().map(({ vector }) => vector)));
  const layout = { names: compileFeatureSet(PIX).features, windows: windows.map((day) => day.length) };
  writeFileSync(join(directory, 'layout.json'), JSON.stringify(layout));
  const script = join(WORKSPACE, 'tools/bench-drift/preset.py');
  const quiet = ['DO_NOT_TRACK=1', 'OMP_NUM_THREADS=1', 'OPENBLAS_NUM_THREADS=1'];
  const answer = await lastLineOf('env', [...quiet, pythonOf('bench-drift'), script, directory], say);
  const told = JSON.parse(answer) as PeerDay[];
  const first = (days: PeerDay[], has: (day: PeerDay) => boolean): number | null => {
    const index = days.findIndex(has);
    return index < 0 ? null : index + 1;
  };
  const calm = told.slice(0, prepared.days.length);
  return {
    quiet: {
      drift: calm.filter(({ drift }) => drift).length,
      column: calm.filter(({ columns }) => columns > 0).length,
    },
    shifts: Object.fromEntries(
      names.map((name, index) => {
        const from = prepared.days.length + index * SHIFTED_DAYS;
        const days = told.slice(from, from + SHIFTED_DAYS);
        return [
          name,
          { driftDays: first(days, ({ drift }) => drift), columnDays: first(days, ({ columns }) => columns > 0) },
        ];
      }),
    ),
  };
}

function countsOf(kinds: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function tableOf({ quiet, shifts }: Detection, peer: Peer | null): string {
  const none = (days: number | null | undefined): string => (days === null ? 'none' : String(days ?? '-'));
  const alerts = Object.values(quiet).reduce((sum, count) => sum + count, 0);
  return table([
    ['', 'monitoring', 'Evidently: drift', 'Evidently: a column'],
    ['false alarms on quiet days', alerts, none(peer?.quiet.drift), none(peer?.quiet.column)],
    ...Object.entries(shifts).map(([name, { days }]) => [
      name,
      none(days),
      none(peer?.shifts[name]?.driftDays),
      none(peer?.shifts[name]?.columnDays),
    ]),
  ]);
}
