import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './go-programs.js';
import { RENDERED, findHelm, matrix, rendering } from './helm.js';

/** Renders the chart with each values file into charts/rendered, which is committed: a change shows what it does. */
const helm = findHelm() ?? program('helm');
mkdirSync(RENDERED, { recursive: true });
for (const name of matrix()) {
  writeFileSync(join(RENDERED, `${name}.yaml`), rendering(helm, name));
  console.log(`charts/rendered/${name}.yaml`);
}
