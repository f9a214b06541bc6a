import { fromCents, type DictEntry, type PaymentInput } from '@vigia/contracts';
import type { Account, PixKey } from './account.js';
import { naturalAmount } from './amounts.js';
import { instantText, MINUTE_MS } from './calendar.js';
import type { Customer } from './customer.js';
import { restrictedAt, settle, statisticsAt } from './dict-record.js';
import { alphanumeric, cnpj, OWN_ISPB } from './identity.js';
import { prepareForLimits } from './limits.js';
import type { Plan } from './plan.js';
import type { Random } from './random.js';
import { deviceOf, deviceSignals, sessionSignals } from './signals.js';

/** Payment initiators that do not exist. */
const INITIATORS = [1, 2, 3].map((serial) => cnpj(serial, false));

const KEYED = new Set(['DICT', 'QRDN', 'QRES', 'APDN', 'APES', 'INIC']);

/** Turns a plan into the payment that a channel would send, and carries out what it does to balances and counters. */
export function realize(random: Random, plan: Plan): PaymentInput {
  const { customer, payer, payee, atMs } = plan;
  persist(plan);
  const amountCents = amountOf(random, plan);
  if (customer && customer.balanceCents < amountCents) topUp(random, customer, amountCents);
  const keyIndex = payee.keys.length === 1 || random.chance(0.7) ? 0 : random.below(payee.keys.length);
  const key = KEYED.has(plan.form) ? payee.keys[keyIndex] : undefined;
  const lookedUpAtMs = atMs - Math.floor(Math.min(random.exponential(20_000), 20 * MINUTE_MS));
  const initiator = plan.form === 'INIC' ? random.pick(INITIATORS) : undefined;
  const payment: PaymentInput = {
    endToEndId: endToEndId(random, initiator ? initiator.slice(0, 8) : payer.ispb, lookedUpAtMs),
    side: customer ? 'payer' : 'payee',
    amount: fromCents(amountCents),
    acceptedAt: instantText(atMs),
    initiationForm: plan.form,
    purpose: plan.cash ? 'OTHR' : 'IPAY',
    priority: plan.scheduled || plan.form === 'AUTO' ? 'PAGAGD' : 'PAGPRI',
    payer: partyOf(payer, true),
    payee: partyOf(payee, key !== undefined),
  };
  if (key) payment.payee.key = key.value;
  if (initiator) payment.initiatorTaxId = initiator;
  const txId = txIdOf(random, plan);
  if (txId) payment.txId = txId;
  if (random.chance(0.08)) payment.remittanceInformation = random.pick(REMITTANCES);
  const dict = dictOf(random, plan, key, keyIndex, lookedUpAtMs);
  if (dict) payment.dict = dict;
  if (customer) addChannel(random, plan, payment, amountCents);
  book(plan, amountCents);
  return payment;
}

const REMITTANCES = [
  'aluguel',
  'pagamento',
  'pedido',
  'parcela',
  'almoço',
  'presente',
  'serviço',
  'mensalidade',
  'obrigado',
];

function persist(plan: Plan): void {
  const { customer, circumstances: what } = plan;
  if (!customer || !what) return;
  if (what.simChangedAtMs) customer.simChangedAtMs = what.simChangedAtMs;
  if (what.credentialResetAtMs) customer.credentialResetAtMs = what.credentialResetAtMs;
  if (what.limitRaisedAtMs) customer.limitRaisedAtMs = what.limitRaisedAtMs;
}

function amountOf(random: Random, plan: Plan): number {
  if (plan.balanceShare === undefined) return plan.amountCents;
  const wanted = Math.max(500, (plan.customer?.balanceCents ?? plan.amountCents) * plan.balanceShare);
  return naturalAmount(random, Math.min(wanted, plan.atMostCents ?? Infinity), plan.style);
}

function endToEndId(random: Random, prefix: string, atMs: number): string {
  const text = instantText(atMs);
  const minute = text.slice(0, 4) + text.slice(5, 7) + text.slice(8, 10) + text.slice(11, 13) + text.slice(14, 16);
  return `E${prefix}${minute}${alphanumeric(random, 11)}`;
}

function partyOf(account: Account, named: boolean): PaymentInput['payee'] {
  const party: PaymentInput['payee'] = {
    taxId: account.taxId,
    ispb: account.ispb,
    account: { number: account.number, type: account.type },
  };
  if (account.branch !== null) party.account.branch = account.branch;
  if (named) party.name = account.name;
  return party;
}

/** Lengths by form as catalogue 5.13 has them; MANU and DICT carry none. */
function txIdOf(random: Random, plan: Plan): string | undefined {
  switch (plan.form) {
    case 'QRDN':
    case 'APDN':
      return alphanumeric(random, random.integer(26, 35));
    case 'INIC':
      return alphanumeric(random, random.integer(8, 25));
    case 'AUTO':
      return alphanumeric(random, 29);
    case 'QRES':
    case 'APES':
      return random.chance(0.55) ? alphanumeric(random, random.integer(4, 25)) : undefined;
    default:
      return undefined;
  }
}

/** Book transfers and typed accounts ask DICT nothing; the payee's side knows the account, but no statistics. */
function dictOf(
  random: Random,
  plan: Plan,
  key: PixKey | undefined,
  keyIndex: number,
  lookedUpAtMs: number,
): DictEntry | undefined {
  const { payer, payee, customer } = plan;
  if (!key || payer.ispb === payee.ispb || random.chance(0.01)) return undefined;
  const entry: DictEntry = {
    accountOpenedAt: instantText(payee.openedAtMs),
    keyCreatedAt: instantText(key.createdAtMs),
    keyOwnedSince: instantText(key.ownedSinceMs),
  };
  if (!customer) return random.chance(0.7) ? entry : undefined;
  if (restrictedAt(payee.dict, lookedUpAtMs)) entry.restriction = 'user_or_account_with_fraud_related_restriction';
  entry.lookedUpAt = instantText(lookedUpAtMs);
  if (random.chance(0.0015)) entry.openClaimAt = instantText(lookedUpAtMs - random.integer(1, 6) * 86_400_000);
  if (random.chance(0.93)) {
    const statistics = statisticsAt(payee.dict, payee.openedAtMs, keyIndex, lookedUpAtMs);
    entry.ownerStatistics = statistics.ownerStatistics;
    entry.keyStatistics = statistics.keyStatistics;
  }
  return entry;
}

function addChannel(random: Random, plan: Plan, payment: PaymentInput, amountCents: number): void {
  const customer = plan.customer!;
  const used = deviceOf(random, plan);
  prepareForLimits(random, customer, used, { atMs: plan.atMs, amountCents, trusted: plan.trusted ?? false });
  const device = deviceSignals(random, plan, used);
  if (device) payment.device = device;
  const session = sessionSignals(random, plan);
  if (!session) return;
  session.balance = fromCents(customer.balanceCents);
  if (customer.nightLimitCents > 0) session.nightLimit = fromCents(customer.nightLimitCents);
  payment.session = session;
}

/** Money that came by other ways than Pix: savings, salary, card receivables. */
function topUp(random: Random, customer: Customer, amountCents: number): void {
  customer.balanceCents = Math.round(
    amountCents * (1.005 + random.exponential(0.5)) + random.exponential(0.15) * customer.incomeCents,
  );
}

function book(plan: Plan, amountCents: number): void {
  if (plan.customer) plan.customer.balanceCents = Math.max(0, plan.customer.balanceCents - amountCents);
  const receiver = plan.payee.customer;
  if (receiver) receiver.balanceCents += amountCents;
  if (plan.payer.ispb !== OWN_ISPB || plan.payee.ispb !== OWN_ISPB) settle(plan.payee.dict, plan.atMs, 1);
}
