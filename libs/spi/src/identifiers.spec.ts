import { endToEndId } from '@vigia/contracts';
import fc from 'fast-check';
import {
  isEndToEndId,
  isMessageId,
  isReturnId,
  makeEndToEndId,
  makeMessageId,
  makeReturnId,
  parseEndToEndId,
  parseReturnId,
} from './identifiers.js';

const characters = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
const ispbs = fc.string({ unit: fc.constantFrom(...characters.slice(0, 36)), minLength: 8, maxLength: 8 });
const suffixes = fc.string({ unit: fc.constantFrom(...characters), minLength: 11, maxLength: 11 });
const moments = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2099, 11) });

describe('EndToEndId and RtrId', () => {
  it('give back the parts they were made of, to the minute', () => {
    fc.assert(
      fc.property(ispbs, moments, suffixes, (ispb, atMs, suffix) => {
        const parts = { ispb, createdAtMs: atMs - (atMs % 60_000), suffix };
        const payment = makeEndToEndId({ ispb, atMs, suffix });
        const giveBack = makeReturnId({ ispb, atMs, suffix });
        expect(parseEndToEndId(payment)).toEqual(parts);
        expect(parseReturnId(giveBack)).toEqual(parts);
        expect([isEndToEndId(payment), isReturnId(giveBack)]).toEqual([true, true]);
        expect([isEndToEndId(giveBack), isReturnId(payment)]).toEqual([false, false]);
        expect(endToEndId.safeParse(payment).success).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('are in UTC', () => {
    const atMs = Date.parse('2026-11-20T20:15:04-03:00');
    expect(makeEndToEndId({ ispb: '12345678', atMs, suffix: 'aB3dE5fG7hJ' })).toBe('E12345678202611202315aB3dE5fG7hJ');
  });

  it.each([
    ['month 12, day 34, of the sample of the Banco Central', 'E9999901012341234123412345678900'],
    ['31 April', 'E12345678202604311200aaaaaaaaaaa'],
    ['29 February of a common year', 'E12345678202602291200aaaaaaaaaaa'],
    ['hour 24', 'E12345678202604302400aaaaaaaaaaa'],
    ['month 00', 'E12345678202600101200aaaaaaaaaaa'],
  ])('is well formed but has no time: %s', (_, id) => {
    expect(isEndToEndId(id)).toBe(true);
    expect(parseEndToEndId(id)).toMatchObject({ createdAtMs: null });
  });

  it.each([
    '',
    'E1234567820260430120aaaaaaaaaaaa',
    'e12345678202604301200aaaaaaaaaaa',
    'E12345678202604301200aaaaaaaaaa-',
  ])('is none: %p', (id) => {
    expect(isEndToEndId(id)).toBe(false);
    expect(parseEndToEndId(id)).toBeNull();
  });

  it('refuses parts that do not fit', () => {
    expect(() => makeEndToEndId({ ispb: '1234567', atMs: 0, suffix: 'aB3dE5fG7hJ' })).toThrow(RangeError);
    expect(() => makeReturnId({ ispb: '12345678', atMs: 0, suffix: 'short' })).toThrow(RangeError);
  });
});

describe('MsgId', () => {
  it('is M, ISPB and 23 characters', () => {
    const id = makeMessageId({ ispb: '00038166', suffix: 'abcdefghijklmnopqrstuvw' });
    expect(id).toBe('M00038166abcdefghijklmnopqrstuvw');
    expect(isMessageId(id)).toBe(true);
    expect(isMessageId(id.slice(1))).toBe(false);
    expect(() => makeMessageId({ ispb: '00038166', suffix: 'x' })).toThrow(RangeError);
  });
});
