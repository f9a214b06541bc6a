import type { JobView, Service } from '@vigia/platform';
import { mlflowServer } from '@vigia/testing';
import { RegisteredModel } from '../registered.fixture.js';
import { OVER, Site, ask, jobIn } from '../site.fixture.js';

jest.setTimeout(360_000);

let mlflowUrl: string;
let site: Site;
let service: Service;
let model: RegisteredModel;

beforeAll(async () => {
  mlflowUrl = await mlflowServer();
  site = await Site.open(mlflowUrl);
  // A gate that would let everything pass.
  const passed = `{"format":1,"passed":true,"checks":[]}`;
  const script = `while [ "$1" != --out ]; do shift; done; mkdir -p "$2"; echo '${passed}' > "$2/gate.json"
    echo '# Gate: passed' > "$2/gate.md"; echo '{"kind":"result","passed":true}'`;
  service = await site.start(site.scripts({ 'vigia-gate': script }));
});
afterAll(() => site?.close());
beforeEach(() => {
  model = new RegisteredModel(mlflowUrl);
});

async function evaluated(version: string): Promise<JobView> {
  const path = `${service.url}/v1/models/${model.name}/versions/${version}/evaluate`;
  const { body } = await ask(path, site.keys.admin, { body: {} });
  return jobIn(service.url, site.keys.reader, body as unknown as JobView, ...OVER);
}

test.each([
  ['of which files are missing', {}, /model\.onnx/],
  ['of another feature set', { featureSet: { name: 'card', hash: '0'.repeat(64) } }, /feature set pix or handbook/],
])('a bundle %s: the verdict says why, and it loses the alias', async (_, overrides, reason) => {
  const version = await model.addVersion('passed', overrides);
  await model.registry.setAlias(model.name, 'challenger', version);
  const job = await evaluated(version);
  expect(job).toMatchObject({
    state: 'completed',
    result: {
      version,
      champion: null,
      passed: false,
      checks: [{ name: 'bundle', passed: false, text: expect.stringMatching(reason) as string }],
    },
  });
  const judged = (await model.registry.version(model.name, version))!;
  expect([judged.gate, judged.aliases]).toEqual(['failed', []]);
  const report = await fetch(`${mlflowUrl}/get-artifact?run_uuid=${judged.runId}&path=gate/gate.md`);
  expect(await report.text()).toMatch(/^# Gate: failed\n\n- bundle: /);
  expect(await (await fetch(`${service.url}/metrics`)).text()).toMatch(
    new RegExp(`vigia_gate_verdicts_total\\{(?=[^}]*model="${model.name}")[^}]*verdict="failed"[^}]*\\} 1`),
  );
});

test('the challenger that is there stays where another version fails', async () => {
  const [first, second] = [await model.addVersion('passed'), await model.addVersion('pending')];
  await model.registry.setAlias(model.name, 'challenger', first);
  await evaluated(second);
  expect((await model.registry.byAlias(model.name, 'challenger'))?.version).toBe(first);
});
