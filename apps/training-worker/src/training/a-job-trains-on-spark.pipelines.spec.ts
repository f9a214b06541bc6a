import type { Service } from '@vigia/platform';
import { ModelRegistry } from '@vigia/registry';
import { mlflowServer } from '@vigia/testing';
import { OVER, Site, ask, jobIn } from '../site.fixture.js';

jest.setTimeout(900_000);

let site: Site;
let service: Service;
let mlflowUrl: string;

beforeAll(async () => {
  mlflowUrl = await mlflowServer();
  site = await Site.open(mlflowUrl);
  site.trainingSet('small', { rows: 2_000 });
  service = await site.start({ SPARK_MASTER: 'local[1]', SPARK_MEMORY_MB: '1024', MLFLOW_EXPERIMENT: 'spark' });
});
afterAll(() => site?.close());

const trained = async (family: string) => {
  const body = { model: 'spark-model', trainingSet: 'small', evaluate: false, parameters: { family, spark_trees: 10 } };
  const { body: asked } = await ask(`${service.url}/v1/training-jobs`, site.keys.admin, { body });
  return jobIn(service.url, site.keys.reader, { queue: 'train', id: String(asked['id']) }, ...OVER);
};

test('its version is a bundle like any other, with the distance of the graph from Spark on record', async () => {
  const job = await trained('spark_forest');
  expect(job).toMatchObject({ state: 'completed', result: { model: 'spark-model', version: '1' } });
  const { metrics } = job.result as { metrics: Record<string, number> };
  expect(metrics['onnx_probability_error']).toBeLessThan(1e-6);
  const registry = new ModelRegistry({ url: mlflowUrl, timeoutMs: 30_000 });
  expect(await registry.versions('spark-model')).toHaveLength(1);
});
