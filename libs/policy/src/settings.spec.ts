import { isNight } from '@vigia/spi';
import { PolicyEngine, policySettings, type PolicySettingsInput } from './index.js';
import { ordinaryPayment } from './probe-payments.js';
import { nightHours } from './settings.js';

test('the defaults are those of the regulation', () => {
  expect(policySettings.parse({})).toMatchObject({
    unregisteredDevicePaymentCents: 20_000,
    unregisteredDeviceDayCents: 100_000,
    nightLimitCents: 100_000,
    nightFromHour: 20,
    nightToHour: 6,
    holdBusinessMinutes: 30,
    holdOtherMinutes: 60,
    holdFromHour: 8,
    holdToHour: 20,
    precautionaryBlockHours: 72,
  });
});

test.each(Object.entries(policySettings.shape))('%s names its source', (_name, { description }) => {
  expect(description).toMatch(/Resoluç(ão|ões) BCB \d+|Manual de Tempos|Choice of the institution/);
});

const openBand = { upToCents: null, review: 0.1, reject: 0.5 };
const withPayerBands = (payer: unknown[]) => ({ scoreBands: { payer, payee: [openBand] } });

test.each([
  ['an unknown setting', { nightLimit: 1 }],
  ['a fraction of a cent', { nightLimitCents: 0.5 }],
  ['an hour of 24', { nightFromHour: 24 }],
  ['no band', withPayerBands([])],
  ['a last band with an end', withPayerBands([{ ...openBand, upToCents: 100 }])],
  ['bands that fall', withPayerBands([{ ...openBand, upToCents: 200 }, { ...openBand, upToCents: 100 }, openBand])],
  [
    'two bands with the same end',
    withPayerBands([{ ...openBand, upToCents: 9 }, { ...openBand, upToCents: 9 }, openBand]),
  ],
  ['an open band in the middle', withPayerBands([openBand, openBand])],
  ['review above reject', withPayerBands([{ ...openBand, review: 0.6 }])],
  ['a probability above 1', withPayerBands([{ ...openBand, reject: 1.1 }])],
  ['more decimals than the engine may see', withPayerBands([{ ...openBand, review: 1e-30 }])],
])('settings with %s are refused', (_name, settings) => {
  expect(policySettings.safeParse(settings).success).toBe(false);
});

const unregistered = {
  ...ordinaryPayment,
  device: { present: true, registered: false },
  unregisteredDeviceDayCents: 15_000,
};

test.each<[string, PolicySettingsInput, object, string]>([
  [
    'a lower limit per payment',
    { unregisteredDevicePaymentCents: 14_999 },
    unregistered,
    'unregistered_device_payment',
  ],
  ['a lower limit per day', { unregisteredDeviceDayCents: 14_999 }, unregistered, 'unregistered_device_day'],
  ['a lower night limit', { nightLimitCents: 14_999 }, { night: true, nightSumCents: 15_000 }, 'night_limit'],
  ['stricter request-only rules', { requestOnlyReviewCents: 14_999 }, { probability: null }, 'request_only_amount'],
  [
    'stricter request-only rules at night',
    { requestOnlyNightReviewCents: 14_999 },
    { night: true },
    'night_sum_unknown',
  ],
  [
    'a lower review threshold',
    { scoreBands: { payer: [{ ...openBand, review: 0.000_001 }], payee: [openBand] } },
    { probability: 0.000_001 },
    'score_review',
  ],
  [
    'a band with an end of its own',
    {
      scoreBands: {
        payer: [
          { upToCents: 14_999, review: 1, reject: 1 },
          { ...openBand, reject: 0.2 },
        ],
        payee: [openBand],
      },
    },
    { probability: 0.2 },
    'score_reject',
  ],
])('%s changes the verdict', async (_name, settings, change, rule) => {
  const payment = { ...ordinaryPayment, ...change };
  const byDefault = await PolicyEngine.load();
  const changed = await PolicyEngine.load({ settings: policySettings.parse(settings) });
  expect((await byDefault.evaluate(payment)).rules).not.toContain(rule);
  expect((await changed.evaluate(payment)).rules).toContain(rule);
});

test.each([
  ['19:59:59.999 in São Paulo is 22:59 UTC', '2026-11-20T22:59:59.999Z', false],
  ['20:00 in São Paulo is 23:00 UTC', '2026-11-20T23:00:00.000Z', true],
  ['20:15 in São Paulo is 23:15 UTC', '2026-11-20T23:15:03.900Z', true],
  ['20:15 UTC is 17:15 in São Paulo', '2026-11-20T20:15:00.000Z', false],
  ['05:59:59.999 in São Paulo is 08:59 UTC', '2026-11-21T08:59:59.999Z', true],
  ['06:00 in São Paulo is 09:00 UTC', '2026-11-21T09:00:00.000Z', false],
  ['06:00 UTC is 03:00 in São Paulo', '2026-11-21T06:00:00.000Z', true],
])('night: %s', async (_name, acceptedAt, night) => {
  const policy = await PolicyEngine.load();
  const inNight = isNight(Date.parse(acceptedAt), nightHours(policy.settings));
  expect(inNight).toBe(night);
  const verdict = await policy.evaluate({ ...ordinaryPayment, night: inNight, nightSumCents: 100_001 });
  expect(verdict.decision).toBe(night ? 'reject' : 'approve');
});

test('a customer’s night from 22 hours on', () => {
  const hours = nightHours(policySettings.parse({ nightFromHour: 22 }));
  expect(isNight(Date.parse('2026-11-21T00:59:59.999Z'), hours)).toBe(false);
  expect(isNight(Date.parse('2026-11-21T01:00:00.000Z'), hours)).toBe(true);
});
