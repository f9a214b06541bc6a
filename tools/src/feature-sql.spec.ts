import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { featureSqlFiles } from './feature-sql.js';
import { WORKSPACE } from './stack.js';

test.each(Object.entries(featureSqlFiles()))(
  '%s is what the declaration compiles to; else run `npm run docs`',
  (path, text) => {
    expect(readFileSync(join(WORKSPACE, path), 'utf8')).toBe(text);
  },
);
