import { action } from '@vigia/contracts';
import { actionFor, policySettings } from './index.js';

const settings = policySettings.parse({});
/** A Tuesday. */
const businessHours = Date.parse('2026-11-24T15:00:00.000Z');

test.each([
  ['the payer’s side sends', 'approve', 'payer', { kind: 'send' }],
  ['the payer’s side does not send', 'reject', 'payer', { kind: 'do_not_send' }],
  ['the payee’s side accepts', 'approve', 'payee', { kind: 'accept', status: 'ACSP' }],
  ['the payee’s side refuses', 'reject', 'payee', { kind: 'refuse', status: 'RJCT', reason: 'FRAD' }],
  [
    'the payee’s side accepts and blocks for 72 hours',
    'review',
    'payee',
    { kind: 'accept_and_block', status: 'ACSP', hours: 72, until: '2026-11-27T15:00:00.000Z' },
  ],
] as const)('%s', (_name, decision, side, expected) => {
  expect(actionFor(decision, side, businessHours, settings)).toEqual(expected);
});

test.each([
  ['07:59:59.999 on a business day', '2026-11-24T10:59:59.999Z', 60, '2026-11-24T11:59:59.999Z'],
  ['08:00 on a business day', '2026-11-24T11:00:00.000Z', 30, '2026-11-24T11:30:00.000Z'],
  ['19:59:59.999 on a business day', '2026-11-24T22:59:59.999Z', 30, '2026-11-24T23:29:59.999Z'],
  ['20:00 on a business day', '2026-11-24T23:00:00.000Z', 60, '2026-11-25T00:00:00.000Z'],
  ['noon on a Saturday', '2026-11-21T15:00:00.000Z', 60, '2026-11-21T16:00:00.000Z'],
  ['noon on Consciência Negra, a Friday', '2026-11-20T15:00:00.000Z', 60, '2026-11-20T16:00:00.000Z'],
])('a suspect order of %s is held', (_name, acceptedAt, minutes, until) => {
  const held = actionFor('review', 'payer', Date.parse(acceptedAt), settings);
  expect(held).toEqual({ kind: 'hold', minutes, until, priority: 'PAGFRD' });
  expect(action.parse(held)).toEqual(held);
});

test('settings change how long', () => {
  const changed = policySettings.parse({ holdBusinessMinutes: 20, precautionaryBlockHours: 24 });
  expect(actionFor('review', 'payer', businessHours, changed)).toMatchObject({ minutes: 20 });
  expect(actionFor('review', 'payee', businessHours, changed)).toMatchObject({ hours: 24 });
});
