import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE } from '../stack.js';
import { RENDERED, buildHelm, findHelm, matrix, render, sourceDigest } from './helm.js';

/** Renders the chart with each values file into charts/rendered, which is committed: a change shows what it does. */
function renderAll(): number {
  const helm = findHelm() ?? buildHelm();
  mkdirSync(RENDERED, { recursive: true });
  for (const name of matrix()) {
    const { manifests, problem } = render(helm, join(WORKSPACE, 'charts/values', `${name}.yaml`));
    if (problem !== '') {
      console.error(`${name}: ${problem}`);
      return 1;
    }
    writeFileSync(join(RENDERED, `${name}.yaml`), `# ${sourceDigest(name)}\n${manifests}`);
    console.log(`charts/rendered/${name}.yaml`);
  }
  return 0;
}

process.exit(renderAll());
