import { PIX, HANDBOOK, describeFeatures } from '@vigia/features';
import type { AssessmentRow } from '@vigia/ledger';
import type { Service } from '@vigia/platform';
import { pixVector, reviewed } from '../reviews.fixture.js';
import { Site, ask } from '../site.fixture.js';
import { meaningOf } from './feature-words.js';
import type { SubjectReview } from './subject-review.js';
import { isShownTo, partiesOf } from './whose.js';

jest.setTimeout(120_000);

let site: Site;
let service: Service;

const VALUES = {
  amount: 950,
  payer_count_1h: 3,
  payee_count_1d: 41_777,
  payee_mule_markers_90d: 52_777,
  pair_count_90d: 1,
};
const REASONS: AssessmentRow['reasons'] = [
  { code: 'payee_blocked', pt: 'O recebedor está na lista', en: 'The payee is on the list' },
  {
    code: 'PAYER_VELOCITY',
    feature: 'payer_count_1h',
    value: 3,
    contribution: 1.5,
    pt: 'Muitos pagamentos',
    en: 'Many payments',
  },
  {
    code: 'PAYEE_MARKED',
    feature: 'payee_mule_markers_90d',
    value: 52_777,
    contribution: 2,
    pt: 'Marcações',
    en: 'Markers',
  },
];
const row = reviewed({ vector: pixVector(VALUES), reasons: REASONS });
const atPayee = reviewed(
  {
    side: 'payee',
    vector: pixVector(VALUES),
    reasons: [],
    action: { kind: 'accept', status: 'ACSP' },
    decision: 'approve',
  },
  { side: 'payee' },
);

beforeAll(async () => {
  site = await Site.open();
  service = await site.start({ CASE_LOOK_MS: '50', CONTEST_AT: '0800 000 0000' });
  await site.record([row, atPayee]);
  const version = { version: '12', bundleVersion: row.model!.version };
  const change = {
    model: 'pix-fraud',
    kind: 'promote',
    from: null,
    to: version,
    by: 'carla',
    reason: 'better',
    overridden: [],
  } as const;
  await site.ledger.changeModel({ ...change, overridden: [], jobId: 'job-1' }, () => Promise.resolve());
});
afterAll(() => site?.close());

const read = async (id: string, query: string, accept = 'application/json') => {
  const headers = { 'x-api-key': site.keys.reader, accept };
  const response = await fetch(`${service.url}/v1/subject-reviews/${id}?${query}`, { headers });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
};
const review = async (id: string, query: string): Promise<SubjectReview> =>
  JSON.parse((await read(id, query)).text) as SubjectReview;

test('the payer reads the decision, its reasons and the payer’s own data, in both languages', async () => {
  const pt = await review(row.endToEndId, 'by=dpo');
  expect(pt).toMatchObject({ lang: 'pt', subject: 'payer', payment: { amount: '950.00' } });
  expect(pt.decision.text[0]).toBe('O pagamento foi separado para análise.');
  expect(pt.basis).toMatchObject({ model: { name: 'pix-fraud' }, policy: { name: 'pix-payer', version: '3' } });
  expect(pt.reasons).toEqual([
    {
      code: 'PAYER_VELOCITY',
      text: 'Muitos pagamentos',
      feature: 'pagador: pagamentos em 1 hora',
      value: '3',
      effect: 'aumentou a suspeita',
    },
    {
      code: 'other_party',
      text: 'Sinais sobre a outra parte do pagamento, que não podemos detalhar, também contaram.',
    },
  ]);
  expect(pt.features).toContainEqual({ name: 'amount', meaning: 'Valor do pagamento', value: 950, text: 'R$ 950,00' });
  expect(pt.contest.text).toContain('0800 000 0000');
  const en = await review(row.endToEndId, 'by=dpo&lang=en');
  expect(en.decision.text[0]).toBe('The payment was set aside for a person to look at.');
  expect(en.features.map(({ name }) => name)).toEqual(pt.features.map(({ name }) => name));
});

test('nothing in it is of anybody else: no pseudonym, no value of the other party, of DICT, or of who works here', async () => {
  const { payer, payee } = row.payment;
  const texts = [
    (await read(row.endToEndId, 'by=dpo')).text,
    (await read(row.endToEndId, 'by=dpo&lang=en', 'text/markdown')).text,
  ];
  for (const text of texts) {
    for (const secret of [
      payer.person,
      payee.person,
      payee.account,
      payee.key!,
      '41777',
      '52777',
      'está na lista',
      'Markers',
      'carla',
    ]) {
      expect(text).not.toContain(secret);
    }
  }
  const parties = partiesOf(PIX);
  const { features, withheld } = await review(row.endToEndId, 'by=dpo');
  expect(features.length + withheld.count).toBe(PIX.features.length);
  expect(features.map(({ name }) => name).filter((name) => /^(payee_|key_(?!pasted)|pass_)/.test(name))).toEqual([]);
  expect([...parties.get('payee_fan_in')!]).toEqual(['payee']);
  expect([...parties.get('amount_deviation')!].sort()).toEqual(['payer', 'payment']);
  const theirs = await review(atPayee.endToEndId, 'by=dpo');
  const names = theirs.features.map(({ name }) => name);
  expect(names).toContain('payee_count_1d');
  expect(names.filter((name) => /^(payer_|device_|session_|payee_mule|balance)/.test(name))).toEqual([]);
});

test('every value that is shown has its meaning in Portuguese', () => {
  for (const set of [PIX, HANDBOOK]) {
    const parties = partiesOf(set);
    const shown = describeFeatures(set).filter(({ name }) =>
      (['payer', 'payee'] as const).some((subject) => isShownTo(subject, parties.get(name)!)),
    );
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter((feature) => meaningOf(feature, 'pt') === undefined).map(({ name }) => name)).toEqual([]);
  }
});

test('what a person said of it stands there, with its time, and how the version came live', async () => {
  const later = reviewed({ decidedAtMs: Date.now() + 60_000 });
  await site.record([later]);
  while (!(await site.ledger.cases.open(Date.now())).isDone);
  const found = (await site.ledger.cases.ofPayment(later.endToEndId))!;
  const before = await review(later.endToEndId, 'by=dpo&lang=en');
  expect(before.decision.isAutomatedOnly).toBe(true);
  expect(before.people.text[0]).toContain('still open');
  await site.ledger.cases.judge(
    found.case.id,
    { verdict: 'genuine' },
    { by: 'ana', caller: 'console', atMs: Date.now() },
  );
  const { decision, people, basis } = await review(later.endToEndId, 'by=dpo&lang=en');
  expect(decision).toMatchObject({ isAutomatedOnly: false });
  expect(decision.text).toContain('The hold ended with the release of the payment.');
  expect(people.text[1]).toContain('an analyst concluded that the payment is genuine');
  expect(people.text[2]).toContain('by an analyst’s verdict');
  expect(basis.model?.liveSince).toMatch(/^2/);
  expect(JSON.stringify(people)).not.toContain('ana ');
});

test('it can be printed, and every read is on record', async () => {
  const own = reviewed();
  await site.record([own]);
  const printed = await read(own.endToEndId, 'by=marta', 'text/markdown');
  expect(printed.type).toBe('text/markdown; charset=utf-8');
  expect(printed.text).toMatch(/^# Revisão de decisão automatizada \(LGPD, art\. 20\)\n/);
  expect(printed.text).toContain('## Como contestar');
  const asked = await read(own.endToEndId, 'by=dpo&lang=en', 'application/json, text/plain, */*');
  expect(asked.type).toContain('application/json');
  const { body } = await ask<{ accesses: object[] }>(
    `${service.url}/v1/subject-reviews/${own.endToEndId}/accesses`,
    site.keys.reader,
  );
  expect(body.accesses).toMatchObject([
    { by: 'dpo', caller: 'reader', lang: 'en' },
    { by: 'marta', caller: 'reader', lang: 'pt' },
  ]);
});

test('who asks has to say so, and what nobody decided is not known', async () => {
  const nobody = await read(row.endToEndId, 'lang=pt');
  expect([nobody.status, nobody.text.includes('"by"')]).toEqual([400, true]);
  const unknown = row.endToEndId.replace(/.{4}$/, 'zzzz');
  expect((await read(unknown, 'by=dpo')).status).toBe(404);
  expect((await read('E1', 'by=dpo')).status).toBe(404);
});
