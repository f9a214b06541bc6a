import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PaymentTraits } from '@vigia/ledger';
import { traitsBuilder } from '../traffic.fixture.js';
import { SEGMENTATIONS, segmentsOf } from './segments.js';

test.each<[string, Partial<PaymentTraits>, string]>([
  ['23:59 in Brasília is the next day in UTC', { acceptedAtMs: Date.UTC(2026, 0, 2, 2, 59) }, 'hour/20h_to_24h'],
  ['midnight in Brasília', { acceptedAtMs: Date.UTC(2026, 0, 2, 3) }, 'hour/00h_to_06h'],
  ['20h begins the night', { acceptedAtMs: Date.UTC(2026, 0, 2, 23) }, 'hour/20h_to_24h'],
  ['R$ 99.99', { amountCents: 99_99 }, 'amount/below_100_brl'],
  ['R$ 100.00', { amountCents: 100_00 }, 'amount/100_to_1000_brl'],
  ['R$ 5,000.00', { amountCents: 5_000_00 }, 'amount/from_5000_brl'],
  ['a dynamic tag', { initiationForm: 'APDN' }, 'initiation_form/dynamic_code'],
  ['a static code', { initiationForm: 'QRES' }, 'initiation_form/key_or_static_code'],
  ['a company pays', { payerIsCompany: true }, 'payer/company'],
  ['the payee’s side', { side: 'payee' }, 'side/arrived'],
  ['no channel', { channel: null }, 'channel/unknown'],
])('%s', (_, traits, segment) => {
  const segments = segmentsOf(traitsBuilder(traits));
  expect(segments).toContain(segment);
  expect(segments).toHaveLength(Object.keys(SEGMENTATIONS).length);
});

test('names are those by which the trainer measures segments on the hold-out', () => {
  const trainer = readFileSync(join(__dirname, '../../../../pipelines/src/vigia/segments.py'), 'utf8');
  const forms = (['MANU', 'DICT', 'QRDN'] as const).map((initiationForm) => ({ initiationForm }));
  const hours = [3, 9, 15, 23].map((hour) => ({ acceptedAtMs: Date.UTC(2026, 0, 2, hour + 3) }));
  const amounts = [1, 200_00, 2_000_00, 9_000_00].map((amountCents) => ({ amountCents }));
  const sides = [{ side: 'payee' }, { side: 'payer' }, { payerIsCompany: true }, { payeeIsCompany: true }] as const;
  const told = [...forms, ...hours, ...amounts, ...sides].flatMap((traits) => segmentsOf(traitsBuilder(traits)));
  const names = [...new Set(told)].filter((name) => !name.startsWith('channel/')).flatMap((name) => name.split('/'));
  expect(names.filter((name) => !trainer.includes(`"${name}"`))).toEqual([]);
});
