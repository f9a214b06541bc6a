import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lastLineOf } from './child.js';
import { PIPELINES, handbookFolder } from './handbook-stream.js';
import type { Bench } from './report.js';

export const bench: Bench = {
  question: "How does our model do beside the Fraud Detection Handbook's, by its own protocol?",
  async run(args, say) {
    const { values: options } = parseArgs({ args, options: { data: { type: 'string' }, search: { type: 'string' } } });
    const folder = await handbookFolder(options.data, say);
    const search = options.search === undefined ? [] : ['--search', options.search];
    const line = await lastLineOf(join(PIPELINES, 'vigia-handbook-protocol'), ['--data', folder, ...search], say);
    return JSON.parse(line) as Record<string, unknown>;
  },
};
