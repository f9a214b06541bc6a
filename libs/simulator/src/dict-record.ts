import type { DictEntry } from '@vigia/contracts';
import { DAY_MS, HOUR_MS, instantText } from './calendar.js';
import type { Random } from './random.js';

/** Counters of DICT are refreshed twice a day: "data lag up to 12 h, see Watermark" (DICT manual 8.0). */
const SLOT_MS = 12 * HOUR_MS;

export type MarkerKind = 'applicationFrauds' | 'muleAccounts' | 'scammerAccounts' | 'otherFrauds';

/** A MED report against the account, from any institution. */
export interface Report {
  keyIndex: number;
  openedAtMs: number;
  /** When the analysis ended; Infinity while it runs. */
  closedAtMs: number;
  agreed: boolean;
  /** Agreed, and the institution restricts the account. */
  blocks: boolean;
  kind: MarkerKind;
  amountCents: number;
  reporter: number;
}

/** What DICT knows of one account. */
export interface DictRecord {
  settlementsPerDay: number;
  /** Settlements seen here in the current slot, and those of earlier slots, fading over 90 days. */
  slot: number;
  inSlot: number;
  seen: number;
  reports: Report[];
  registeredAccounts: number;
  cachedSlot: number;
  owner: NonNullable<DictEntry['ownerStatistics']> | null;
  byKey: NonNullable<DictEntry['keyStatistics']>[];
}

/** Reports that have nothing to do with this simulation: misuse long ago, quarrels over goods. */
export function newDictRecord(random: Random, settlementsPerDay: number, nowMs: number): DictRecord {
  const reports: Report[] = [];
  const quarrels = random.poisson(Math.min(1.5, 0.014 + settlementsPerDay * 0.005));
  for (let i = 0; i < quarrels; i++) {
    const openedAtMs = nowMs + random.between(-900, 150) * DAY_MS;
    reports.push({
      keyIndex: random.below(2),
      openedAtMs,
      closedAtMs: openedAtMs + random.between(1, 9) * DAY_MS,
      agreed: random.chance(0.22),
      blocks: false,
      kind: random.chance(0.6) ? 'scammerAccounts' : random.chance(0.5) ? 'otherFrauds' : 'muleAccounts',
      amountCents: Math.round(random.logNormal(18_000, 1)),
      reporter: random.below(40),
    });
  }
  return {
    settlementsPerDay,
    slot: 0,
    inSlot: 0,
    seen: 0,
    reports,
    registeredAccounts: 1 + random.poisson(1.6),
    cachedSlot: -1,
    owner: null,
    byKey: [],
  };
}

/** Counts `count` settlements at `atMs`; they show once the next slot begins. */
export function settle(record: DictRecord, atMs: number, count: number): void {
  roll(record, slotOf(atMs));
  record.inSlot += count;
}

function slotOf(atMs: number): number {
  return Math.floor(atMs / SLOT_MS);
}

function roll(record: DictRecord, slot: number): void {
  if (slot <= record.slot) return;
  const age = (slot - record.slot) * (SLOT_MS / (90 * DAY_MS));
  record.seen = (record.seen + record.inSlot) * Math.exp(-age);
  record.inSlot = 0;
  record.slot = slot;
}

/** The statistics that a look-up at `atMs` would answer. Shared between payments of one slot: do not change them. */
export function statisticsAt(
  record: DictRecord,
  openedAtMs: number,
  keyIndex: number,
  atMs: number,
): Pick<DictEntry, 'ownerStatistics' | 'keyStatistics'> {
  const slot = slotOf(atMs);
  if (record.cachedSlot !== slot || !record.owner) {
    roll(record, slot);
    record.cachedSlot = slot;
    record.byKey = [];
    record.owner = {
      ...countersAt(record, openedAtMs, -1, slot * SLOT_MS),
      registeredAccounts: record.registeredAccounts,
    };
  }
  let key = record.byKey[keyIndex];
  if (!key) {
    const accounts = 1 + (record.registeredAccounts > 3 ? 1 : 0);
    key = {
      ...countersAt(record, openedAtMs, keyIndex, slot * SLOT_MS),
      distinctAccounts: { d90: 1, m12: 1, m60: accounts },
    };
    record.byKey[keyIndex] = key;
  }
  return { ownerStatistics: record.owner, keyStatistics: key };
}

/** Counters at the watermark; `keyIndex` -1 counts the owner over all keys. */
function countersAt(record: DictRecord, openedAtMs: number, keyIndex: number, watermarkMs: number) {
  const share = keyIndex < 0 ? 1 : 0.75 / (1 + 2 * keyIndex);
  const ageDays = Math.max(0, (watermarkMs - openedAtMs) / DAY_MS);
  const settled = (days: number) =>
    Math.floor(share * (record.settlementsPerDay * Math.min(days, ageDays) + record.seen));
  const reports = record.reports.filter(
    (report) => report.openedAtMs <= watermarkMs && (keyIndex < 0 || report.keyIndex === keyIndex),
  );
  return {
    watermark: watermarkText(watermarkMs),
    settlements: { d90: settled(90), m12: settled(365), m60: settled(1_825) },
    fraudMarkers: reports.length === 0 ? NO_MARKERS : markersAt(reports, watermarkMs),
    infractionReports: reports.length === 0 ? NO_REPORTS : reportsAt(reports, watermarkMs),
  };
}

let lastWatermark = { ms: -1, text: '' };

function watermarkText(ms: number): string {
  if (lastWatermark.ms !== ms) lastWatermark = { ms, text: instantText(ms) };
  return lastWatermark.text;
}

function markersAt(reports: Report[], watermarkMs: number) {
  const agreed = reports.filter((report) => report.agreed && report.closedAtMs <= watermarkMs);
  const of = (kind: MarkerKind) =>
    windows(
      agreed.filter((report) => report.kind === kind),
      watermarkMs,
      (within) => within.length,
    );
  return {
    applicationFrauds: of('applicationFrauds'),
    muleAccounts: of('muleAccounts'),
    scammerAccounts: of('scammerAccounts'),
    otherFrauds: of('otherFrauds'),
    unknownFrauds: NONE,
    totalFraudTransactionAmount: windows(agreed, watermarkMs, (within) =>
      Math.floor(within.reduce((sum, report) => sum + report.amountCents, 0) / 100),
    ),
    distinctFraudReporters: windows(agreed, watermarkMs, (within) => new Set(within.map((r) => r.reporter)).size),
  };
}

function reportsAt(reports: Report[], watermarkMs: number) {
  const open = reports.filter((report) => report.closedAtMs > watermarkMs);
  const rejected = reports.filter((report) => !report.agreed && report.closedAtMs <= watermarkMs);
  return {
    openReports: open.length,
    openReportsDistinctReporters: new Set(open.map((report) => report.reporter)).size,
    rejectedReports: windows(rejected, watermarkMs, (within) => within.length),
  };
}

const NONE = Object.freeze({ d90: 0, m12: 0, m60: 0 });
const NO_MARKERS = Object.freeze(markersAt([], 0));
const NO_REPORTS = Object.freeze(reportsAt([], 0));

function windows(reports: Report[], watermarkMs: number, measure: (within: Report[]) => number) {
  if (reports.length === 0) return NONE;
  const since = (days: number) => measure(reports.filter((report) => report.closedAtMs > watermarkMs - days * DAY_MS));
  return { d90: since(90), m12: since(365), m60: since(1_825) };
}

/** After an agreed report the institution may close the door: DICT then answers with a restriction. */
export function restrictedAt(record: DictRecord, atMs: number): boolean {
  for (const report of record.reports)
    if (report.blocks && report.closedAtMs <= atMs && atMs - report.closedAtMs < 60 * DAY_MS) return true;
  return false;
}
