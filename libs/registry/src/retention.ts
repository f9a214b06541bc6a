import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes all entries of a directory but the `count` that were changed last. */
export async function keepNewest(directory: string, count: number): Promise<void> {
  const names = await readdir(directory);
  if (names.length <= count) return;
  const dated = await Promise.all(
    names.map(async (name) => ({ name, atMs: (await stat(join(directory, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  const old = dated.sort((a, b) => b.atMs - a.atMs).slice(count);
  for (const { name } of old) await rm(join(directory, name), { recursive: true, force: true });
}
