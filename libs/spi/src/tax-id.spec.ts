import fc from 'fast-check';
import { isLegalPerson, taxIdCheckDigitsValid } from './tax-id.js';

describe('check digits', () => {
  it.each([
    ['CPF', '52998224725'],
    ['CPF whose digits come from a rest below 2', '11144477735'],
    ['CNPJ of the Banco do Brasil', '00000000000191'],
    ['CNPJ', '11222333000181'],
    ['alphanumeric CNPJ, the example of the Receita Federal', '12ABC34501DE35'],
  ])('fit: %s', (_, taxId) => expect(taxIdCheckDigitsValid(taxId)).toBe(true));

  it.each([
    ['one digit repeated', '11111111111'],
    ['all zeros', '00000000000000'],
    ['punctuation', '529.982.247-25'],
    ['lower case', '12abc34501de35'],
    ['letter as check digit', '12ABC34501DE3F'],
    ['neither length', '529982247'],
    ['nothing', ''],
  ])('do not fit: %s', (_, taxId) => expect(taxIdCheckDigitsValid(taxId)).toBe(false));

  it.each(['52998224725', '11222333000181', '12ABC34501DE35'])('find any single changed digit of %s', (taxId) => {
    fc.assert(
      fc.property(fc.nat(taxId.length - 1), fc.integer({ min: 0, max: 9 }), (at, digit) => {
        fc.pre(/[0-9]/.test(taxId[at]!) && taxId[at] !== String(digit));
        expect(taxIdCheckDigitsValid(`${taxId.slice(0, at)}${digit}${taxId.slice(at + 1)}`)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});

it('tells a legal from a natural person', () => {
  expect([isLegalPerson('12ABC34501DE35'), isLegalPerson('52998224725')]).toEqual([true, false]);
});
