import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, referenceHistograms, type BundleManifest } from '@vigia/contracts';
import type { BundleCache, CachedBundle, RegisteredVersion } from '@vigia/registry';
import type { Histogram } from '@vigia/statistics';
import { z } from 'zod';

/** What training saw, and the bundle it stands in. */
export interface Reference {
  manifest: BundleManifest;
  features: Record<string, Histogram>;
  probability: Histogram;
  /** Every value of the features that had few in training. */
  categories: Record<string, number[]>;
  /** Recall at the threshold of review on the hold-out, by segment, where it has frauds enough. */
  recalls: Record<string, { recall: number; frauds: number }>;
}

/** "None" is an answer: it says why. */
export type ReferenceAnswer = { kind: 'found'; reference: Reference } | { kind: 'missing'; reason: string };

const FILE = 'reference.json';
const EVALUATION = 'evaluation.json';

/** What is read of `evaluation.json`. */
const evaluation = z.object({
  segments: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ frauds: z.number(), metrics: z.record(z.string(), z.object({ value: z.number() })).optional() }),
    ),
  ),
});

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
    const bundle = await bundles.get(version);
    const { manifest } = bundle;
    if (manifest.files[FILE] === undefined) {
      return { kind: 'missing', reason: `the bundle lists no ${FILE}: package it again` };
    }
    const histograms = referenceHistograms.parse(await contentOf(bundle, FILE));
    const recalls = manifest.files[EVALUATION] === undefined ? {} : recallsIn(await contentOf(bundle, EVALUATION));
    return { kind: 'found', reference: { manifest, ...histograms, recalls } };
  } catch (error) {
    if (error instanceof Fault && error.kind === 'weather') throw error;
    const { message } = error as Error;
    return { kind: 'missing', reason: error instanceof NotWhole ? message : `the bundle cannot be read: ${message}` };
  }
}

class NotWhole extends Error {}

/** @throws {NotWhole} where the file is not the one that the manifest names */
async function contentOf({ directory, manifest }: CachedBundle, file: string): Promise<unknown> {
  const bytes = await readFile(join(directory, file));
  if (createHash('sha256').update(bytes).digest('hex') !== manifest.files[file]) {
    throw new NotWhole(`${file} has another digest than bundle.json says: fetch the bundle again`);
  }
  return JSON.parse(bytes.toString('utf8'));
}

function recallsIn(content: unknown): Reference['recalls'] {
  const recalls: Reference['recalls'] = {};
  for (const [segmentation, segments] of Object.entries(evaluation.parse(content).segments)) {
    for (const [segment, { frauds, metrics }] of Object.entries(segments)) {
      const recall = metrics?.['recall_at_review']?.value;
      if (recall !== undefined) recalls[`${segmentation}/${segment}`] = { recall, frauds };
    }
  }
  return recalls;
}
