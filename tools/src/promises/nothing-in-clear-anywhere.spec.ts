import { hash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PaymentInput } from '@vigia/contracts';
import { cnpj, cpf, paymentBuilder } from '@vigia/testing';
import { Bank, type Scoring } from './bank.fixture.js';

jest.setTimeout(60_000);

/** Values that stand in the payments below and may stand nowhere else. */
const PLANTED = {
  payerTaxId: cpf(417_263_548),
  payeeTaxId: cnpj(36_271_845),
  initiatorTaxId: cpf(528_374_651),
  payerName: 'Zuleica Quaresma Ypiranga',
  payeeName: 'Mercearia Xingu Profunda',
  payerAccount: '73920184655',
  payeeAccount: '64830192',
  payerBranch: '7391',
  email: 'zuleica.ypiranga@caxambu.example',
  phone: '+5591987651234',
  evp: '5f0c8a1e-93d7-4b6e-8c21-7a9d40e6b3f2',
  device: 'device-QW7XK29PLM',
  ip: '203.0.113.187',
  ipv6: '2001:db8:7a:9f::5c31',
  remittanceInformation: 'aluguel da casa amarela',
  txId: 'TXPLANTED83920174',
};

const planted = (overrides: { key: string; ip: string; amount?: string }): PaymentInput =>
  paymentBuilder({
    acceptedAt: new Date().toISOString(),
    amount: overrides.amount ?? '2900.00',
    initiatorTaxId: PLANTED.initiatorTaxId,
    remittanceInformation: PLANTED.remittanceInformation,
    txId: PLANTED.txId,
    payer: {
      taxId: PLANTED.payerTaxId,
      name: PLANTED.payerName,
      account: { number: PLANTED.payerAccount, branch: PLANTED.payerBranch },
    },
    payee: {
      taxId: PLANTED.payeeTaxId,
      name: PLANTED.payeeName,
      account: { number: PLANTED.payeeAccount },
      key: overrides.key,
    },
    device: { id: PLANTED.device, ip: overrides.ip, registered: false },
  });

let bank: Bank;
let scoring: Scoring;
beforeAll(async () => {
  // The snapshot as it is in memory, not compressed.
  bank = await Bank.open({ valkey: { settings: { rdbcompression: 'no' } } });
  scoring = await bank.startScoring();
});
afterAll(() => bank.close());

/** Payments of every kind, then requests that fail in every way that repeats what they hold. */
async function sendThemAll(): Promise<void> {
  for (const key of [PLANTED.email, PLANTED.phone, PLANTED.evp, PLANTED.payeeTaxId]) {
    for (const ip of [PLANTED.ip, PLANTED.ipv6]) await scoring.assess(planted({ key, ip }));
  }
  const good = planted({ key: PLANTED.email, ip: PLANTED.ip });
  await scoring.assess(good);
  const bad: unknown[] = [
    { ...good, amount: '1.00' },
    { ...good, acceptedAt: '2020-01-01T00:00:00.000Z' },
    { ...good, payer: { ...good.payer, taxId: `${PLANTED.payerTaxId}0` } },
    { ...good, payer: PLANTED.payerTaxId, [PLANTED.email]: PLANTED.payerName },
    { ...good, initiationForm: PLANTED.payerName, side: PLANTED.phone, endToEndId: PLANTED.payerAccount },
  ];
  for (const payment of bad) expect((await scoring.send(payment as PaymentInput)).status).toBeGreaterThanOrEqual(400);
  const torn = JSON.stringify(good).slice(0, -200);
  await fetch(`${scoring.url}/v1/assessments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: torn,
  });
  for (const path of ['', '?include=', '/'].map((rest) => `${rest}${encodeURIComponent(PLANTED.email)}`)) {
    await fetch(`${scoring.url}/v1/assessments/${path}`);
  }
}

/** A value as it is, and as a digest without a key, which a list of all CPFs undoes. */
const formsOf = (value: string): string[] => [
  value,
  encodeURIComponent(value),
  ...(['sha256', 'sha1', 'md5'] as const).flatMap((digest) =>
    (['hex', 'base64', 'base64url'] as const).map((encoding) => hash(digest, value, encoding).slice(0, 20)),
  ),
  Buffer.from(value).toString('hex'),
];

/** A number as eight bytes, either way round, as a binary value of Valkey or PostgreSQL would hold it. */
function bytesOf(value: string): Buffer[] {
  if (!/^\d{8,14}$/.test(value)) return [];
  const [integer, double] = [Buffer.alloc(8), Buffer.alloc(8)];
  integer.writeBigInt64LE(BigInt(value));
  double.writeDoubleLE(Number(value));
  return [integer, double].flatMap((bytes) => [bytes, Buffer.from(bytes).reverse()]);
}

function leaksIn(place: Buffer): string[] {
  return Object.entries(PLANTED)
    .filter(([, value]) => [...formsOf(value), ...bytesOf(value)].some((form) => place.includes(form)))
    .map(([name]) => name);
}

async function tables(): Promise<Buffer> {
  const names = await bank.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const texts = [];
  for (const { name } of names) {
    const rows = await bank.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    texts.push(...rows.map(({ row }) => row));
  }
  return Buffer.from(texts.join('\n'));
}

function filesUnder(directory: string): Buffer {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))));
}

test('no CPF, name, account, key, device, IP or free text reaches a table, Valkey, the spool or a log', async () => {
  await sendThemAll();
  const rows = await tables();
  await bank.postgres.kill9();
  const spooled = planted({ key: PLANTED.email, ip: PLANTED.ip });
  expect((await scoring.assess(spooled)).degraded).toContain('ledger');
  const snapshot = await bank.snapshotOfValkey();
  await bank.valkey.kill9();
  await scoring.assess(planted({ key: PLANTED.phone, ip: PLANTED.ip }));
  const files = filesUnder(scoring.directory);

  // The search finds what has to be there.
  const pseudonym = /k1\.[A-Za-z0-9_-]{22}/;
  expect(rows.toString()).toMatch(pseudonym);
  expect(snapshot.toString('latin1')).toMatch(pseudonym);
  expect(files.includes(spooled.endToEndId)).toBe(true);
  expect(scoring.log()).toContain('"code":"conflicting_content"');
  expect(leaksIn(Buffer.from(JSON.stringify(spooled)))).toContain('payerTaxId');

  expect(leaksIn(rows)).toEqual([]);
  expect(leaksIn(snapshot)).toEqual([]);
  expect(leaksIn(files)).toEqual([]);
});
