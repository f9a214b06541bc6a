import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Fault } from '@vigia/contracts';
import { readMessage } from './message.js';

const sample = (name: string) => readFileSync(path.resolve(__dirname, '../samples', name), 'utf8');
const one = sample('pacs.008-key.xml');
const ten = sample('pacs.008-ten.xml');

function faultOf(text: string): Fault {
  try {
    readMessage(text);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('was read');
}

function firstPaymentOf(text: string) {
  const message = readMessage(text);
  if (message.type !== 'pacs.008') throw new Error('is no pacs.008');
  return message.payments[0]!;
}

const body = '/Envelope/Document/FIToFICstmrCdtTrf';
const transaction = `${body}/CdtTrfTxInf`;

describe('another message', () => {
  it.each([
    ['an unknown version', one.replace('pacs.008/1.16', 'pacs.008/9.99'), 'pacs.008 9.99 is not read here'],
    ['an unknown message', one.replace('pacs.008/1.16', 'camt.053/1.4'), 'camt.053 1.4 is not read here'],
    ['a name of JavaScript', one.replace('pacs.008/1.16', 'toString/1.4'), 'is not read here'],
    ['an invented namespace', one.replace('https://www.bcb.gov.br/pi/', 'urn:iso:std:'), 'is not read here'],
    ['no namespace', '<Envelope/>', 'is not read here'],
  ])('%s is unsupported', (_, text, what) => {
    expect(faultOf(text)).toMatchObject({ code: 'unsupported_message', message: expect.stringContaining(what) });
  });

  it.each([
    ['a root of another name', '<Document xmlns="https://www.bcb.gov.br/pi/pacs.008/1.16"/>', 'Envelope'],
    ['a prefix', one.replaceAll('Envelope', 'p:Envelope'), 'without prefix'],
    ['no header', one.replace(/<AppHdr>.*<\/AppHdr>/s, ''), '/Envelope/AppHdr is missing'],
    ['two documents', one.replace('</Envelope>', '<Document/></Envelope>'), '/Envelope/Document occurs more than once'],
    ['the body of another message', one.replaceAll('FIToFICstmrCdtTrf', 'PmtRtr'), `${body} is missing`],
    ['a body of another namespace', one.replace('<Document>', '<Document xmlns="x">'), '/Envelope/Document is missing'],
  ])('%s is malformed', (_, text, what) => {
    expect(faultOf(text)).toMatchObject({ code: 'malformed_xml', message: expect.stringContaining(what) });
  });
});

describe('a value that does not fit is named by its path', () => {
  it.each([
    [
      'a missing element',
      one.replace(/<DbtrAgt>.*<\/DbtrAgt>/, ''),
      `${transaction}/DbtrAgt/FinInstnId/ClrSysMmbId/MmbId`,
      'is missing',
    ],
    ['a missing person', one.replace(/<Cdtr>.*<\/Cdtr>/, ''), `${transaction}/Cdtr/Id/PrvtId/Othr/Id`, 'is missing'],
    ['an empty element', one.replace('>DICT<', '><'), `${transaction}/MndtRltdInf/Tp/LclInstrm/Prtry`, 'is missing'],
    [
      'an element twice',
      one.replace('<Purp>', '<Purp><Cd>IPAY</Cd></Purp><Purp>'),
      `${transaction}/Purp/Cd`,
      'more than once',
    ],
    [
      'an element inside a value',
      one.replace('950.00', '9<b/>50.00'),
      `${transaction}/IntrBkSttlmAmt`,
      'text, not elements',
    ],
    ['another currency', one.replace('Ccy="BRL"', 'Ccy="USD"'), `${transaction}/IntrBkSttlmAmt`, 'Ccy="BRL"'],
    ['no currency', one.replace(' Ccy="BRL"', ''), `${transaction}/IntrBkSttlmAmt`, 'Ccy="BRL"'],
    ['an amount of zero', one.replace('950.00', '0.00'), `${transaction}/IntrBkSttlmAmt`, 'at least'],
    ['an amount below a cent', one.replace('950.00', '950.001'), `${transaction}/IntrBkSttlmAmt`, 'two decimals'],
    ['a negative amount', one.replace('950.00', '-950.00'), `${transaction}/IntrBkSttlmAmt`, 'two decimals'],
    [
      'an amount that goes on',
      one.replace('950.00', '0'.repeat(500_000)),
      `${transaction}/IntrBkSttlmAmt`,
      'two decimals',
    ],
    ['a local time', one.replace('03.900Z', '03.900-03:00'), `${transaction}/AccptncDtTm`, 'UTC instant'],
    [
      'a day that is not',
      one.replace('2026-11-20T23:15:03', '2026-02-30T23:15:03'),
      `${transaction}/AccptncDtTm`,
      'UTC instant',
    ],
    ['an unknown priority', one.replace('PAGPRI', 'PAGXXX'), `${body}/GrpHdr/PmtTpInf/SvcLvl/Prtry`, 'PAGFRD'],
    ['too many transactions told', one.replace('<NbOfTxs>1<', '<NbOfTxs>2<'), `${body}/GrpHdr/NbOfTxs`, 'must be 1'],
    ['no number of transactions', one.replace('<NbOfTxs>1<', '<NbOfTxs>x<'), `${body}/GrpHdr/NbOfTxs`, 'whole number'],
    ['no transaction', one.replace(/<CdtTrfTxInf>.*<\/CdtTrfTxInf>/s, ''), transaction, 'is missing'],
    ['the second of ten', ten.replace('>20.01<', '>20,01<'), `${transaction}[2]/IntrBkSttlmAmt`, 'two decimals'],
    [
      'a message id of another kind',
      one.replace('<BizMsgIdr>M', '<BizMsgIdr>X'),
      '/Envelope/AppHdr/BizMsgIdr',
      'must be M',
    ],
    [
      'an ISPB in lower case',
      one.replace('<Id>55AB66CD', '<Id>55ab66cd'),
      '/Envelope/AppHdr/To/FIId/FinInstnId/Othr/Id',
      '8 characters',
    ],
    [
      'an unknown status',
      sample('pacs.002-settled.xml').replace('ACCC', 'DONE'),
      '/Envelope/Document/FIToFIPmtStsRpt/TxInfAndSts/TxSts',
      'ACSP',
    ],
    [
      'a settlement day that is not',
      sample('pacs.002-settled.xml').replace('>2026-11-20<', '>2026-11-31<'),
      '/Envelope/Document/FIToFIPmtStsRpt/TxInfAndSts/OrgnlTxRef/IntrBkSttlmDt',
      'a date',
    ],
    [
      'a reason for a return that is none',
      sample('pacs.004-return.xml').replace('MD06', 'AM09'),
      '/Envelope/Document/PmtRtr/TxInf[2]/RtrRsnInf/Rsn/Cd',
      'FR01',
    ],
    [
      'a return id of a payment',
      sample('pacs.004-return.xml').replace('<RtrId>D', '<RtrId>E'),
      '/Envelope/Document/PmtRtr/TxInf[1]/RtrId',
      'must be D',
    ],
    [
      'a book transfer without time',
      sample('trck.002-book.xml').replace(/<ReqdExctnDt>.*<\/ReqdExctnDt>/, ''),
      '/Envelope/Document/PmtStsTrckrRpt/TrckrStsAndTx[1]/Tx/ReqdExctnDt/DtTm',
      'is missing',
    ],
  ])('%s', (_, text, field, what) => {
    const fault = faultOf(text);
    expect(fault.code).toBe('invalid_request');
    expect(fault.errors).toEqual([{ field, message: expect.stringContaining(what) }]);
  });

  it('all at once, up to an end', () => {
    const fault = faultOf(one.replace('950.00', '0.00').replace('>DICT<', '>XXXX<'));
    expect(fault.errors!.map(({ field }) => field)).toEqual([
      `${transaction}/IntrBkSttlmAmt`,
      `${transaction}/MndtRltdInf/Tp/LclInstrm/Prtry`,
    ]);
    const empty = one.replace(/<CdtTrfTxInf>.*<\/CdtTrfTxInf>/s, '<CdtTrfTxInf/>'.repeat(5_000));
    expect(faultOf(empty).errors!.length).toBeLessThan(50);
  });

  it('and never shown', () => {
    const secret = 'sec.ret-9f3e71';
    for (const name of ['pacs.008-key.xml', 'pacs.002-rejected.xml', 'pacs.004-return.xml', 'trck.002-book.xml']) {
      const text = sample(name);
      for (const { index, 0: value } of text.matchAll(/(?<=>)[^<>\s][^<>]*(?=<)/g)) {
        const changed = `${text.slice(0, index)}${secret}${text.slice(index + value.length)}`;
        try {
          readMessage(changed);
        } catch (error) {
          const { code, message, errors, cause } = error as Fault;
          expect(JSON.stringify({ code, message, errors, cause: String(cause) })).not.toContain(secret);
        }
      }
    }
  });
});

describe('is read all the same', () => {
  it.each([
    ['without milliseconds', '2026-11-20T23:15:03Z', '2026-11-20T23:15:03.000Z'],
    ['with a tenth of a second', '2026-11-20T23:15:03.9Z', '2026-11-20T23:15:03.900Z'],
    ['with microseconds', '2026-11-20T23:15:03.900999Z', '2026-11-20T23:15:03.900Z'],
  ])('an instant %s', (_, written, read) => {
    expect(firstPaymentOf(one.replace('2026-11-20T23:15:03.900Z', written)).acceptedAt).toBe(read);
  });

  it.each([
    ['950', '950.00'],
    ['950.5', '950.50'],
    ['0950.00', '950.00'],
    ['.50', '0.50'],
    ['950.', '950.00'],
    ['950.000', '950.00'],
    ['+950.00', '950.00'],
    [' 950.00\n', '950.00'],
  ])('the decimal %p of the schema', (written, read) => {
    expect(firstPaymentOf(one.replace('950.00', written)).amount).toBe(read);
  });

  it('a signature, an extension and elements in another order', () => {
    const signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><Purp><Cd>X</Cd></Purp></Signature>';
    const purpose = '<Purp><Cd>IPAY</Cd></Purp>';
    const saque = '<Strd><RfrdDocInf><Tp><CdOrPrtry><Prtry>AGTEC</Prtry></CdOrPrtry></Tp></RfrdDocInf></Strd>';
    const changed = one
      .replace('<Sgntr/>', `<Sgntr>${signature}</Sgntr>`)
      .replace(purpose, '')
      .replace('<PmtId>', `${purpose}<New><Id>1</Id></New><Purp xmlns="urn:other"><Cd>Y</Cd></Purp><PmtId>`)
      .replace('</Ustrd>', `</Ustrd>${saque}`);
    expect(readMessage(changed)).toEqual(readMessage(one));
  });

  it('for the side that asks', () => {
    const message = readMessage(one, { side: 'payer' });
    expect(message).toMatchObject({ payments: [{ side: 'payer' }] });
  });

  it('in every version of the catalogue', () => {
    for (const version of ['1.13', '1.14', '1.15', '1.16']) {
      expect(readMessage(one.replaceAll('1.16', version)).header.version).toBe(version);
    }
  });
});
