import type { AccountType, KeyType } from '@vigia/contracts';
import { DAY_MS } from './calendar.js';
import type { Customer } from './customer.js';
import { newDictRecord, type DictRecord } from './dict-record.js';
import { alphanumeric, cnpj, companyName, cpf, digits, otherIspb, OWN_ISPB, personName, uuid } from './identity.js';
import type { Random } from './random.js';

export interface PixKey {
  value: string;
  type: KeyType;
  createdAtMs: number;
  ownedSinceMs: number;
}

/** An account that pays or is paid: a person or a company at one institution. */
export interface Account {
  taxId: string;
  legalPerson: boolean;
  name: string;
  ispb: string;
  number: string;
  branch: string | null;
  type: AccountType;
  openedAtMs: number;
  keys: PixKey[];
  /** Median of what this account is paid at once, cents; used for shops. */
  priceCents: number;
  dict: DictRecord;
  /** Set when the account is at our institution. */
  customer: Customer | null;
}

export interface AccountOptions {
  legalPerson: boolean;
  ours: boolean;
  openedAtMs: number;
  /** Payments that the account receives a day in the whole country. */
  settlementsPerDay: number;
  nowMs: number;
}

/** First CNPJs with letters (Receita Federal, July 2026). */
const LETTERS_SINCE_MS = Date.UTC(2026, 6, 1);

/** Opens accounts; numbers each person, so that no tax id repeats. */
export class Registry {
  private serial: number;

  constructor(private readonly random: Random) {
    this.serial = random.below(1_000_000);
  }

  open(options: AccountOptions): Account {
    const { random } = this;
    const { legalPerson, ours, openedAtMs } = options;
    const serial = this.serial++;
    const taxId = legalPerson ? cnpj(serial, openedAtMs > LETTERS_SINCE_MS && random.chance(0.3)) : cpf(serial);
    return {
      taxId,
      legalPerson,
      name: legalPerson ? companyName(random) : personName(random),
      ispb: ours ? OWN_ISPB : otherIspb(random),
      number: digits(random, random.integer(5, 9)),
      branch: ours || random.chance(0.6) ? '0001' : random.chance(0.9) ? digits(random, 4) : null,
      type: ours || random.chance(0.45) ? 'TRAN' : random.chance(0.88) ? 'CACC' : 'SVGS',
      openedAtMs,
      keys: this.keys(taxId, options),
      priceCents: Math.round(random.logNormal(4_500, 0.9)),
      dict: newDictRecord(random, options.settlementsPerDay, options.nowMs),
      customer: null,
    };
  }

  private keys(taxId: string, options: AccountOptions): PixKey[] {
    const keys: PixKey[] = [];
    const count = this.random.chance(0.45) ? 1 : this.random.integer(2, 3);
    for (let i = 0; i < count; i++) keys.push(this.key(taxId, options.openedAtMs, options.nowMs));
    return keys;
  }

  /** A key registered some time after the account was opened; half of them soon after. */
  key(taxId: string, openedAtMs: number, nowMs: number): PixKey {
    const { random } = this;
    const spanMs = Math.max(0, nowMs - openedAtMs);
    const afterMs = random.chance(0.5) ? Math.min(spanMs, random.exponential(4 * DAY_MS)) : random.unit() * spanMs;
    const createdAtMs = Math.floor(openedAtMs + afterMs);
    const type = keyTypeOf(random, taxId.length === 14, /[A-Z]/.test(taxId));
    return {
      value: keyValue(random, type, taxId),
      type,
      createdAtMs,
      ownedSinceMs: random.chance(0.06) ? Math.floor(random.between(createdAtMs, nowMs)) : createdAtMs,
    };
  }
}

function keyTypeOf(random: Random, legalPerson: boolean, lettered: boolean): KeyType {
  const draw = random.unit();
  if (legalPerson) return draw < 0.3 && !lettered ? 'CNPJ' : draw < 0.75 ? 'EVP' : draw < 0.88 ? 'EMAIL' : 'PHONE';
  return draw < 0.28 ? 'CPF' : draw < 0.55 ? 'PHONE' : draw < 0.73 ? 'EMAIL' : 'EVP';
}

function keyValue(random: Random, type: KeyType, taxId: string): string {
  if (type === 'CPF' || type === 'CNPJ') return taxId;
  if (type === 'PHONE') return `+55${random.integer(11, 99)}9${digits(random, 8)}`;
  if (type === 'EMAIL') return `${alphanumeric(random, 10).toLowerCase()}@example.com`;
  return uuid(random);
}

/** Makes `key` the main key of the account. */
export function addKey(account: Account, key: PixKey): void {
  account.keys.unshift(key);
  account.dict.cachedSlot = -1;
  for (const report of account.dict.reports) report.keyIndex++;
}
