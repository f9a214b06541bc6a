import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import ts from 'typescript';
import { Explainer } from './explainer.js';
import { shapForest } from './shap-forest.js';
import { contributionsOf, scratchFor } from './tree-shap.js';
import { parseTrees } from './trees.js';

const forest = shapForest(
  parseTrees(JSON.parse(readFileSync(join(__dirname, '../fixtures/bundle/trees.json'), 'utf8'))),
);
const vectorOf = (row: number): Float32Array =>
  Float32Array.from({ length: forest.features }, (_, feature) => Math.cos(row + feature * 1.3) * 2);
const expected = (row: number): Float64Array => contributionsOf(forest, vectorOf(row), scratchFor(forest));
const threadOf = (explainer: Explainer): Worker | undefined => (explainer as unknown as { worker?: Worker }).worker;

test('the thread starts with the first row and explains as the trees do', async () => {
  const explainer = new Explainer(forest);
  expect(threadOf(explainer)).toBeUndefined();
  const rows = await Promise.all(Array.from({ length: 50 }, (_, row) => explainer.explain(vectorOf(row))));
  rows.forEach((contributions, row) => expect([...contributions]).toEqual([...expected(row)]));
  await explainer.close();
  expect(threadOf(explainer)).toBeUndefined();
});

test('a thread that dies is replaced, and what it held is explained', async () => {
  const explainer = new Explainer(forest);
  await explainer.explain(vectorOf(0));
  const dead = threadOf(explainer)!;
  const held = Array.from({ length: 500 }, (_, row) => explainer.explain(vectorOf(row)));
  await dead.terminate();
  (await Promise.all(held)).forEach((contributions, row) => expect([...contributions]).toEqual([...expected(row)]));
  expect(threadOf(explainer)).not.toBe(dead);
  await threadOf(explainer)?.terminate();
  expect([...(await explainer.explain(vectorOf(2)))]).toEqual([...expected(2)]);
  await explainer.close();
});

test('a row that two threads die of is rejected with the cause', async () => {
  const explainer = new Explainer({ ...forest, ratios: null as unknown as Float64Array });
  const error: Error = await explainer.explain(vectorOf(0)).then(
    () => new Error('explained without tables'),
    (thrown: Error) => thrown,
  );
  expect(error.message).toContain("explainer's thread ended with code 1");
  expect(String(error.cause)).toContain('TypeError');
  await explainer.close();
});

test('closing answers what was asked and refuses more', async () => {
  const explainer = new Explainer(forest);
  const asked = explainer.explain(vectorOf(3));
  const closed = explainer.close();
  await expect(explainer.explain(vectorOf(4))).rejects.toThrow('closed');
  expect([...(await asked)]).toEqual([...expected(3)]);
  await closed;
});

test('the compiled thread runs as plain JavaScript', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-explainer-'));
  for (const name of ['explainer-worker', 'tree-shap']) {
    const { outputText } = ts.transpileModule(readFileSync(join(__dirname, `${name}.ts`), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2023,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(join(directory, `${name}.js`), outputText);
  }
  const worker = new Worker(join(directory, 'explainer-worker.js'), { workerData: forest });
  const answer = await new Promise<{ id: number; contributions: Float64Array }>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.postMessage({ id: 7, vector: vectorOf(5) });
  });
  expect(answer.id).toBe(7);
  expect([...answer.contributions]).toEqual([...expected(5)]);
  await worker.terminate();
  rmSync(directory, { recursive: true });
});
