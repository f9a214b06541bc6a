import { payment as paymentSchema, type Payment, type PaymentInput } from '@vigia/contracts';
import { readMessage, writePacs002, writePacs008, type SpiHeader } from '@vigia/spi';
import { cpf, paymentBuilder, testEndToEndId, waitFor, type DeepPartial } from '@vigia/testing';
import { Stack, pseudonymiser, type Running } from '../stack.fixture.js';

jest.setTimeout(120_000);

const SPI = '00038166';
const OURS = '87654321';
const SUSPECT = cpf(666);

const header = (version = '1.16'): SpiHeader => ({
  from: SPI,
  to: OURS,
  messageId: 'M00038166aaaaaaaaaaaaaaaaaaaaaaa',
  createdAt: new Date().toISOString(),
  version,
});

const order = (overrides: DeepPartial<PaymentInput> = {}): Payment =>
  paymentSchema.parse(
    paymentBuilder({
      side: 'payee',
      acceptedAt: new Date().toISOString(),
      ...overrides,
      payer: { name: 'Pessoa Teste', ...overrides.payer },
    }),
  );

const pacs008 = (...payments: Payment[]): string => writePacs008({ header: header(), payments });

let stack: Stack;
let service: Running;

beforeAll(async () => {
  stack = await Stack.start({ blocked: [pseudonymiser.token('person', SUSPECT)] });
  service = await stack.ingestion({ BODY_LIMIT_BYTES: '100000' });
});
afterAll(() => stack?.stop());

async function post(body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${service.url}/v1/spi/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/xml', 'x-api-key': stack.key, ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const reports = (xml: string) => {
  const message = readMessage(xml);
  if (message.type !== 'pacs.002') throw new Error(`${message.type} is no pacs.002`);
  return message;
};

const inRejection = (xml: string, element: string) => new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];

describe('pacs.008', () => {
  test('is accepted by a pacs.002 that goes back where it came from', async () => {
    const payment = order();
    const answer = await post(pacs008(payment));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/xml/);
    const message = reports(answer.text);
    expect(message.header).toMatchObject({ from: OURS, to: SPI, version: '1.17' });
    expect(message.header.messageId).toMatch(/^M87654321[0-9A-F]{23}$/);
    expect(message.reports).toEqual([
      { originalInstructionId: payment.endToEndId, originalEndToEndId: payment.endToEndId, status: 'ACSP' },
    ]);
    expect((await stack.assessment(payment.endToEndId)).side).toBe('payee');
  });

  test('of 10 transactions has a report of each, in order: accepted, blocked, refused', async () => {
    const payments = Array.from({ length: 10 }, (_, n) => {
      if (n === 3) return order({ payer: { taxId: SUSPECT } });
      return order({ payer: { taxId: cpf(1_000 + n) }, amount: n === 7 ? '2500.00' : '10.00' });
    });
    const answer = await post(pacs008(...payments), { 'content-type': 'text/xml; charset=utf-8' });
    const message = reports(answer.text);
    expect(message.reports.map(({ originalEndToEndId }) => originalEndToEndId)).toEqual(
      payments.map(({ endToEndId }) => endToEndId),
    );
    expect(message.reports.map(({ status, reasonCode = '' }) => `${status}${reasonCode}`)).toEqual(
      payments.map((_, n) => (n === 3 ? 'RJCTFRAD' : 'ACSP')),
    );
    expect(answer.headers.get('x-vigia-accept-and-block')).toBe(payments[7]!.endToEndId);
  });

  test('sent again gets the same statuses under another message id', async () => {
    const xml = pacs008(order(), order({ payer: { taxId: SUSPECT } }));
    const [first, second] = [reports((await post(xml)).text), reports((await post(xml)).text)];
    expect(second.reports).toEqual(first.reports);
    expect(second.header.messageId).not.toBe(first.header.messageId);
  });

  test('with an EndToEndId of another day is refused as a whole, saying which transaction', async () => {
    const old = order({ endToEndId: testEndToEndId(77, Date.now() - 3 * 86_400_000) });
    const answer = await post(pacs008(order(), old));
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('<Envelope xmlns="https://www.bcb.gov.br/pi/admi.002/1.5">');
    expect(inRejection(answer.text, 'Ref')).toBe(header().messageId);
    expect(inRejection(answer.text, 'RjctgPtyRsn')).toBe('end_to_end_id_of_another_day');
    expect(inRejection(answer.text, 'RsnDesc')).toMatch(/^Transaction 2 of 2: /);
  });

  test('with the EndToEndId of another payment is a conflict', async () => {
    const payment = order();
    await post(pacs008(payment));
    const answer = await post(pacs008({ ...payment, amount: '1.00' }));
    expect([answer.status, inRejection(answer.text, 'RjctgPtyRsn')]).toEqual([409, 'conflicting_content']);
  });
});

describe('a message that is refused is answered in XML', () => {
  const laughs = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>`;
  test.each([
    ['no XML', 'tax id 11111111111', 400, 'malformed_xml'],
    ['an empty body', '', 400, 'malformed_xml'],
    ['entities that expand', laughs, 400, 'malformed_xml'],
    ['depth', '<a>'.repeat(10_000), 400, 'malformed_xml'],
    ['bytes that are not UTF-8', Buffer.from([0x3c, 0xff, 0xfe]), 400, 'malformed_xml'],
    [
      'another namespace',
      '<Envelope xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"/>',
      422,
      'unsupported_message',
    ],
    ['an unknown version', '<Envelope xmlns="https://www.bcb.gov.br/pi/pacs.008/9.99"/>', 422, 'unsupported_message'],
    ['more bytes than allowed', `<a>${'x'.repeat(100_001)}</a>`, 413, 'body_too_large'],
  ])('%s', async (_, body, status, code) => {
    const answer = await post(body);
    expect([answer.status, inRejection(answer.text, 'RjctgPtyRsn')]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/xml/);
    expect(inRejection(answer.text, 'Ref')).toBe('NOTPROVIDED');
    expect(inRejection(answer.text, 'RsnDesc')!.length).toBeLessThanOrEqual(350);
    expect(answer.text).not.toContain('11111111111');
  });

  test('values that do not fit are named by their place, without what they hold', async () => {
    const answer = await post(pacs008(order()).replace(/<Cd>IPAY<\/Cd>/, '<Cd>XXXX12345678901</Cd>'));
    expect([answer.status, inRejection(answer.text, 'RjctgPtyRsn')]).toEqual([400, 'invalid_request']);
    expect(inRejection(answer.text, 'ErrLctn')).toMatch(/CdtTrfTxInf\/Purp\/Cd$/);
    expect(inRejection(answer.text, 'Ref')).toBe(header().messageId);
    expect(answer.text).not.toContain('XXXX12345678901');
  });

  test('no key, an unknown key, a key without the scope', async () => {
    const xml = pacs008(order());
    const answers = await Promise.all(
      ['', `vg_${'x'.repeat(43)}`, stack.otherKey].map((key) => post(xml, { 'x-api-key': key })),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 403]);
    expect(inRejection(answers[1]!.text, 'RjctgPtyRsn')).toBe('unauthenticated');
  });
});

test.each(['application/json', 'text/plain', 'application/x-ndjson'])('%s is not read here', async (type) => {
  const answer = await post('{}', { 'content-type': type });
  expect(answer.status).toBe(415);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(JSON.parse(answer.text)).toMatchObject({ type: 'urn:vigia:problem:unsupported_media_type' });
});

test('pacs.002 is acknowledged', async () => {
  const { endToEndId } = order();
  const report = { originalInstructionId: endToEndId, originalEndToEndId: endToEndId, status: 'ACCC' } as const;
  const answer = await post(writePacs002({ header: header('1.17'), reports: [report] }));
  expect(answer.status).toBe(202);
  expect(JSON.parse(answer.text)).toEqual({ messageId: header().messageId, type: 'pacs.002', transactions: 1 });
});

test('trck.002 has its payments assessed as the payer’s institution', async () => {
  // A payer of its own: by night the sum of what the others sent would be beyond the limit.
  const { endToEndId, payer, payee, amount, acceptedAt } = order({ payer: { taxId: cpf(4_242) } });
  const party = (taxId: string) => `<Pty><Id><PrvtId><Othr><Id>${taxId}</Id></Othr></PrvtId></Id></Pty>`;
  const account = (number: string) => `<Id><Othr><Id>${number}</Id></Othr></Id><Tp><Cd>CACC</Cd></Tp>`;
  const agent = (ispb: string) => `<FinInstnId><ClrSysMmbId><MmbId>${ispb}</MmbId></ClrSysMmbId></FinInstnId>`;
  const transaction =
    `<PmtId><EndToEndId>${endToEndId}</EndToEndId></PmtId><PmtTpInf><LclInstrm><Prtry>MANU</Prtry></LclInstrm></PmtTpInf>` +
    `<IntrBkSttlmAmt Ccy="BRL">${amount}</IntrBkSttlmAmt><ReqdExctnDt><DtTm>${acceptedAt}</DtTm></ReqdExctnDt>` +
    `<Dbtr>${party(payer.taxId)}</Dbtr><DbtrAcct>${account(payer.account.number)}</DbtrAcct><DbtrAgt>${agent(OURS)}</DbtrAgt>` +
    `<CdtrAgt>${agent(OURS)}</CdtrAgt><Cdtr>${party(payee.taxId)}</Cdtr><CdtrAcct>${account(payee.account.number)}</CdtrAcct>`;
  const body = `<PmtStsTrckrRpt><GrpHdr/><TrckrStsAndTx><Tx>${transaction}</Tx></TrckrStsAndTx></PmtStsTrckrRpt>`;
  const answer = await post(enveloped('trck.002', '1.1', body));
  expect(answer.text).toContain('"decisions":{"approve":1,"review":0,"reject":0}');
  expect(answer.status).toBe(202);
  expect((await stack.assessment(endToEndId)).side).toBe('payer');
});

test('pacs.004 with FR01 is an outcome of the payment it returns, other reasons are none', async () => {
  const [fraud, error, next] = [
    order({ payee: { taxId: cpf(555), key: cpf(555) } }),
    order(),
    order({ payee: { taxId: cpf(555), key: cpf(555) } }),
  ];
  await post(pacs008(fraud, error));
  const unknown = testEndToEndId(404, Date.now());
  const returned = (id: string, endToEndId: string, reason: string) =>
    `<TxInf><RtrId>D8765432120261120231500000000${id}</RtrId><OrgnlEndToEndId>${endToEndId}</OrgnlEndToEndId>` +
    `<RtrdIntrBkSttlmAmt Ccy="BRL">950.00</RtrdIntrBkSttlmAmt><RtrRsnInf><Rsn><Cd>${reason}</Cd></Rsn></RtrRsnInf></TxInf>`;
  const records =
    returned('001', fraud.endToEndId, 'FR01') +
    returned('002', error.endToEndId, 'BE08') +
    returned('003', unknown, 'FR01');
  const xml = enveloped('pacs.004', '1.5', `<PmtRtr><GrpHdr><NbOfTxs>3</NbOfTxs></GrpHdr>${records}</PmtRtr>`);
  const answer = await post(xml);
  expect(answer.status).toBe(202);
  expect(JSON.parse(answer.text)).toMatchObject({
    type: 'pacs.004',
    transactions: 3,
    outcomes: [
      { endToEndId: fraud.endToEndId, status: 'recorded', labelled: true },
      { endToEndId: unknown, problem: { type: 'urn:vigia:problem:unknown_payment' } },
    ],
  });
  expect(JSON.parse((await post(xml)).text)).toMatchObject({ outcomes: [{ status: 'repeated' }, {}] });
  await post(pacs008(next));
  expect((await stack.assessment(next.endToEndId)).vector).toMatchObject({ payee_fraud_count_30d: 1 });
});

test('messages are counted by type and what became of them', async () => {
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  const counted = [...metrics.matchAll(/^vigia_spi_messages_total\{type="([^"]*)",outcome="([^"]*)"/gm)];
  expect(counted.map(([, type, outcome]) => `${type} ${outcome}`)).toEqual(
    expect.arrayContaining(['pacs.008 assessed', 'pacs.008 refused', 'pacs.002 acknowledged', 'unreadable refused']),
  );
});

test('the log of all this names no person', () => {
  const log = service.log();
  expect(log).toContain('end_to_end_id_of_another_day');
  for (const secret of [SUSPECT, cpf(1), cpf(2), cpf(555), 'Pessoa Teste', '1000001', '2000002', stack.key]) {
    // Not within a longer number: a time of 4.1000001430511475 ms is nobody's account.
    expect(log).not.toMatch(new RegExp(`(?<![0-9.])${secret.replace(/[^0-9A-Za-z]/g, '\\$&')}(?![0-9])`));
  }
});

test('scoring away is answered 503 with Retry-After, and the same message is decided once it is back', async () => {
  const impatient = await stack.ingestion({ SCORING_DEADLINE_MS: '2000' });
  const xml = pacs008(order());
  const send = () =>
    fetch(`${impatient.url}/v1/spi/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/xml', 'x-api-key': stack.key },
      body: xml,
    });
  await stack.stopScoring();
  const refused = await send();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  const text = await refused.text();
  expect(inRejection(text, 'RjctgPtyRsn')).toBe('dependency_unavailable');
  expect(inRejection(text, 'RsnDesc')).toContain('send the same message again');
  await stack.startScoring();
  await waitFor(async () => {
    const answer = await send();
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(text);
    return reports(text).reports[0]?.status === 'ACSP';
  });
});

function enveloped(type: string, version: string, body: string): string {
  const { from, to, messageId, createdAt } = header();
  const id = (name: string, ispb: string) =>
    `<${name}><FIId><FinInstnId><Othr><Id>${ispb}</Id></Othr></FinInstnId></FIId></${name}>`;
  return (
    `<Envelope xmlns="https://www.bcb.gov.br/pi/${type}/${version}"><AppHdr>${id('Fr', from)}${id('To', to)}` +
    `<BizMsgIdr>${messageId}</BizMsgIdr><MsgDefIdr>${type}.spi.${version}</MsgDefIdr><CreDt>${createdAt}</CreDt><Sgntr/>` +
    `</AppHdr><Document>${body}</Document></Envelope>`
  );
}
