import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { credentialsOf } from './credentials.js';
import { ModelRegistry } from './model-registry.js';

let server: Server;
let url: string;

beforeAll(async () => {
  const expected = `Basic ${Buffer.from('ana:s3cret:with colon').toString('base64')}`;
  server = createServer((request, response) => {
    const isKnown = request.headers.authorization === expected;
    response.writeHead(isKnown ? 404 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error_code: isKnown ? 'RESOURCE_DOES_NOT_EXIST' : 'UNAUTHENTICATED' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const registryAs = (mlflowTrackingUsername: string, mlflowTrackingPassword: string): ModelRegistry =>
  new ModelRegistry({ url, ...credentialsOf({ mlflowTrackingUsername, mlflowTrackingPassword }) });

test('user and password go with every question', async () => {
  expect(await registryAs('ana', 's3cret:with colon').version('pix-fraud', '1')).toBeNull();
});

test('without them, or with wrong ones, the answer says what MLflow said', async () => {
  for (const registry of [registryAs('', ''), registryAs('ana', 'wrong')]) {
    await expect(registry.version('pix-fraud', '1')).rejects.toThrow(/401/);
  }
});
