import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { bundleManifest, selfTest, type BundleManifest, type SelfTest } from '@vigia/contracts';
import { BundleRefused } from './bundle-refused.js';

/** A bundle whose every file has the digest its manifest names, in memory: what was checked is what is loaded. */
export interface BundleFiles {
  manifest: BundleManifest;
  onnx: Buffer;
  /** `trees.json`, parsed but not yet checked; null where the bundle explains nothing. */
  trees: unknown;
  selfTest: SelfTest;
}

/** The files without which nothing can be scored or explained; others (card, plots, histograms) are only checked. */
const neededBy = ({ explanation }: BundleManifest): string[] => [
  'model.onnx',
  'self-test.json',
  ...(explanation === 'trees' ? ['trees.json'] : []),
];

/**
 * Reads `directory` and checks the SHA-256 of every file that its `bundle.json` lists.
 * @param manifestSha256 SHA-256 that `bundle.json` itself must have, where one is known
 * @throws {BundleRefused} a file is missing, unlisted, altered or of another form
 */
export async function readBundle(directory: string, manifestSha256?: string): Promise<BundleFiles> {
  const bytes = await read(directory, 'bundle.json');
  if (manifestSha256 !== undefined) checkDigest('bundle.json', bytes, manifestSha256);
  const raw = parseJson('bundle.json', bytes);
  const manifest = shaped('bundle.json', bundleManifest.safeParse(raw));
  const needed = neededBy(manifest);
  for (const file of needed) {
    if (manifest.files[file] !== undefined) continue;
    throw new BundleRefused({
      file: 'bundle.json',
      expected: `a SHA-256 for ${file} under "files"`,
      found: `only ${Object.keys(manifest.files).join(', ') || 'nothing'}`,
      remedy: 'Package the bundle again with every file listed.',
    });
  }
  const kept = new Map<string, Buffer>();
  for (const [file, digest] of Object.entries(manifest.files)) {
    const bytes = await read(directory, file);
    checkDigest(file, bytes, digest);
    if (needed.includes(file)) kept.set(file, bytes);
  }
  return {
    manifest,
    onnx: kept.get('model.onnx')!,
    trees: kept.has('trees.json') ? parseJson('trees.json', kept.get('trees.json')!) : null,
    selfTest: shaped('self-test.json', selfTest.safeParse(parseJson('self-test.json', kept.get('self-test.json')!))),
  };
}

function checkDigest(file: string, bytes: Uint8Array, digest: string): void {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === digest) return;
  throw new BundleRefused({
    file,
    expected: `SHA-256 ${digest}`,
    found: `SHA-256 ${found}`,
    remedy: 'The file was altered after packaging or damaged on the way: fetch the bundle again from its registry.',
  });
}

async function read(directory: string, file: string): Promise<Buffer> {
  const path = resolve(directory, file);
  const inside = relative(resolve(directory), path);
  if (inside === '..' || inside.startsWith(`..${sep}`) || resolve(inside) === inside) {
    throw new BundleRefused({
      file: 'bundle.json',
      expected: 'files inside the bundle',
      found: JSON.stringify(file),
      remedy: 'Package the bundle again with paths relative to its directory.',
    });
  }
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new BundleRefused(
      {
        file,
        expected: `a readable file at ${join(directory, file)}`,
        found: code === 'ENOENT' ? 'none' : code,
        remedy: 'Point MODEL_URI at a whole bundle, or fetch it again from its registry.',
      },
      cause,
    );
  }
}

function parseJson(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new BundleRefused(
      { file, expected: 'JSON', found: String(cause), remedy: 'Package the bundle again.' },
      cause,
    );
  }
}

interface Issue {
  path: PropertyKey[];
  message: string;
}
type Parsed<T> = { success: true; data: T } | { success: false; error: { issues: Issue[] } };

function shaped<T>(file: string, parsed: Parsed<T>): T {
  if (parsed.success) return parsed.data;
  throw new BundleRefused({
    file,
    expected: 'the form that @vigia/contracts describes',
    found: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`).join('; '),
    remedy: 'Package the bundle with a trainer of this version.',
  });
}
