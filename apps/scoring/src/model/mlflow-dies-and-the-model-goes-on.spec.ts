import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMlflow, waitFor, type OwnedServer } from '@vigia/testing';
import { Following, type FollowingOptions } from './following.fixture.js';
import { RegisteredModel, makeBundle } from './registered-model.fixture.js';

jest.setTimeout(300_000);

const directory = mkdtempSync(join(tmpdir(), 'vigia-follower-'));
const BUNDLE = join(directory, 'made');
const started: Following[] = [];

let mlflow: OwnedServer;
let model: RegisteredModel;
beforeAll(async () => {
  [mlflow] = await Promise.all([startMlflow(), makeBundle(BUNDLE, { seed: 7, slope: 0.9 })]);
  model = new RegisteredModel(mlflow.url, directory);
});
afterAll(async () => {
  await Promise.all(started.map((following) => following.close()));
  await mlflow?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function follow(...options: [uri?: string, options?: FollowingOptions]): Promise<Following> {
  const following = await Following.start(model, ...options);
  started.push(following);
  return following;
}

test('MLflow dies: what is live goes on, a start takes the last good one, and what comes after is followed', async () => {
  const [first, second] = [await model.add(BUNDLE), await model.add(BUNDLE)];
  await model.registry.setAlias(model.name, 'champion', first);
  await model.registry.setAlias(model.name, 'challenger', second);
  const [champion, challenger] = [await follow(), await follow(model.challenger, { role: 'challenger' })];
  await mlflow.kill9();
  await champion.polls(3);
  await waitFor(() => champion.log.includes('fails: the live model goes on'));
  const silence = await champion.metric('model_registry_silence_seconds');
  await waitFor(async () => (await champion.metric('model_registry_silence_seconds')) > silence);
  expect([champion.serving, challenger.serving]).toEqual(['bundle-1', 'bundle-2']);

  const restarted = [await follow(), await follow(model.challenger, { role: 'challenger' })] as const;
  expect(restarted.map(({ serving }) => serving)).toEqual(['bundle-1', 'bundle-2']);
  expect(restarted[0].registry.fetched).toEqual([]);
  rmSync(model.cacheDirectory, { recursive: true });
  const bare = await follow();
  expect(bare.serving).toBeUndefined();

  await mlflow.restart();
  await model.registry.setAlias(model.name, 'champion', second);
  for (const following of [champion, restarted[0], bare]) await following.serves(second);
  expect(champion.log).toContain('the registry is followed');
});
