import fc from 'fast-check';
import { alphanumeric, cnpj, cpf, uuid } from './identity.js';
import { Random } from './random.js';

/** Receita Federal: the sum of the characters' values by weight, both check digits included, is judged modulo 11. */
function digitsFit(taxId: string, weights: number[]): boolean {
  const digit = (length: number) => {
    const some = weights.slice(weights.length - length);
    const sum = some.reduce((total, weight, i) => total + weight * (taxId.charCodeAt(i) - 48), 0);
    return sum % 11 < 2 ? 0 : 11 - (sum % 11);
  };
  const body = taxId.length - 2;
  return taxId.endsWith(`${digit(body)}${digit(body + 1)}`);
}

test('known numbers have their check digits', () => {
  // 12.ABC.345/01DE-35 is the example of the Receita Federal for letters; Banco do Brasil has 00.000.000/0001-91.
  expect(digitsFit('12ABC34501DE35', [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])).toBe(true);
  expect(digitsFit('00000000000191', [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])).toBe(true);
});

test('tax ids have valid check digits and never repeat', () => {
  fc.assert(
    fc.property(fc.nat(50_000_000), fc.boolean(), (serial, letters) => {
      expect(digitsFit(cpf(serial), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])).toBe(true);
      expect(digitsFit(cnpj(serial, letters), [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])).toBe(true);
      expect(cpf(serial)).not.toBe(cpf(serial + 1));
    }),
    { numRuns: 300 },
  );
  expect(new Set(Array.from({ length: 20_000 }, (_, serial) => cpf(serial))).size).toBe(20_000);
});

test('keys and suffixes have their form', () => {
  const random = new Random(3);
  for (let i = 0; i < 200; i++) {
    expect(uuid(random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(alphanumeric(random, 11)).toMatch(/^[A-Za-z0-9]{11}$/);
  }
});
