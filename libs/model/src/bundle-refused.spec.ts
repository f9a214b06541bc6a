import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleManifest, type BundleManifest } from '@vigia/contracts';
import { BundleRefused } from './bundle-refused.js';
import { loadBundle, type FeatureSetIdentity } from './model.js';

const FIXTURE = join(__dirname, '../fixtures/bundle');
const fixture = bundleManifest.parse(JSON.parse(readFileSync(join(FIXTURE, 'bundle.json'), 'utf8')));
const served: FeatureSetIdentity = { ...fixture.featureSet, features: fixture.features };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vigia-bundle-'));
  cpSync(FIXTURE, directory, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

const path = (file: string): string => join(directory, file);
const editManifest = (edit: (manifest: BundleManifest) => void): void => {
  const manifest = structuredClone(fixture);
  edit(manifest);
  writeFileSync(path('bundle.json'), JSON.stringify(manifest));
};
/** Changes a file and its digest, as a trainer with an error would. */
const repackage = (file: string, content: string | Uint8Array): void => {
  writeFileSync(path(file), content);
  editManifest(({ files }) => (files[file] = createHash('sha256').update(content).digest('hex')));
};
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests break these files in many places
const repackageJson = (file: string, edit: (json: any) => void): void => {
  const json = JSON.parse(readFileSync(path(file), 'utf8'));
  edit(json);
  repackage(file, JSON.stringify(json));
};

async function refusal(featureSet = served): Promise<BundleRefused> {
  const error: unknown = await loadBundle(directory, { featureSet }).then(
    (model) => model.close().then(() => 'the bundle was served'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BundleRefused)) throw new Error(`not a refusal: ${String(error)}`);
  for (const part of [error.file, error.expected, error.found, error.remedy]) expect(error.message).toContain(part);
  return error;
}

describe('files', () => {
  it.each(['model.onnx', 'trees.json', 'self-test.json'])('%s altered after packaging', async (file) => {
    const bytes = readFileSync(path(file));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path(file), bytes);
    expect(await refusal()).toMatchObject({ file, expected: `SHA-256 ${fixture.files[file]}` });
  });

  it.each(['bundle.json', 'model.onnx', 'trees.json', 'self-test.json'])('%s missing', async (file) => {
    rmSync(path(file));
    expect(await refusal()).toMatchObject({ file, expected: `a readable file at ${path(file)}`, found: 'none' });
  });

  it('a listed file beyond those that are needed is checked as well', async () => {
    writeFileSync(path('model-card.md'), 'altered');
    editManifest(({ files }) => (files['model-card.md'] = '0'.repeat(64)));
    expect(await refusal()).toMatchObject({ file: 'model-card.md', expected: `SHA-256 ${'0'.repeat(64)}` });
  });

  it('a needed file without digest', async () => {
    editManifest(({ files }) => delete files['trees.json']);
    expect(await refusal()).toMatchObject({ file: 'bundle.json', expected: 'a SHA-256 for trees.json under "files"' });
  });

  it.each(['../outside', '/etc/hostname', '..'])('a path out of the bundle: %s', async (file) => {
    editManifest(({ files }) => (files[file] = '0'.repeat(64)));
    expect(await refusal()).toMatchObject({ expected: 'files inside the bundle', found: JSON.stringify(file) });
  });

  it('a manifest that is not JSON', async () => {
    writeFileSync(path('bundle.json'), '{');
    expect(await refusal()).toMatchObject({ file: 'bundle.json', expected: 'JSON' });
  });

  it('a manifest whose digest is not the one that the registry names', async () => {
    const manifestSha256 = createHash('sha256')
      .update(readFileSync(path('bundle.json')))
      .digest('hex');
    await (await loadBundle(directory, { featureSet: served, manifestSha256 })).close();
    editManifest((manifest) => (manifest.thresholds.review = 0.21));
    await expect(loadBundle(directory, { featureSet: served, manifestSha256 })).rejects.toMatchObject({
      file: 'bundle.json',
      expected: `SHA-256 ${manifestSha256}`,
    });
  });

  it('a manifest of another form names the fields', async () => {
    writeFileSync(path('bundle.json'), JSON.stringify({ ...fixture, format: 1, codeCommit: undefined }));
    const { found } = await refusal();
    expect(found).toMatch(/format: .*codeCommit: /);
  });
});

describe('feature set', () => {
  it('another name', async () => {
    expect(await refusal({ ...served, name: 'pix' })).toMatchObject({ expected: 'feature set pix', found: 'fixture' });
  });

  it('another hash', async () => {
    const { expected, found } = await refusal({ ...served, hash: 'abc' });
    expect(expected).toBe('hash abc of feature set fixture');
    expect(found).toBe(fixture.featureSet.hash);
  });

  it('another order', async () => {
    const [first, second, ...rest] = served.features;
    const swapped = { ...served, features: [first!, rest[0]!, second!, ...rest.slice(1)] };
    expect(await refusal(swapped)).toMatchObject({ expected: 'device_age as feature 1', found: 'hour' });
  });

  it('fewer features', async () => {
    expect(await refusal({ ...served, features: served.features.slice(1) })).toMatchObject({
      expected: '5 features',
      found: '6',
    });
  });

  it('trees of another number of features', async () => {
    repackageJson('trees.json', (json) => (json.learner.learner_model_param.num_feature = '7'));
    expect(await refusal()).toMatchObject({ file: 'trees.json', found: '7' });
  });

  it('a graph of another number of features', async () => {
    const features = [...fixture.features, 'extra'];
    repackageJson('trees.json', (json) => (json.learner.learner_model_param.num_feature = '7'));
    const { files } = JSON.parse(readFileSync(path('bundle.json'), 'utf8')) as BundleManifest;
    editManifest((manifest) => Object.assign(manifest, { features, files }));
    const { file, found } = await refusal({ ...served, features });
    expect(file).toBe('model.onnx');
    expect(found).toContain('features float32[');
    expect(found).toContain(',6] -> probability float32[');
  });
});

describe('self-test', () => {
  it('a probability that the graph does not give', async () => {
    repackageJson('self-test.json', (json) => (json.probabilities[3] += 1e-4));
    const { file, expected } = await refusal();
    expect(file).toBe('model.onnx');
    expect(expected).toContain('probability of vector 3');
  });

  it('a margin that the graph does not give', async () => {
    repackageJson('self-test.json', (json) => (json.margins[9] -= 1e-4));
    expect((await refusal()).expected).toContain('margin of vector 9');
  });

  it('trees of another model than the graph', async () => {
    repackageJson('trees.json', (json) => json.learner.gradient_booster.model.trees.pop());
    const { file, expected } = await refusal();
    expect(file).toBe('trees.json');
    expect(expected).toContain('margin of vector 0');
  });

  it('no vectors', async () => {
    repackageJson('self-test.json', (json) => (json.vectors = json.margins = json.probabilities = []));
    expect((await refusal()).found).toContain('0 vectors');
  });

  it('a vector of another length', async () => {
    repackageJson('self-test.json', (json) => json.vectors[2].push(1));
    expect(await refusal()).toMatchObject({ expected: '6 numbers in vector 2', found: '7' });
  });

  it('a graph that is no ONNX', async () => {
    repackage('model.onnx', 'not a graph');
    expect(await refusal()).toMatchObject({ file: 'model.onnx', expected: 'a graph that onnxruntime can load' });
  });
});
