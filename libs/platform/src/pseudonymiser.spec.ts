import { createHmac, randomBytes } from 'node:crypto';
import { payment, pseudonymousPayment } from '@vigia/contracts';
import { paymentBuilder } from '@vigia/testing';
import fc from 'fast-check';
import { Pseudonymiser, type IdentifierKind } from './pseudonymiser.js';

const secret = Buffer.alloc(32, 7);
const pseudonymiser = new Pseudonymiser({ version: 1, secret });

/** Values that stand nowhere else in a payment. */
const PLANTED = {
  payerTaxId: '11144477735',
  payeeTaxId: '11222333000181',
  initiatorTaxId: '52998224725',
  payerAccount: '918273645',
  payeeAccount: 'X77Y88Z99',
  payerName: 'Maria das Dores',
  payeeName: 'Loja do Zé',
  key: 'ze@loja.example',
  deviceId: 'device-5f3a',
  ip: '203.0.113.77',
  remittance: 'aluguel da Maria',
  txId: 'TX424242',
};

const clear = payment.parse(
  paymentBuilder({
    initiatorTaxId: PLANTED.initiatorTaxId,
    remittanceInformation: PLANTED.remittance,
    txId: PLANTED.txId,
    payer: { taxId: PLANTED.payerTaxId, name: PLANTED.payerName, account: { number: PLANTED.payerAccount } },
    payee: {
      taxId: PLANTED.payeeTaxId,
      name: PLANTED.payeeName,
      key: PLANTED.key,
      account: { number: PLANTED.payeeAccount, type: 'TRAN' },
    },
    device: { id: PLANTED.deviceId, ip: PLANTED.ip, registered: true },
    session: { channel: 'app' },
    dict: { accountOpenedAt: '2026-11-01T00:00:00.000Z' },
  }),
);

test('nothing of a person stands in the result, and it fits its schema', () => {
  const result = pseudonymiser.payment(clear);
  const text = JSON.stringify(result);
  for (const value of Object.values(PLANTED)) expect(text).not.toContain(value);
  expect(pseudonymousPayment.safeParse(result).error).toBeUndefined();
});

test('what is no identifier is kept', () => {
  expect(pseudonymiser.payment(clear)).toMatchObject({
    endToEndId: clear.endToEndId,
    amountCents: 95_000,
    acceptedAtMs: Date.parse(clear.acceptedAt),
    hasTxId: true,
    hasRemittanceInformation: true,
    payer: { legalPerson: false, taxIdValid: true, accountType: 'CACC' },
    payee: { legalPerson: true, taxIdValid: true, accountType: 'TRAN', keyType: 'EMAIL' },
    device: { registered: true },
    session: { channel: 'app' },
    dict: { accountOpenedAt: '2026-11-01T00:00:00.000Z' },
  });
});

test('absent parts stay absent', () => {
  const { initiatorTaxId, remittanceInformation, txId, device, session, dict, ...rest } = clear;
  void [initiatorTaxId, remittanceInformation, txId, device, session, dict];
  const result = pseudonymiser.payment({ ...rest, payee: { ...rest.payee, key: undefined } as typeof rest.payee });
  expect(Object.keys(result)).not.toEqual(expect.arrayContaining(['device']));
  for (const part of ['initiator', 'device', 'session', 'dict']) expect(result).not.toHaveProperty(part);
  expect(result.payee).not.toHaveProperty('key');
  expect([result.hasTxId, result.hasRemittanceInformation]).toEqual([false, false]);
});

test('the same account is the same token in every payment, another branch or type is another', () => {
  const account = (changed: object) =>
    pseudonymiser.payment({ ...clear, payer: { ...clear.payer, account: { ...clear.payer.account, ...changed } } })
      .payer.account;
  expect(account({})).toBe(account({}));
  expect(new Set([account({}), account({ branch: '0002' }), account({ type: 'SVGS' })]).size).toBe(3);
});

test('a token is HMAC-SHA256 under the secret, for any value and any length of secret', () => {
  const kinds = fc.constantFrom<IdentifierKind>('person', 'account', 'key', 'device', 'ip');
  fc.assert(
    fc.property(
      kinds,
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.integer({ min: 32, max: 100 }),
      (kind, value, n) => {
        const key = randomBytes(n);
        const expected = createHmac('sha256', key).update(`${kind}\0${value}`).digest('base64url').slice(0, 22);
        expect(new Pseudonymiser({ version: 12, secret: key }).token(kind, value)).toBe(`k12.${expected}`);
      },
    ),
  );
});

test('kind, version and secret each change the token', () => {
  const other = new Pseudonymiser({ version: 1, secret: Buffer.alloc(32, 8) });
  const later = new Pseudonymiser({ version: 2, secret });
  const tokens = [pseudonymiser.token('person', 'x'), pseudonymiser.token('key', 'x'), other.token('person', 'x')];
  expect(new Set(tokens).size).toBe(3);
  expect(later.token('person', 'x')).toMatch(/^k2\./);
});

test('a long value does not change the tokens after it', () => {
  const before = pseudonymiser.token('device', 'short');
  pseudonymiser.token('device', 'é'.repeat(300));
  expect(pseudonymiser.token('device', 'short')).toBe(before);
});

test('a short secret and a version out of range are refused', () => {
  expect(() => new Pseudonymiser({ version: 1, secret: Buffer.alloc(31) })).toThrow('at least 32');
  for (const version of [0, 10_000, 1.5]) expect(() => new Pseudonymiser({ version, secret })).toThrow('1 to 9999');
});
