import type { InitiationForm } from '@vigia/contracts';
import type { Account } from './account.js';
import type { AmountStyle } from './amounts.js';
import type { Customer, Device } from './customer.js';

export const SCENARIO_NAMES = [
  'fake_bank_employee',
  'ghost_hand',
  'account_takeover',
  'qr_tampering',
  'mule_chain',
  'lightning_kidnapping',
  'wrong_pix',
  'fake_seller',
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** What no system sees. */
export interface Truth {
  fraud: boolean;
  /** The typology when it is fraud. */
  scenario: ScenarioName | null;
  /** The gang behind it. */
  ring?: number;
  /** Which unusual but honest thing it is, such as `new_phone`; null for everyday payments and for fraud. */
  lookAlike: string | null;
}

/**
 * What is unusual about the moment of a payment. Parts left out follow the customer's habits; honest and criminal
 * circumstances are of this one type and are written by the same code, so that no field betrays one by its presence.
 */
export interface Circumstances {
  device?: Device;
  /** One session for a run of payments. */
  sessionStartedAtMs?: number;
  remoteAccess?: boolean;
  screenShare?: boolean;
  accessibility?: boolean;
  onCall?: boolean;
  keyPasted?: boolean;
  anonymousNetwork?: boolean;
  ip?: string;
  /** Added to the anomaly of touch and typing. */
  anomaly?: number;
  failedAuthentications?: number;
  authentication?: 'password' | 'biometrics' | 'token';
  distanceKm?: number;
  /** These three stay with the customer from then on. */
  simChangedAtMs?: number;
  credentialResetAtMs?: number;
  limitRaisedAtMs?: number;
}

/** A payment before it happens; balances and counters are read when it does. */
export interface Plan {
  atMs: number;
  payer: Account;
  payee: Account;
  /** The payer's habits and channel; null when the payment arrives from another institution. */
  customer: Customer | null;
  amountCents: number;
  /** Instead of an amount: this share of the balance at that moment. */
  balanceShare?: number;
  /** With balanceShare: never more than this. */
  atMostCents?: number;
  style: AmountStyle;
  form: InitiationForm;
  scheduled?: boolean;
  trusted?: boolean;
  cash?: boolean;
  circumstances: Circumstances | null;
  truth: Truth;
  /** Somebody contests an honest payment: regret, quarrel, abuse of the MED. */
  contested?: boolean;
}

export const EVERYDAY: Truth = Object.freeze({ fraud: false, scenario: null, lookAlike: null });

export function lookAlike(name: string): Truth {
  return { fraud: false, scenario: null, lookAlike: name };
}
