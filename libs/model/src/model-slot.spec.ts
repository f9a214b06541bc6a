import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleManifest } from '@vigia/contracts';
import { ModelClosed, loadBundle, type Model } from './model.js';
import { ModelSlot } from './model-slot.js';

const BUNDLE = join(__dirname, '../fixtures/bundle');
const { featureSet, features } = bundleManifest.parse(JSON.parse(readFileSync(join(BUNDLE, 'bundle.json'), 'utf8')));
const load = (): Promise<Model> => loadBundle(BUNDLE, { featureSet: { ...featureSet, features } });
const vector = new Float32Array(features.length);

test('an empty slot gives no model', async () => {
  const slot = new ModelSlot();
  expect(slot.current()).toBeNull();
  expect(await slot.use(async (model) => model)).toBeNull();
});

test('a swap is live at once and closes the old model only behind work that began on it', async () => {
  const [old, next] = [await load(), await load()];
  const slot = new ModelSlot(old);
  let goOn!: () => void;
  const swapped = new Promise<void>((resolve) => (goOn = resolve));
  const work = slot.use(async (model) => {
    const { margin } = await model!.score(vector);
    await swapped;
    const contributions = await model!.explain(vector);
    return margin - contributions.reduce((sum, { contribution }) => sum + contribution, model!.bias!);
  });
  const closed = slot.swap(next);
  expect(slot.current()).toBe(next);
  await slot.use(async (model) => expect(await model!.score(vector)).toHaveProperty('probability'));
  goOn();
  expect(await work).toBeCloseTo(0, 5);
  await closed;
  await expect(old.score(vector)).rejects.toThrow(ModelClosed);
  await expect(old.explain(vector)).rejects.toThrow('fixture version 1 is closed');
  await slot.swap(null);
  await expect(next.score(vector)).rejects.toThrow(ModelClosed);
});

test('work that fails lets the swap go on', async () => {
  const slot = new ModelSlot(await load());
  const work = slot.use(() => Promise.reject(new Error('work failed')));
  const closed = slot.swap(null);
  await expect(work).rejects.toThrow('work failed');
  await closed;
});

test('a swap to the live model leaves it open', async () => {
  const model = await load();
  const slot = new ModelSlot(model);
  await slot.swap(model);
  await expect(model.score(vector)).resolves.toHaveProperty('margin');
  await slot.swap(null);
});

test('a model answers rows that it had when it was closed', async () => {
  const model = await load();
  const scores = Array.from({ length: 200 }, () => model.score(vector));
  const explained = model.explain(vector);
  await Promise.all([model.close(), model.close()]);
  const margins = (await Promise.all(scores)).map(({ margin }) => margin);
  expect(new Set(margins).size).toBe(1);
  expect(await explained).toHaveLength(features.length);
});
