import {
  accountType,
  initiationForm,
  payment as paymentSchema,
  priority,
  purpose,
  type Payment,
} from '@vigia/contracts';
import fc from 'fast-check';
import { makeEndToEndId, makeMessageId, makeReturnId } from './identifiers.js';
import { readMessage } from './message.js';
import { STATUSES, writePacs002, type StatusReport } from './pacs002.js';
import { writePacs008 } from './pacs008.js';

const digits = [...'0123456789'];
const capitals = [...digits, ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const alphanumeric = [...capitals, ...'abcdefghijklmnopqrstuvwxyz'];
const drawn = (characters: string[], minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });

const ispb = drawn(capitals, 8);
const atMs = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2050, 0) });
const instant = atMs.map((ms) => new Date(ms).toISOString());
const taxId = fc.oneof(
  drawn(digits, 11),
  fc.tuple(drawn(capitals, 12), drawn(digits, 2)).map((parts) => parts.join('')),
);
const endToEndId = fc.record({ ispb, atMs, suffix: drawn(alphanumeric, 11) }).map(makeEndToEndId);
const returnId = fc.record({ ispb, atMs, suffix: drawn(alphanumeric, 11) }).map(makeReturnId);
const character = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  fc.constantFrom('<', '>', '&', '"', "'", ']]>', '\r', '\n', '\t', ' ', '&amp;', '<!--'),
);
const text = (maxLength: number) =>
  fc.string({ unit: character, minLength: 1, maxLength }).filter((drawnText) => drawnText.length <= maxLength);

const account = fc.record(
  { number: drawn(capitals, 1, 20), branch: drawn(digits, 1, 4), type: fc.constantFrom(...accountType.options) },
  { requiredKeys: ['number', 'type'] },
);
const payer = fc.record({ taxId, ispb, account, name: text(140) });
const payee = fc.record({ taxId, ispb, account, key: text(77) }, { requiredKeys: ['taxId', 'ispb', 'account'] });
const amount = fc.bigInt({ min: 1n, max: 9_007_199_254_740_991n }).map((cents) => {
  const padded = String(cents).padStart(3, '0');
  return `${padded.slice(0, -2)}.${padded.slice(-2)}`;
});

const header = (version: string) =>
  fc.record({
    from: ispb,
    to: ispb,
    messageId: fc.record({ ispb, suffix: drawn(alphanumeric, 23) }).map(makeMessageId),
    createdAt: instant,
    version: fc.constant(version),
  });

const payments: fc.Arbitrary<Payment[]> = fc.constantFrom(...priority.options).chain((shared) =>
  fc.array(
    fc.record(
      {
        endToEndId,
        side: fc.constant('payee' as const),
        amount,
        acceptedAt: instant,
        initiationForm: fc.constantFrom(...initiationForm.options),
        purpose: fc.constantFrom(...purpose.options),
        priority: fc.constant(shared),
        txId: drawn(alphanumeric, 1, 35),
        initiatorTaxId: taxId,
        remittanceInformation: text(140),
        payer,
        payee,
      },
      {
        requiredKeys: [
          ...(['endToEndId', 'side', 'amount', 'acceptedAt', 'initiationForm'] as const),
          ...(['purpose', 'priority', 'payer', 'payee'] as const),
        ],
      },
    ),
    { minLength: 1, maxLength: 10 },
  ),
);

const reports: fc.Arbitrary<StatusReport[]> = fc.array(
  fc.record(
    {
      originalInstructionId: fc.oneof(endToEndId, returnId),
      originalEndToEndId: endToEndId,
      status: fc.constantFrom(...STATUSES),
      reasonCode: drawn(capitals, 4),
      additionalInformation: text(105),
      settledAt: instant,
      accountingDate: instant.map((moment) => moment.slice(0, 10)),
    },
    { requiredKeys: ['originalInstructionId', 'originalEndToEndId', 'status'] },
  ),
  { minLength: 1, maxLength: 10 },
);

it('payments come back from a pacs.008 as they went in, from text and from bytes', () => {
  fc.assert(
    fc.property(header('1.16'), payments, (head, orders) => {
      const message = { type: 'pacs.008', header: head, payments: orders };
      const xml = writePacs008({ header: head, payments: orders });
      expect(readMessage(xml)).toEqual(message);
      expect(readMessage(new TextEncoder().encode(xml))).toEqual(message);
    }),
    { numRuns: 150 },
  );
});

it('reports come back from a pacs.002 as they went in', () => {
  fc.assert(
    fc.property(header('1.17'), reports, (head, told) => {
      const xml = writePacs002({ header: head, reports: told });
      expect(readMessage(xml)).toEqual({ type: 'pacs.002', header: head, reports: told });
    }),
    { numRuns: 150 },
  );
});

const head = {
  from: '11223344',
  to: '00038166',
  messageId: 'M11223344aaaaaaaaaaaaaaaaaaaaaaa',
  createdAt: '2026-11-20T23:15:04.210Z',
  version: '1.16',
};
const order = paymentSchema.parse({
  endToEndId: 'E11223344202611202315aB3dE5fG7hJ',
  amount: '950.00',
  acceptedAt: '2026-11-20T23:15:03.900Z',
  initiationForm: 'QRES',
  txId: 'tx1',
  initiatorTaxId: '11222333000181',
  remittanceInformation: 'a < b',
  payer: {
    name: 'Iracema',
    taxId: '52998224725',
    ispb: '11223344',
    account: { number: '1', branch: '2', type: 'TRAN' },
  },
  payee: {
    name: 'Loja',
    taxId: '12ABC34501DE35',
    ispb: '55AB66CD',
    account: { number: '3', type: 'CACC' },
    key: 'a@b.c',
  },
  device: { id: 'device-1' },
});

it('a pacs.008 has its elements in the order of the schema, and no more', () => {
  const agent = (ispbText: string) => `<FinInstnId><ClrSysMmbId><MmbId>${ispbText}</MmbId></ClrSysMmbId></FinInstnId>`;
  const xml = writePacs008({ header: head, payments: [order] });
  expect(xml.slice(xml.indexOf('<GrpHdr>'))).toBe(
    [
      '<GrpHdr><MsgId>M11223344aaaaaaaaaaaaaaaaaaaaaaa</MsgId><CreDtTm>2026-11-20T23:15:04.210Z</CreDtTm>',
      '<NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>',
      '<PmtTpInf><InstrPrty>HIGH</InstrPrty><SvcLvl><Prtry>PAGPRI</Prtry></SvcLvl></PmtTpInf></GrpHdr>',
      '<CdtTrfTxInf><PmtId><EndToEndId>E11223344202611202315aB3dE5fG7hJ</EndToEndId><TxId>tx1</TxId></PmtId>',
      '<IntrBkSttlmAmt Ccy="BRL">950.00</IntrBkSttlmAmt><AccptncDtTm>2026-11-20T23:15:03.900Z</AccptncDtTm>',
      '<ChrgBr>SLEV</ChrgBr><MndtRltdInf><Tp><LclInstrm><Prtry>QRES</Prtry></LclInstrm></Tp></MndtRltdInf>',
      '<InitgPty><Id><OrgId><Othr><Id>11222333000181</Id></Othr></OrgId></Id></InitgPty>',
      '<Dbtr><Nm>Iracema</Nm><Id><PrvtId><Othr><Id>52998224725</Id></Othr></PrvtId></Id></Dbtr>',
      '<DbtrAcct><Id><Othr><Id>1</Id><Issr>2</Issr></Othr></Id><Tp><Cd>TRAN</Cd></Tp></DbtrAcct>',
      `<DbtrAgt>${agent('11223344')}</DbtrAgt><CdtrAgt>${agent('55AB66CD')}</CdtrAgt>`,
      '<Cdtr><Id><PrvtId><Othr><Id>12ABC34501DE35</Id></Othr></PrvtId></Id></Cdtr>',
      '<CdtrAcct><Id><Othr><Id>3</Id></Othr></Id><Tp><Cd>CACC</Cd></Tp><Prxy><Id>a@b.c</Id></Prxy></CdtrAcct>',
      '<Purp><Cd>IPAY</Cd></Purp><RmtInf><Ustrd>a &lt; b</Ustrd></RmtInf></CdtTrfTxInf>',
      '</FIToFICstmrCdtTrf></Document></Envelope>',
    ].join(''),
  );
});

it.each([
  ['no payment', []],
  ['two priorities', [order, { ...order, priority: 'PAGFRD' as const }]],
  ['a payer without name', [{ ...order, payer: { ...order.payer, name: '' } }]],
  ['a control character', [{ ...order, remittanceInformation: '\u0007' }]],
  ['half a character', [{ ...order, remittanceInformation: '\ud800' }]],
])('a pacs.008 is not written for %s', (_, orders) => {
  expect(() => writePacs008({ header: head, payments: orders })).toThrow(RangeError);
});

it('no message is written in a version that the catalogue lacks', () => {
  expect(() => writePacs002({ header: head, reports: [] })).toThrow(RangeError);
  expect(() => writePacs008({ header: { ...head, version: '1.99' }, payments: [order] })).toThrow(RangeError);
});
