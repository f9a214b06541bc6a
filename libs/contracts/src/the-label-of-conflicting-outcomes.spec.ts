import fc from 'fast-check';
import { SOURCE_RANKS, labelOf } from './label.js';
import type { Outcome } from './outcome.js';

type Word = Pick<Outcome, 'source' | 'result' | 'knownAt'>;

const sources = Object.keys(SOURCE_RANKS) as Outcome['source'][];
const at = (minute: number): string => new Date(Date.UTC(2026, 10, 20) + minute * 60_000).toISOString();
const result = fc.constantFrom<Outcome['result']>('open', 'agreed', 'disagreed');
const word = fc.record({ source: fc.constantFrom(...sources), result, knownAt: fc.nat({ max: 500 }).map(at) });
/** No two known at the same moment. */
const words = fc.uniqueArray(word, { selector: ({ knownAt }) => knownAt, maxLength: 12 });

test('the order in which words are read changes nothing', () => {
  const shuffled = words.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(fc.property(shuffled, ([list, other]) => expect(labelOf(other)).toEqual(labelOf(list))));
});

test('the label is a word that decides, and none that decides weighs more or came later with the same weight', () => {
  fc.assert(
    fc.property(words, (list) => {
      const deciding = list.filter((each) => each.result !== 'open');
      const label = labelOf(list);
      if (label === undefined) return expect(deciding).toEqual([]);
      expect(deciding).toContainEqual(label);
      for (const other of deciding) {
        expect(SOURCE_RANKS[other.source]).toBeLessThanOrEqual(SOURCE_RANKS[label.source]);
        if (other.source === label.source) expect(other.knownAt <= label.knownAt).toBe(true);
      }
    }),
  );
});

test('a word of less weight, or one that is open, never changes the label', () => {
  fc.assert(
    fc.property(words, word, (list, more) => {
      const label = labelOf(list);
      fc.pre(label !== undefined);
      const isLess = more.result === 'open' || SOURCE_RANKS[more.source] < SOURCE_RANKS[label!.source];
      fc.pre(isLess);
      expect(labelOf([...list, more])).toEqual(label);
    }),
  );
});

test('of two at the same moment with the same weight the one recorded last counts', () => {
  const said = (value: Outcome['result']): Word => ({ source: 'analyst', result: value, knownAt: at(0) });
  expect(labelOf([said('agreed'), said('disagreed')])?.result).toBe('disagreed');
});

test('the MED before the analyst before the customer, whoever spoke last', () => {
  const med: Word = { source: 'med', result: 'agreed', knownAt: at(0) };
  const analyst: Word = { source: 'analyst', result: 'disagreed', knownAt: at(1) };
  const customer: Word = { source: 'customer', result: 'agreed', knownAt: at(2) };
  expect(labelOf([med, analyst, customer])).toBe(med);
  expect(labelOf([customer, analyst])).toBe(analyst);
  expect(labelOf([customer])).toBe(customer);
});
