import type { AssessmentRow } from '@vigia/ledger';
import { DAY_MS } from '../world.js';
import { benchModel } from './bench-model.js';
import { busyDay, daylightClock } from './busy-day.js';
import { load, type LoadReport } from './load.js';
import type { MonitoringSite } from './monitoring-site.js';
import { PaymentRequests } from './payment-requests.js';
import type { LivePayment, Scorer } from './planted-shifts.js';
import { residentMiB } from './processes.js';
import { round, type Say } from './report.js';
import type { BenchServers } from './servers.js';
import { WarmWindows } from './warm-windows.js';

const CLIENTS = 16;
const PAYMENTS_PER_DAY = 20_000;
const LOOK_MS = 250;

interface Setting {
  servers: BenchServers;
  site: MonitoringSite;
  scorer: Scorer;
  days: LivePayment[][];
  rows: number;
  say: Say;
}

/** A window of so many payments in the database that scoring writes to: its time alone, and what scoring feels of it. */
export async function monitoringCost(setting: Setting): Promise<Record<string, unknown>> {
  const { servers, site, say, rows } = setting;
  const monitored = await site.of(servers.postgres.url);
  try {
    const fromMs = Date.parse('2026-06-01T00:00:00.000Z');
    say(`filling the ledger with ${rows.toLocaleString('en')} payments of a day, twice`);
    for (const day of [0, 1]) await monitored.record(await rowsOf(setting, fromMs + day * DAY_MS));
    const idleMiB = residentMiB(monitored.pid);
    let mostMiB = idleMiB;
    const looks = setInterval(() => (mostMiB = Math.max(mostMiB, residentMiB(monitored.pid))), LOOK_MS);
    const aloneMs = await monitored.run(fromMs, fromMs + DAY_MS);
    clearInterval(looks);
    say(`a window alone: ${round(aloneMs / 1000, 1)} s, at most ${Math.round(mostMiB)} MiB`);

    const model = await benchModel(servers.valkey.url, say);
    const clock = daylightClock();
    const day = busyDay(PAYMENTS_PER_DAY, clock());
    const warm = await WarmWindows.from(servers, day);
    const scoring = await servers.startScoring({ MODEL_URI: `file:${model.bundle}`, REDIS_PREFIX: warm.prefix });
    const requests = new PaymentRequests(day.bodies, servers.key, clock);
    const measure = (seconds: number): Promise<LoadReport> =>
      load(requests, { port: scoring.port, clients: CLIENTS, seconds });
    await measure(5);
    const seconds = Math.min(60, Math.max(5, aloneMs / 1000));
    const without = await measure(seconds);
    const [besideMs, beside] = await Promise.all([
      monitored.run(fromMs + DAY_MS, fromMs + 2 * DAY_MS),
      measure(seconds),
    ]);
    const after = await measure(seconds);
    await scoring.stop();
    return {
      rows,
      alone_s: round(aloneMs / 1000, 1),
      beside_scoring_s: round(besideMs / 1000, 1),
      idle_mib: Math.round(idleMiB),
      most_mib: Math.round(mostMiB),
      p99_without_ms: without.p99Ms,
      p99_with_ms: beside.p99Ms,
      p99_after_ms: after.p99Ms,
      p99_ratio: round(beside.p99Ms / ((without.p99Ms + after.p99Ms) / 2)),
      rps_without: Math.round(without.perSecond),
      rps_with: Math.round(beside.perSecond),
      errors: without.errors + beside.errors + after.errors,
    };
  } finally {
    await monitored.close();
  }
}

/** A day's payments, repeated until there are enough; each with an id of its own. */
async function rowsOf({ scorer, days, rows }: Setting, fromMs: number): Promise<Iterable<AssessmentRow>> {
  const payments = days.flat();
  const scored = await Promise.all(payments.map((live) => scorer.row(live)));
  return (function* () {
    for (let index = 0; index < rows; index++) {
      const row = scored[index % scored.length]!;
      const acceptedAtMs = fromMs + Math.floor((index * DAY_MS) / rows);
      const endToEndId = `${row.endToEndId.slice(0, 21)}${index.toString(36).padStart(11, '0')}`;
      yield {
        ...row,
        endToEndId: dayed(endToEndId, acceptedAtMs),
        acceptedAtMs,
        decidedAtMs: acceptedAtMs + 5,
        arrivedUs: acceptedAtMs * 1_000,
        payment: { ...row.payment, endToEndId: dayed(endToEndId, acceptedAtMs), acceptedAtMs },
      };
    }
  })();
}

/** An EndToEndId with the minute of another moment. */
function dayed(endToEndId: string, atMs: number): string {
  const minute = new Date(atMs).toISOString().replace(/\D/g, '').slice(0, 12);
  return `${endToEndId.slice(0, 9)}${minute}${endToEndId.slice(21)}`;
}
