import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@vigia/contracts';
import { ApiKeys, digestApiKey, mintApiKey, type ApiKeyEntry } from './api-keys.js';

const key = mintApiKey();
const entry: ApiKeyEntry = { name: 'core', sha256: digestApiKey(key), scopes: ['assess'] };
const faultOf = (act: () => unknown): Fault => {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('it was let in');
};

test('a new key has the prefix and 256 random bits', () => {
  expect(key).toMatch(/^vg_[A-Za-z0-9_-]{43}$/);
  expect(mintApiKey()).not.toBe(key);
});

test('a known key with the scope gives its name', () => {
  expect(new ApiKeys([entry]).authorize(key, 'assess')).toBe('core');
});

test.each([
  ['missing', undefined],
  ['another', mintApiKey()],
  ['of another form', 'secret'],
  ['empty', ''],
  ['the digest itself', digestApiKey(key)],
])('a key that is %s is unauthenticated', (_, presented) => {
  const fault = faultOf(() => new ApiKeys([entry]).authorize(presented, 'assess'));
  expect(fault.code).toBe('unauthenticated');
  if (presented) expect(fault.message).not.toContain(presented);
});

test('a scope that the key lacks is forbidden, admin is no master key', () => {
  const keys = new ApiKeys([{ ...entry, scopes: ['admin'] }]);
  expect(faultOf(() => keys.authorize(key, 'assess')).code).toBe('forbidden');
});

test('a key has its burst at once, then its rate, and is told how long to wait', () => {
  let nowMs = 0;
  const keys = new ApiKeys([{ ...entry, ratePerSecond: 0.5, burst: 2 }], () => nowMs);
  keys.authorize(key, 'assess');
  keys.authorize(key, 'assess');
  const fault = faultOf(() => keys.authorize(key, 'assess'));
  expect([fault.code, fault.retryAfterS]).toEqual(['rate_limited', 2]);
  nowMs = 2_000;
  keys.authorize(key, 'assess');
  expect(faultOf(() => keys.authorize(key, 'assess')).code).toBe('rate_limited');
  nowMs = 1_000_000;
  keys.authorize(key, 'assess');
  keys.authorize(key, 'assess');
  expect(faultOf(() => keys.authorize(key, 'assess')).code).toBe('rate_limited');
});

test('a refused scope takes nothing from the budget', () => {
  const keys = new ApiKeys([{ ...entry, ratePerSecond: 1, burst: 1 }], () => 0);
  for (let i = 0; i < 5; i += 1) faultOf(() => keys.authorize(key, 'read'));
  expect(keys.authorize(key, 'assess')).toBe('core');
});

test('one key stands once', () => {
  expect(() => new ApiKeys([entry, { ...entry, name: 'other' }])).toThrow('stands twice');
  expect(() => new ApiKeys([entry, { ...entry, sha256: digestApiKey(mintApiKey()) }])).toThrow('stands twice');
});

describe('the keys file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-keys-'));
  const path = join(directory, 'keys.json');
  afterAll(() => rmSync(directory, { recursive: true }));

  test('is read', () => {
    writeFileSync(path, JSON.stringify([entry]));
    expect(ApiKeys.load(path).authorize(key, 'assess')).toBe('core');
  });

  test.each([
    ['is missing', undefined, "can't be read as JSON"],
    ['is no JSON', '[', "can't be read as JSON"],
    ['holds a key in clear', JSON.stringify([{ name: 'core', key, scopes: ['assess'] }]), 'sha256'],
    ['has an unknown scope', JSON.stringify([{ ...entry, scopes: ['root'] }]), 'scopes'],
  ])('that %s ends the start with its form', (_, text, message) => {
    rmSync(path, { force: true });
    if (text !== undefined) writeFileSync(path, text);
    expect(() => ApiKeys.load(path)).toThrow(message);
    expect(() => ApiKeys.load(path)).not.toThrow(key);
  });
});
