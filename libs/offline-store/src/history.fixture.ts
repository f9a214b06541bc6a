import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PseudonymousPayment } from '@vigia/contracts';
import { HANDBOOK } from '@vigia/features';
import { pseudonymousPaymentBuilder, testPseudonym } from '@vigia/testing';
import { OfflineStore, type Limits } from './offline-store.js';
import type { TrainingSetOptions } from './training-set.js';

export const START_MS = Date.parse('2026-08-01T03:00:00.000Z');
export const HOUR_MS = 3_600_000;

/** An hour apart, among ten payers and five payees. */
export function payments(count: number): PseudonymousPayment[] {
  return Array.from({ length: count }, (_, i) =>
    pseudonymousPaymentBuilder({
      endToEndId: `E12345678202608010300${String(i).padStart(11, '0')}`,
      acceptedAtMs: START_MS + i * HOUR_MS,
      amountCents: 100 + i,
      payer: { person: testPseudonym(`payer ${i % 10}`) },
      payee: { person: testPseudonym(`payee ${i % 5}`) },
    }),
  );
}

const folders: string[] = [];
afterAll(() => folders.splice(0).forEach((path) => rmSync(path, { recursive: true, force: true })));

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'vigia-offline-test-'));
  folders.push(path);
  return path;
}

/** Loads so many payments, a second apart, in the order that is asked for; every seventh has a label. */
export async function loadMany(store: OfflineStore, count: number, order = 'i'): Promise<void> {
  (await store.load(HANDBOOK)).close();
  await store.run(`INSERT INTO payments SELECT 2 * i, concat('E', i), ${START_MS} + 1000 * (i // 3), 100 + i % 977, TRUE,
    concat('payer ', i % 5000), concat('payee ', i % 9000) FROM range(${count}) AS t(i) ORDER BY ${order}`);
  await store.run(`INSERT INTO labels SELECT 2 * i + 100001, concat('E', i), i % 3 = 0
    FROM range(0, ${count}, 7) AS t(i) ORDER BY ${order}`);
}

export function openStore(limits: Partial<Limits> = {}): Promise<OfflineStore> {
  return OfflineStore.open({ memoryLimitMb: 500, threads: 2, temporaryDirectory: folder(), ...limits });
}

/** A store with these payments and every tenth labelled as fraud a day after it, computed. */
export async function computed(count: number): Promise<OfflineStore> {
  const store = await openStore();
  const loader = await store.load(HANDBOOK);
  payments(count).forEach((payment, i) => {
    loader.payment(payment, arrivalOf(payment.acceptedAtMs));
    if (i % 10 === 0) loader.label(payment.endToEndId, true, arrivalOf(payment.acceptedAtMs + 24 * HOUR_MS) + 1);
  });
  loader.close();
  await store.compute(HANDBOOK);
  return store;
}

export const arrivalOf = (ms: number): number => ms * 1_000;

export function optionsOf(count: number, changes: Partial<TrainingSetOptions> = {}): TrainingSetOptions {
  return {
    set: HANDBOOK,
    directory: join(folder(), 'set'),
    fromMs: START_MS,
    toMs: START_MS + count * HOUR_MS,
    labelCutOffMs: START_MS + 2 * count * HOUR_MS,
    labelCutOffArrival: null,
    labelDelayMs: 24 * HOUR_MS,
    genuineShare: 1,
    seed: 1,
    ...changes,
  };
}
