import { parseArgs } from 'node:util';
import { importFile } from './imports/import-file.js';

const USAGE = `node import.js FILE --url URL --key KEY [--from-line N]
Sends a file of payments, one JSON object a line, to ingestion at URL and prints the answers, one JSON object a line.
FILE.progress keeps the last answered line; run again after an interruption, it goes on behind it.`;

const PROGRESS_MS = 1_000;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { url: { type: 'string' }, key: { type: 'string' }, 'from-line': { type: 'string' } },
  });
  const [file] = positionals;
  const { url, key } = values;
  const fromLine = values['from-line'] === undefined ? undefined : Number(values['from-line']);
  const lineFits = fromLine === undefined || (Number.isSafeInteger(fromLine) && fromLine > 0);
  if (file === undefined || url === undefined || key === undefined || !lineFits) throw new Error(USAGE);

  let line = 0;
  let refused = 0;
  const show = (): boolean => process.stderr.write(`\rline ${line}, ${refused} refused `);
  const timer = setInterval(show, PROGRESS_MS);
  try {
    const summary = await importFile({
      file,
      url,
      key,
      ...(fromLine === undefined ? {} : { fromLine }),
      onAnswer: (answer) => {
        line = answer.line;
        if ('problem' in answer) refused += 1;
        process.stdout.write(`${JSON.stringify(answer)}\n`);
      },
    });
    show();
    process.stderr.write(`\n${JSON.stringify(summary)}\n`);
    if (summary.stopped) process.exitCode = 1;
  } finally {
    clearInterval(timer);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
