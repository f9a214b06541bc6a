import { Fault } from '@vigia/contracts';
import fc from 'fast-check';
import { MAX_JSON_DEPTH, parseJsonBody } from './json-body.js';

const parse = (text: string) => parseJsonBody(Buffer.from(text));
const refusal = (body: Buffer): string => {
  try {
    parseJsonBody(body);
  } catch (error) {
    if (error instanceof Fault && error.code === 'malformed_json') return error.message;
    throw error;
  }
  throw new Error('the body was accepted');
};

test('any JSON comes out as JSON.parse would have it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 10 }), (text) => {
      // A generated key may be __proto__, which is refused on purpose.
      fc.pre(!text.includes('"__proto__"'));
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('32 levels are read and 33 are not, of any mix of objects and arrays', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: MAX_JSON_DEPTH, maxLength: MAX_JSON_DEPTH + 1 }), (arrays) => {
      const text = arrays.reduce((inner, array) => (array ? `[${inner}]` : `{"a":${inner}}`), '1');
      if (arrays.length <= MAX_JSON_DEPTH) expect(parse(text)).toEqual(JSON.parse(text));
      else expect(refusal(Buffer.from(text))).toContain('nested deeper than 32');
    }),
  );
});

test('brackets inside strings are no nesting', () => {
  const text = JSON.stringify({ a: '['.repeat(100), b: '\\"{{'.repeat(50) });
  expect(parse(text)).toEqual(JSON.parse(text));
});

test('a body of brackets only is refused without recursion', () => {
  expect(refusal(Buffer.alloc(1_000_000, '['))).toContain('nested deeper');
});

test('bytes that are not UTF-8 are refused, not replaced', () => {
  expect(refusal(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toContain('UTF-8');
});

test('an empty body is refused', () => {
  expect(refusal(Buffer.alloc(0))).toContain('empty');
});

test('the place of an error is told, the body is not', () => {
  expect(refusal(Buffer.from('{"taxId": 11144477735x}'))).toMatch(/not valid JSON at (position 21|line 1 column 22)/);
  expect(refusal(Buffer.from('{"taxId": 11144477735x}'))).not.toContain('111');
});

test.each([
  '{"__proto__":{"a":1}}',
  '{"\\u005f_proto__":1}',
  '[{"a":{"__proto__":1}}]',
  '{"constructor":{"prototype":{}}}',
])('a key that would reach the prototype is refused: %s', (text) => {
  expect(refusal(Buffer.from(text))).toContain('is refused');
});

test('the word constructor as a value or as a plain key is no poison', () => {
  expect(parse('{"constructor":"Odebrecht"}')).toEqual({ constructor: 'Odebrecht' });
});
