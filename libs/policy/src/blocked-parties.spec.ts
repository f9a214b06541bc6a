import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlockedParties } from './index.js';

const one = 'k1.AAAAAAAAAAAAAAAAAAAAAA';
const other = 'k12.abcdefghij-_0123456789';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'blocked-'));
  file = join(directory, 'blocked.txt');
});
afterEach(() => rm(directory, { recursive: true }));

test('a list with comments, empty lines and Windows line ends', async () => {
  await writeFile(file, `# court order\n\n${one} # since May\r\n  ${other}\n${one}\n`);
  const blocked = await BlockedParties.load(file);
  expect(blocked.size).toBe(2);
  expect([one, other, 'k1.BBBBBBBBBBBBBBBBBBBBBB'].map((id) => blocked.has(id))).toEqual([true, true, false]);
});

test('a reload sees what was added and removed', async () => {
  await writeFile(file, one);
  const blocked = await BlockedParties.load(file);
  await writeFile(file, other);
  await blocked.reload();
  expect([blocked.has(one), blocked.has(other)]).toEqual([false, true]);
});

test('a tax id in clear is refused without being repeated, and the old list stays', async () => {
  await writeFile(file, one);
  const blocked = await BlockedParties.load(file);
  await writeFile(file, `${other}\n11122233344\n`);
  const refusal = await blocked.reload().catch((error: Error) => error.message);
  expect(refusal).toContain('blocked.txt:2');
  expect(refusal).not.toContain('11122233344');
  expect([blocked.has(one), blocked.has(other)]).toEqual([true, false]);
});

test('a missing file is an error', async () => {
  await expect(BlockedParties.load(file)).rejects.toThrow('blocked.txt');
});
