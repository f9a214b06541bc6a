import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PolicyDocument } from '@vigia/policy';
import { z } from 'zod';

const kept = z.object({ version: z.string(), graph: z.unknown(), settings: z.unknown() });

/** A policy as it is kept under a version. */
export type KeptPolicy = Omit<PolicyDocument, 'name'> & { version: string };

/** The last good policy that was published, on local disk at `NAME.json`. Several processes may share it. */
export class PolicyCache {
  constructor(private readonly directory: string) {}

  /** Null where there is none, or where the file cannot be read as one. */
  async lastGood(name: string): Promise<KeptPolicy | null> {
    try {
      const { version, graph, settings } = kept.parse(JSON.parse(await readFile(this.fileOf(name), 'utf8')));
      return { version, graph, settings };
    } catch {
      return null;
    }
  }

  /** Whole or not at all. */
  async remember(name: string, { version, graph, settings }: KeptPolicy): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const aside = `${this.fileOf(name)}.${randomUUID()}.part`;
    await writeFile(aside, JSON.stringify({ version, graph, settings }));
    await rename(aside, this.fileOf(name));
  }

  private fileOf(name: string): string {
    return join(this.directory, `${name}.json`);
  }
}
