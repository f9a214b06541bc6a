import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, referenceHistograms, type BundleManifest } from '@vigia/contracts';
import type { BundleCache, RegisteredVersion } from '@vigia/registry';
import type { Histogram } from '@vigia/statistics';

/** What training saw, and the bundle it stands in. */
export interface Reference {
  manifest: BundleManifest;
  features: Record<string, Histogram>;
  probability: Histogram;
}

/** "None" is an answer: it says why. */
export type ReferenceAnswer = { kind: 'found'; reference: Reference } | { kind: 'missing'; reason: string };

const FILE = 'reference.json';

/**
 * `reference.json` of a version's bundle, checked against its digest.
 * @throws {Fault} of the weather, where the registry is away: then it is not known whether there is one
 */
export async function referenceOf(
  bundles: BundleCache,
  version: RegisteredVersion | undefined,
): Promise<ReferenceAnswer> {
  if (!version) return { kind: 'missing', reason: 'the registry does not know this version' };
  try {
    const { directory, manifest } = await bundles.get(version);
    const expected = manifest.files[FILE];
    if (expected === undefined) return { kind: 'missing', reason: `the bundle lists no ${FILE}: package it again` };
    const bytes = await readFile(join(directory, FILE));
    if (createHash('sha256').update(bytes).digest('hex') !== expected) {
      return { kind: 'missing', reason: `${FILE} has another digest than bundle.json says: fetch the bundle again` };
    }
    const { features, probability } = referenceHistograms.parse(JSON.parse(bytes.toString('utf8')));
    return { kind: 'found', reference: { manifest, features, probability } };
  } catch (error) {
    if (error instanceof Fault && error.kind === 'weather') throw error;
    return { kind: 'missing', reason: `the bundle cannot be read: ${(error as Error).message}` };
  }
}
