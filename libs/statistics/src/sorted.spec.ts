import fc from 'fast-check';
import { uniform } from './peers.fixture.js';
import { sortedPresent } from './sorted.js';

const present = (values: number[]): number[] => values.filter((value) => !Number.isNaN(value));

test.each([10, 4_096, 20_000])('%i float32 values of every kind', (rows) => {
  const next = uniform(rows);
  const bits = Uint32Array.from({ length: rows }, () => next() * 2 ** 32);
  bits.set([0x7fc00000, 0xffc00000, 0x7f800000, 0xff800000, 0, 0x80000000, 1, 0x80000001]);
  const values = new Float32Array(bits.buffer);
  const before = values.slice();
  const sorted = sortedPresent(values);
  expect(values).toEqual(before);
  expect([...sorted]).toEqual(
    present([...values]).sort((a, b) => a - b || (Object.is(a, -0) ? -1 : 1) - (Object.is(b, -0) ? -1 : 1)),
  );
});

test('float64 values keep their digits', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { maxLength: 50 }), (values) => {
      const sorted = [...sortedPresent(Float64Array.from(values))];
      expect(sorted.map((value) => value + 0)).toEqual(
        present(values)
          .map((value) => value + 0)
          .sort((a, b) => a - b),
      );
    }),
  );
});
