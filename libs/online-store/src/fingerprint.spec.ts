import { testPseudonym } from '@vigia/testing';
import { writeFingerprint } from './fingerprint.js';

function fingerprint(text: string): string {
  const bytes = Buffer.alloc(10, 0x7f);
  writeFingerprint(text, bytes, 1);
  expect([bytes[0], bytes[9]]).toEqual([0x7f, 0x7f]);
  return bytes.toString('hex', 1, 9);
}

test('the same text, the same bytes', () => {
  expect(fingerprint('E12345678202311142213abcdefghijk')).toBe(fingerprint('E12345678202311142213abcdefghijk'));
});

test('ids of one institution that count up within and across minutes do not meet, in either half', () => {
  const all = new Set<string>();
  const halves = [new Set<string>(), new Set<string>()];
  for (let minute = 0; minute < 20; minute++) {
    for (let i = 0; i < 5_000; i++) {
      const bytes = fingerprint(`E12345678202311142${String(200 + minute)}${String(i).padStart(11, '0')}`);
      all.add(bytes);
      halves[0]!.add(bytes.slice(0, 8));
      halves[1]!.add(bytes.slice(8));
    }
  }
  expect(all.size).toBe(100_000);
  // Halves of 32 bits: 100,000 random ones share 1.2 values on average.
  for (const half of halves) expect(half.size).toBeGreaterThan(100_000 - 20);
});

test('pseudonyms do not meet', () => {
  const all = Array.from({ length: 10_000 }, (_, i) => fingerprint(testPseudonym(String(i))));
  expect(new Set(all).size).toBe(10_000);
});
