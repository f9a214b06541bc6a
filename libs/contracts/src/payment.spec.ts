import fc from 'fast-check';
import { fromCents, toCents } from './money.js';
import { payment, type PaymentInput } from './payment.js';

const valid: PaymentInput = {
  endToEndId: 'E12345678202611202315aB3dE5fG7hJ',
  amount: '950.00',
  acceptedAt: '2026-11-20T23:15:03.900Z',
  initiationForm: 'DICT',
  payer: { taxId: '52998224725', ispb: '12345678', account: { number: '123456', branch: '1', type: 'TRAN' } },
  payee: {
    taxId: '11222333000181',
    ispb: '8765432A',
    account: { number: '654321', type: 'CACC' },
    key: '+5561999990000',
  },
};

/** Field and message of the first complaint, or null. */
const complaint = (change: object): string | null => {
  const result = payment.safeParse({ ...valid, ...change });
  if (result.success) return null;
  const issue = result.error.issues[0]!;
  return `${issue.path.join('.')}: ${issue.message}`;
};

describe('payment', () => {
  it('fills what has a default', () => {
    expect(payment.parse(valid)).toMatchObject({ side: 'payer', purpose: 'IPAY', priority: 'PAGPRI' });
  });

  it.each([
    ['zero', { amount: '0.00' }, 'amount: must be at least "0.01"'],
    ['negative', { amount: '-1.00' }, 'amount: must be reais'],
    ['three decimals', { amount: '1.000' }, 'amount: must be reais'],
    ['above 18 digits', { amount: '12345678901234567.00' }, 'amount: must be reais'],
    ['above what a double holds', { amount: '9999999999999999.99' }, 'amount: is above'],
    ['a number', { amount: 950 }, 'amount: must be a string with two decimals'],
  ])('refuses an amount that is %s', (_, change, expected) => {
    expect(complaint(change)).toContain(expected);
  });

  it.each([
    ['an unknown field', { colour: 'red' }, 'colour'],
    ['a wrong initiation form', { initiationForm: 'FAX' }, 'initiationForm'],
    ['an instant without zone', { acceptedAt: '2026-11-20T23:15:03.900' }, 'acceptedAt: must be a UTC instant'],
    ['a short EndToEndId', { endToEndId: 'E123' }, 'endToEndId: must be E + ISPB'],
    ['a tax id with punctuation', { payer: { ...valid.payer, taxId: '529.982.247-25' } }, 'payer.taxId: must be a CPF'],
    [
      'an ISPB with a small letter',
      { payee: { ...valid.payee, ispb: '8765432a' } },
      'payee.ispb: must be 8 characters',
    ],
    ['no payer', { payer: undefined }, 'payer'],
    ['an unknown signal', { device: { id: 'd', colour: 'red' } }, 'colour'],
  ])('refuses %s by name', (_, change, expected) => {
    expect(complaint(change)).toContain(expected);
  });

  it('accepts the alphanumeric CNPJ and a payment without any optional part', () => {
    expect(complaint({ payee: { ...valid.payee, taxId: '12ABC34501DE35', key: undefined } })).toBeNull();
  });
});

describe('money', () => {
  it('goes to cents and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (cents) => {
        expect(toCents(fromCents(cents))).toBe(cents);
      }),
    );
    expect(fromCents(5)).toBe('0.05');
    expect(toCents('950.00')).toBe(95_000);
  });
});
