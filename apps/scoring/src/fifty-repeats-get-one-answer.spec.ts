import { Metadata } from '@grpc/grpc-js';
import { ClientProxyFactory, Transport, type ClientGrpcProxy } from '@nestjs/microservices';
import { assessment, type Assessment, type PaymentInput } from '@vigia/contracts';
import { faultOfGrpcError } from '@vigia/platform';
import { cpf, paymentBuilder } from '@vigia/testing';
import { firstValueFrom, type Observable } from 'rxjs';
import { GRPC } from './config.js';
import { Site, type ScoringProcess } from './site.fixture.js';

jest.setTimeout(90_000);

type Ask = (payment: PaymentInput) => Promise<Assessment>;

let site: Site;
let processes: ScoringProcess[];
/** Each way to ask each process. */
let ways: Ask[];
const channels: ClientGrpcProxy[] = [];

beforeAll(async () => {
  site = await Site.open();
  processes = await Promise.all([site.startProcess(), site.startProcess()]);
  ways = processes.flatMap(({ url, grpcAddress }) => [byHttp(url), byGrpc(grpcAddress)]);
});
afterAll(async () => {
  for (const channel of channels) channel.close();
  await site.close();
});

function byHttp(url: string): Ask {
  return async (payment) => {
    const response = await fetch(`${url}/v1/assessments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': site.keys.full },
      body: JSON.stringify(payment),
    });
    const body = (await response.json()) as Assessment & { type?: string };
    if (response.status !== 200) throw new Error(`${response.status} ${body.type}`);
    return body;
  };
}

function byGrpc(url: string): Ask {
  const loader = { longs: Number, enums: String, defaults: false, arrays: true };
  const channel = ClientProxyFactory.create({
    transport: Transport.GRPC,
    options: { url, ...GRPC, loader },
  }) as ClientGrpcProxy;
  channels.push(channel);
  const service = channel.getService<{ assess(payment: object, metadata: Metadata): Observable<object> }>('Scoring');
  const metadata = new Metadata();
  metadata.set('x-api-key', site.keys.full);
  return async (payment) => {
    try {
      // Absent on the wire is null in the answer.
      const answer = await firstValueFrom(service.assess(payment, metadata));
      return assessment.parse({ probability: null, model: null, ...answer });
    } catch (error) {
      throw new Error(faultOfGrpcError(error).code, { cause: error });
    }
  };
}

const pay = (payer: number) => paymentBuilder({ acceptedAt: new Date().toISOString(), payer: { taxId: cpf(payer) } });

/** Payments of the payer within 10 minutes, as the vector of this payment counted them. */
async function countedWith({ endToEndId }: PaymentInput): Promise<unknown> {
  const url = `${processes[0]!.url}/v1/assessments/${endToEndId}?include=vector`;
  const response = await fetch(url, { headers: { 'x-api-key': site.keys.full } });
  return ((await response.json()) as { vector: Record<string, unknown> }).vector['payer_count_10m'];
}

test('the same payment 50 times at once, over HTTP and gRPC, at two processes: one row, one answer, counted once', async () => {
  for (let round = 0; round < 5; round++) {
    const payment = pay(round);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ways[i % ways.length]!(payment)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ endToEndId: payment.endToEndId, degraded: ['model'] });
    expect(await site.rowsOf(payment.endToEndId)).toBe(1);
    expect(await countedWith(payment)).toBe(1);

    const next = pay(round);
    await ways[round % ways.length]!(next);
    expect(await countedWith(next)).toBe(2);
    // Later, and after another payment, the answer is still the first.
    for (const ask of ways) expect(await ask(payment)).toEqual(answers[0]);
  }
});

test('two contents under one EndToEndId at once: one is answered, the other is a conflict, at whatever process', async () => {
  for (let round = 0; round < 5; round++) {
    const payment = pay(100 + round);
    const other = { ...payment, amount: '951.00' };
    const asked = Array.from({ length: 40 }, (_, i) => ways[i % ways.length]!((i >> 2) % 2 === 0 ? payment : other));
    const results = await Promise.allSettled(asked);
    const answered = results.filter((result) => result.status === 'fulfilled');
    const refused = results.filter((result) => result.status === 'rejected');
    expect(answered.length).toBe(20);
    for (const { value } of answered) expect(value).toEqual(answered[0]!.value);
    for (const { reason } of refused) expect(String(reason)).toContain('conflicting_content');
    expect(await site.rowsOf(payment.endToEndId)).toBe(1);
    const next = pay(100 + round);
    await ways[0]!(next);
    expect(await countedWith(next)).toBe(2);
  }
});
