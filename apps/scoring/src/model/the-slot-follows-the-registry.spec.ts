import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SelfTest } from '@vigia/contracts';
import { mlflowServer, waitFor } from '@vigia/testing';
import { Following, type FollowingOptions, cachedBundles, lastGoodChampion } from './following.fixture.js';
import { RegisteredModel, makeBundle, type Spoil } from './registered-model.fixture.js';

jest.setTimeout(180_000);

const directory = mkdtempSync(join(tmpdir(), 'vigia-follower-'));
const BUNDLE = join(directory, 'made');

let mlflowUrl: string;
let model: RegisteredModel;
const started: Following[] = [];

beforeAll(async () => {
  [mlflowUrl] = await Promise.all([mlflowServer(), makeBundle(BUNDLE, { seed: 7, slope: 0.9 })]);
});
beforeEach(() => (model = new RegisteredModel(mlflowUrl, directory)));
afterEach(() => Promise.all(started.splice(0).map((following) => following.close())));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function follow(...options: [uri?: string, options?: FollowingOptions]): Promise<Following> {
  const following = await Following.start(model, ...options);
  started.push(following);
  return following;
}

/** Changes the self-test and its digest, as a trainer with an error would. */
const wrongSelfTest: Spoil = (copy, manifest) => {
  const file = join(copy, 'self-test.json');
  const content = JSON.parse(readFileSync(file, 'utf8')) as SelfTest;
  const text = JSON.stringify({ ...content, margins: content.margins.map((margin) => margin + 1) });
  writeFileSync(file, text);
  manifest.files['self-test.json'] = createHash('sha256').update(text).digest('hex');
};

test('a moved alias is followed, there and back, and each bundle is fetched once', async () => {
  const [first, second] = [await model.add(BUNDLE), await model.add(BUNDLE)];
  await model.registry.setAlias(model.name, 'champion', first);
  const following = await follow();
  expect(following.serving).toBe('bundle-1');
  await model.registry.setAlias(model.name, 'champion', second);
  await following.serves(second);
  await model.registry.setAlias(model.name, 'champion', first);
  await following.serves(first);
  expect(following.registry.fetched).toEqual([first, second]);
  expect(await following.metric('model_swaps_total')).toBe(3);
  expect(await following.metric('model_info')).toBe(1);
  expect(await following.metric('model_refusals_total')).toBe(0);
});

test('a version by its number is served, whatever has the aliases', async () => {
  await model.add(BUNDLE);
  await model.registry.setAlias(model.name, 'champion', await model.add(BUNDLE));
  expect((await follow(`models:/${model.name}/1`)).serving).toBe('bundle-1');
});

test.each<[string, Spoil, RegExp]>([
  [
    'a file that was altered after packaging',
    (copy) => writeFileSync(join(copy, 'trees.json'), '{}'),
    /trees\.json: expected SHA-256/,
  ],
  ['another feature set', (_, manifest) => (manifest.featureSet.hash = '0'.repeat(64)), /hash .* of feature set pix/],
  ['a self-test that the graph does not pass', wrongSelfTest, /margin of vector 0/],
  ['another name than it is registered by', (_, manifest) => (manifest.name = 'other'), /found other/],
  ['a file that is missing', (copy) => rmSync(join(copy, 'model.onnx')), /model\.onnx: expected a readable file/],
])('%s: refused once, and the old model goes on', async (_, spoil, reason) => {
  await model.registry.setAlias(model.name, 'champion', await model.add(BUNDLE));
  const following = await follow();
  const bad = await model.add(BUNDLE, spoil);
  await model.registry.setAlias(model.name, 'champion', bad);
  await waitFor(async () => (await following.metric('model_refusals_total')) === 1, { timeoutMs: 60_000 });
  await following.polls(5);
  expect(following.serving).toBe('bundle-1');
  expect(following.registry.fetched).toEqual(['1', bad]);
  expect(following.log).toMatch(reason);
  // A process that starts now has the last good one.
  expect((await follow()).serving).toBe('bundle-1');
  const good = await model.add(BUNDLE);
  await model.registry.setAlias(model.name, 'champion', good);
  await following.serves(good);
  expect(await following.metric('model_refusals_total')).toBe(1);
});

test('a bundle that was damaged on this disk is fetched again', async () => {
  const version = await model.add(BUNDLE);
  await model.registry.setAlias(model.name, 'champion', version);
  await follow();
  writeFileSync(join(model.cacheDirectory, model.name, cachedBundles(model)[0]!, 'model.onnx'), 'damaged');
  const following = await follow();
  expect(following.serving).toBe('bundle-1');
  expect(following.registry.fetched).toEqual([version]);
  expect(await following.metric('model_refusals_total')).toBe(0);
});

test('a champion without alias stays, over a restart too; a challenger without alias is over', async () => {
  const version = await model.add(BUNDLE);
  await model.registry.setAlias(model.name, 'champion', version);
  await model.registry.setAlias(model.name, 'challenger', version);
  const champion = await follow();
  const challenger = await follow(model.challenger, { role: 'challenger' });
  expect(challenger.serving).toBe('bundle-1');
  await model.registry.removeAlias(model.name, 'champion');
  await model.registry.removeAlias(model.name, 'challenger');
  await waitFor(() => challenger.serving === undefined);
  expect(await challenger.metric('model_info')).toBe(0);
  await waitFor(() => champion.log.includes('the registry names no version: the champion stays'));
  await champion.polls(3);
  expect(champion.log.split('the champion stays')).toHaveLength(2);
  expect(champion.serving).toBe('bundle-1');
  expect((await follow()).serving).toBe('bundle-1');
  expect((await follow(model.challenger, { role: 'challenger' })).serving).toBeUndefined();
});

test('of old bundles the last five stay', async () => {
  await model.registry.setAlias(model.name, 'champion', await model.add(BUNDLE));
  const following = await follow();
  for (let n = 2; n <= 7; n++) {
    const version = await model.add(BUNDLE);
    await model.registry.setAlias(model.name, 'champion', version);
    await following.serves(version);
    await waitFor(() => lastGoodChampion(model) === version);
  }
  await waitFor(() => cachedBundles(model).length === 5);
  const live = await model.registry.byAlias(model.name, 'champion');
  expect(cachedBundles(model)).toContain(live!.bundleSha256);
});

test('a start without patience takes the last good one, which never replaces what the registry names', async () => {
  const [first, second] = [await model.add(BUNDLE), await model.add(BUNDLE)];
  await model.registry.setAlias(model.name, 'champion', first);
  await (await follow()).close();
  await model.registry.setAlias(model.name, 'champion', second);
  const following = await follow(model.champion, { patienceMs: 0 });
  expect(following.serving).toBeDefined();
  await following.serves(second);
  await following.polls(3);
  expect(following.serving).toBe('bundle-2');
});

test('a champion that is not there yet is taken when it comes', async () => {
  const following = await follow();
  expect(following.serving).toBeUndefined();
  await model.registry.setAlias(model.name, 'champion', await model.add(BUNDLE));
  await following.serves('1');
});
