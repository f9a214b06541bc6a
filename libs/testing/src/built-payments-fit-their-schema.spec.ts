import { payment, pseudonymousPayment } from '@vigia/contracts';
import fc from 'fast-check';
import { cnpj, cpf } from './tax-id.js';
import { paymentBuilder, pseudonymousPaymentBuilder } from './payment-builder.js';

test('a built payment fits its schema', () => {
  expect(payment.safeParse(paymentBuilder()).error).toBeUndefined();
  expect(pseudonymousPayment.safeParse(pseudonymousPaymentBuilder()).error).toBeUndefined();
});

test('an override reaches a nested field and leaves its neighbours', () => {
  const built = paymentBuilder({ payee: { account: { type: 'SVGS' } } });
  expect(built.payee.account).toEqual({ number: '2000002', type: 'SVGS' });
});

test('two built payments have different EndToEndIds, in the minute of acceptedAt', () => {
  const [one, other] = [0, 1].map(() => paymentBuilder({ acceptedAt: '2025-01-31T00:01:02.003Z' }).endToEndId);
  expect(one).not.toBe(other);
  expect(one!.slice(9, 21)).toBe('202501310001');
});

test('check digits agree with published examples', () => {
  // 111.444.777-35 is the usual worked example of a CPF; 11.222.333/0001-81 that of a CNPJ.
  expect(cpf(111_444_777 - 100_000_000)).toBe('11144477735');
  expect(cnpj(11_222_333 - 10_000_000)).toBe('11222333000181');
});

test('tax ids fit the schema for any number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 89_999_999 }), (n) => {
      const built = paymentBuilder({ payer: { taxId: cpf(n) }, payee: { taxId: cnpj(n) } });
      return payment.safeParse(built).success;
    }),
  );
});
