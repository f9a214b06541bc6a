import { mlflowServer } from '@vigia/testing';
import { RegisteredModel } from '../registered.fixture.js';
import { moveChallenger } from './challenger.js';

jest.setTimeout(120_000);

let mlflowUrl: string;

beforeAll(async () => {
  mlflowUrl = await mlflowServer();
});

/** Which version is the challenger once `judged` was, of three that passed. */
async function challengerAfter(
  judged: string,
  { champion, challenger, passed = true }: { champion?: string; challenger?: string; passed?: boolean },
): Promise<string | undefined> {
  const { name, registry } = await modelOfThree();
  if (champion) await registry.setAlias(name, 'champion', champion);
  if (challenger) await registry.setAlias(name, 'challenger', challenger);
  await moveChallenger(registry, { model: name, version: judged }, passed);
  return (await registry.byAlias(name, 'challenger'))?.version;
}

async function modelOfThree(): Promise<RegisteredModel> {
  const model = new RegisteredModel(mlflowUrl);
  for (let i = 0; i < 3; i++) await model.addVersion('passed');
  return model;
}

test.each([
  ['the champion, judged again, leaves the newer challenger alone', '1', { champion: '1', challenger: '2' }, '2'],
  ['the champion becomes no challenger of its own', '1', { champion: '1' }, undefined],
  ['a former champion leaves the newer challenger alone', '1', { champion: '2', challenger: '3' }, '3'],
  ['a newer version that passes takes the place of an older one', '3', { champion: '1', challenger: '2' }, '3'],
  ['the challenger, judged again, stays it', '2', { champion: '1', challenger: '2' }, '2'],
  ['the challenger that fails is it no more', '2', { champion: '1', challenger: '2', passed: false }, undefined],
  ['another that fails changes nothing', '3', { champion: '1', challenger: '2', passed: false }, '2'],
])('%s', async (_, judged, before, after) => {
  expect(await challengerAfter(judged, before)).toBe(after);
});
