import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lastLineOf } from './child.js';
import { PIPELINES, handbookFolder } from './handbook-stream.js';
import type { Bench } from './report.js';

export const bench: Bench = {
  question: "How do MLlib's models do beside the Fraud Detection Handbook's, and does ONNX answer what Spark does?",
  async run(args, say) {
    const { values: options } = parseArgs({ args, options: { data: { type: 'string' }, points: { type: 'string' } } });
    const folder = await handbookFolder(options.data, say);
    const points = options.points === undefined ? [] : ['--points', options.points];
    const line = await lastLineOf(join(PIPELINES, 'vigia-handbook-mllib'), ['--data', folder, ...points], say);
    return JSON.parse(line) as Record<string, unknown>;
  },
};
