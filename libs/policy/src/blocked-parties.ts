import { readFile } from 'node:fs/promises';
import { pseudonym } from '@vigia/contracts';

/**
 * Persons and accounts under well-founded suspicion, whose payments must be refused (Resolução BCB 501/2025).
 * The file has one pseudonym a line; empty lines and what follows a `#` do not count.
 */
export class BlockedParties {
  private constructor(
    private readonly file: string,
    private pseudonyms: ReadonlySet<string>,
  ) {}

  /** @throws Error naming the file and the line, never its content */
  static async load(file: string): Promise<BlockedParties> {
    return new BlockedParties(file, await readPseudonyms(file));
  }

  /** Reads the file again. When it cannot be read whole, throws and keeps the list it has. */
  async reload(): Promise<void> {
    this.pseudonyms = await readPseudonyms(this.file);
  }

  has(pseudonym: string): boolean {
    return this.pseudonyms.has(pseudonym);
  }

  get size(): number {
    return this.pseudonyms.size;
  }
}

async function readPseudonyms(file: string): Promise<Set<string>> {
  const pseudonyms = new Set<string>();
  const lines = (await readFile(file, 'utf8')).split('\n');
  for (const [index, line] of lines.entries()) {
    const entry = line.replace(/#.*/, '').trim();
    if (entry === '') continue;
    if (!pseudonym.safeParse(entry).success) {
      throw new Error(
        `${file}:${index + 1} is no pseudonym (k1. and 22 characters); write one a line, comments after #`,
      );
    }
    pseudonyms.add(entry);
  }
  return pseudonyms;
}
