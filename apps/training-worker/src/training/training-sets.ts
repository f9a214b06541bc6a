import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, trainingSetManifest } from '@vigia/contracts';

/** The training sets of a directory, one directory each. */
export class TrainingSets {
  constructor(private readonly directory: string) {}

  /** @throws {Fault} `not_found` */
  pathOf(name: string): string {
    const path = join(this.directory, name);
    if (existsSync(join(path, 'manifest.json'))) return path;
    throw new Fault('not_found', {
      detail: 'There is no training set of this name here. Make one by POST /v1/training-sets of the feature store.',
      errors: [{ field: 'trainingSet', message: 'is not known here' }],
    });
  }

  /**
   * The one that a bundle was trained on.
   * @throws {Fault} `not_found`
   */
  async byDigest(rowsSha256: string): Promise<string> {
    const names = await readdir(this.directory).catch(() => []);
    for (const name of names) {
      const path = join(this.directory, name);
      if ((await digestOf(path)) === rowsSha256) return path;
    }
    throw new Fault('not_found', {
      detail:
        `No training set here has the rows that the version was trained on (SHA-256 ${rowsSha256}): ` +
        'bring it back from the store of data versions.',
    });
  }
}

/** Null where this is no training set, or one of a format that is not read here. */
async function digestOf(directory: string): Promise<string | null> {
  try {
    return trainingSetManifest.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'))).rowsSha256;
  } catch {
    return null;
  }
}
