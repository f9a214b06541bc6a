import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readMessage, type SpiMessage } from './message.js';

const own = path.resolve(__dirname, '../samples');
const official = path.resolve(__dirname, '../../../../shared/data/spi');

function read(folder: string, name: string): SpiMessage {
  return readMessage(readFileSync(path.join(folder, name)));
}

describe('our samples', () => {
  it('are all read as what their names say', () => {
    const names = readdirSync(own);
    expect(names.length).toBeGreaterThanOrEqual(7);
    for (const name of names) expect(name.startsWith(read(own, name).type)).toBe(true);
  });

  it('a payment by key', () => {
    expect(read(own, 'pacs.008-key.xml')).toEqual({
      type: 'pacs.008',
      header: {
        from: '00038166',
        to: '55AB66CD',
        messageId: 'M00038166vigiaSample000000000001',
        createdAt: '2026-11-20T23:15:04.210Z',
        version: '1.16',
      },
      payments: [
        {
          endToEndId: 'E11223344202611202315aB3dE5fG7hJ',
          side: 'payee',
          amount: '950.00',
          acceptedAt: '2026-11-20T23:15:03.900Z',
          initiationForm: 'DICT',
          purpose: 'IPAY',
          priority: 'PAGPRI',
          remittanceInformation: 'Aluguel de novembro',
          payer: {
            name: 'Iracema Figueira & Filha',
            taxId: '52998224725',
            ispb: '11223344',
            account: { number: '123456', branch: '1', type: 'TRAN' },
          },
          payee: {
            taxId: '12ABC34501DE35',
            ispb: '55AB66CD',
            account: { number: '654321', type: 'CACC' },
            key: '+5561999990000',
          },
        },
      ],
    });
  });

  it('a payment by account data, held for suspected fraud', () => {
    const message = read(own, 'pacs.008-account.xml');
    if (message.type !== 'pacs.008') throw new Error('is no pacs.008');
    expect(message.payments).toHaveLength(1);
    expect(message.payments[0]).toMatchObject({ initiationForm: 'MANU', priority: 'PAGFRD' });
    expect(message.payments[0]!.payee).not.toHaveProperty('key');
  });

  it('ten payments in one message, with all forms of initiation and a tax split', () => {
    const message = read(own, 'pacs.008-ten.xml');
    if (message.type !== 'pacs.008') throw new Error('is no pacs.008');
    expect(message.payments).toHaveLength(10);
    expect(new Set(message.payments.map(({ endToEndId }) => endToEndId)).size).toBe(10);
    expect(new Set(message.payments.map(({ initiationForm }) => initiationForm)).size).toBe(8);
    expect(message.payments.map(({ amount }) => amount).slice(0, 3)).toEqual(['10.00', '20.01', '30.02']);
    expect(message.payments[6]).toMatchObject({ initiatorTaxId: '11222333000181', txId: 'tx6' });
  });

  it('a settlement', () => {
    expect(read(own, 'pacs.002-settled.xml')).toMatchObject({
      type: 'pacs.002',
      reports: [
        {
          originalInstructionId: 'E11223344202611202315aB3dE5fG7hJ',
          originalEndToEndId: 'E11223344202611202315aB3dE5fG7hJ',
          status: 'ACCC',
          settledAt: '2026-11-20T23:15:06.480Z',
          accountingDate: '2026-11-20',
        },
      ],
    });
  });

  it('a rejection with two texts, and the acceptance of a return', () => {
    const message = read(own, 'pacs.002-rejected.xml');
    if (message.type !== 'pacs.002') throw new Error('is no pacs.002');
    expect(message.reports).toEqual([
      {
        originalInstructionId: 'E11223344202611202315aB3dE5fG7hJ',
        originalEndToEndId: 'E11223344202611202315aB3dE5fG7hJ',
        status: 'RJCT',
        reasonCode: 'FRAD',
        additionalInformation: 'Conta com fundada suspeita de fraude',
      },
      {
        originalInstructionId: 'D55AB66CD202611210900rEtUrN00001',
        originalEndToEndId: 'E11223344202611202315aB3dE5fG7hJ',
        status: 'ACSP',
      },
    ]);
  });

  it('a partial return for fraud and the rest at the wish of the payee', () => {
    const originalEndToEndId = 'E11223344202611202315aB3dE5fG7hJ';
    expect(read(own, 'pacs.004-return.xml')).toMatchObject({
      type: 'pacs.004',
      returns: [
        { returnId: 'D55AB66CD202611210900rEtUrN00001', originalEndToEndId, amount: '700.00', reason: 'FR01' },
        { returnId: 'D55AB66CD202611210900rEtUrN00002', originalEndToEndId, amount: '250.00', reason: 'MD06' },
      ],
    });
  });

  it('a book transfer and its return, which is no payment', () => {
    const message = read(own, 'trck.002-book.xml');
    if (message.type !== 'trck.002') throw new Error('is no trck.002');
    expect(message.payments).toHaveLength(1);
    expect(message.payments[0]).toMatchObject({
      endToEndId: 'E11223344202611221403bOoK0000001',
      acceptedAt: '2026-11-22T14:03:09.120Z',
      payer: { ispb: '11223344' },
      payee: { ispb: '11223344', key: '11144477735' },
    });
    expect(message.returns).toEqual([
      {
        returnId: 'D11223344202611221500bOoK0000001',
        originalEndToEndId: 'E11223344202611221403bOoK0000001',
        amount: '42.10',
        settledAt: '2026-11-22T14:03:09.120Z',
      },
    ]);
  });
});

const present = existsSync(official);
if (!present) console.warn(`skipped: no samples of the Banco Central at ${path.relative(process.cwd(), official)}`);

(present ? describe : describe.skip)('samples of the Banco Central (catalogue 5.13.1)', () => {
  it('a payment by key, with an EndToEndId of day 34', () => {
    expect(read(official, 'pacs.008_END_1_msg.xml')).toMatchObject({
      type: 'pacs.008',
      payments: [{ amount: '1000.00', initiationForm: 'DICT', payee: { key: 'idContaTransacional0@bc.com.br' } }],
    });
  });

  it('a payment by account data', () => {
    expect(read(official, 'pacs.008_CONTA_1_msg.xml')).toMatchObject({
      type: 'pacs.008',
      payments: [{ initiationForm: 'MANU', payer: { name: 'Fulano da Silva' } }],
    });
  });

  it('a settlement', () => {
    expect(read(official, 'pacs.002_SPI_1_msg.xml')).toMatchObject({
      type: 'pacs.002',
      reports: [{ status: 'ACCC', settledAt: '2020-01-01T08:30:12.000Z', accountingDate: '2020-01-01' }],
    });
  });

  it('a rejection', () => {
    expect(read(official, 'pacs.002_ERRO_1_msg.xml')).toMatchObject({
      type: 'pacs.002',
      reports: [{ status: 'RJCT', reasonCode: 'AB03' }],
    });
  });
});
