import { z } from 'zod';
import { instant } from './identifiers.js';

const counter = z.int().min(0).max(1_000_000_000_000);

/** A DICT counter over the last 90 days and the last 12 and 60 whole months (DICT API 2.12.1). */
const windowed = z.strictObject({ d90: counter, m12: counter, m60: counter }).partial();

const fraudMarkers = z
  .strictObject({
    applicationFrauds: windowed,
    muleAccounts: windowed,
    scammerAccounts: windowed,
    otherFrauds: windowed,
    unknownFrauds: windowed,
    totalFraudTransactionAmount: windowed,
    distinctFraudReporters: windowed,
  })
  .partial();

const infractionReports = z
  .strictObject({ openReports: counter, openReportsDistinctReporters: counter, rejectedReports: windowed })
  .partial();

/** `PersonStatistics` of DICT: the payee as a person. */
export const dictOwnerStatistics = z
  .strictObject({
    watermark: instant,
    settlements: windowed,
    fraudMarkers,
    infractionReports,
    registeredAccounts: counter,
  })
  .partial();

/** `KeyStatistics` of DICT: the Pix key. */
export const dictKeyStatistics = z
  .strictObject({
    watermark: instant,
    settlements: windowed,
    fraudMarkers,
    infractionReports,
    distinctAccounts: windowed,
  })
  .partial();

/** Errors of DICT that are a verdict on the payee (DICT API 2.12.1). */
export const dictRestriction = z.enum([
  'entry_with_fraud_related_restriction',
  'user_or_account_with_fraud_related_restriction',
  'entry_blocked',
  'tax_id_number_blocked',
]);

/** What the DICT look-up of the payee's key answered. Absent for payments by account data and inside one institution. */
export const dictEntry = z
  .strictObject({
    lookedUpAt: instant,
    accountOpenedAt: instant,
    keyCreatedAt: instant,
    keyOwnedSince: instant,
    openClaimAt: instant,
    restriction: dictRestriction,
    ownerStatistics: dictOwnerStatistics,
    keyStatistics: dictKeyStatistics,
  })
  .partial();
export type DictEntry = z.infer<typeof dictEntry>;
