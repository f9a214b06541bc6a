import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** A fresh directory for a writer's spool, removed when the spec file has run. */
export function temporarySpool(): string {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-spool-'));
  made.push(directory);
  return directory;
}

afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});
