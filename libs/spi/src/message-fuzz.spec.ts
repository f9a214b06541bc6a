import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Fault } from '@vigia/contracts';
import fc from 'fast-check';
import { readMessage } from './message.js';

const folder = path.resolve(__dirname, '../samples');
const samples = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)));

/** Read, or refused by a Fault of the caller's kind; anything else fails the test. */
function readOrFault(input: string | Uint8Array): void {
  try {
    readMessage(input);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    expect(error.kind).toBe('caller');
  }
}

it('any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), readOrFault), { numRuns: 300 });
});

it('any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), readOrFault), { numRuns: 300 });
});

it('text made of the pieces of XML', () => {
  const piece = fc.constantFrom(
    ...[
      '<',
      '>',
      '</',
      '/>',
      '<?xml version="1.0"?>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&#x',
      '&amp;',
      ';',
      '"',
      '=',
      ' ',
    ],
    ...[
      'Envelope',
      'AppHdr',
      'xmlns',
      'https://www.bcb.gov.br/pi/pacs.008/1.16',
      '<!DOCTYPE',
      '\u0000',
      '__proto__',
      'é',
    ],
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
      readOrFault,
    ),
    {
      numRuns: 500,
    },
  );
});

it('samples with bytes changed, cut out and doubled', () => {
  const change = fc.record({
    sample: fc.constantFrom(...samples),
    at: fc.nat(4_000),
    removed: fc.nat(200),
    inserted: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(...samples)),
  });
  fc.assert(
    fc.property(change, ({ sample, at, removed, inserted }) => {
      const from = at % sample.length;
      readOrFault(Uint8Array.from([...sample.subarray(0, from), ...inserted, ...sample.subarray(from + removed)]));
    }),
    { numRuns: 300 },
  );
});

it('samples with any text as a value', () => {
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.nat(100), fc.string({ unit: 'binary' }), (sample, which, value) => {
      let at = 0;
      readOrFault(sample.toString().replace(/>([^<>\s]+)</g, (all) => (at++ === which ? `>${value}<` : all)));
    }),
    { numRuns: 300 },
  );
});
