import type { Bench } from './bench/report.js';

const BENCHES: Record<string, () => Promise<{ bench: Bench }>> = {
  'decision-path': () => import('./bench/decision-path.js'),
  model: () => import('./bench/model.js'),
  training: () => import('./bench/training.js'),
  ledger: () => import('./bench/ledger.js'),
  cases: () => import('./bench/cases.js'),
  'back-test': () => import('./bench/back-test.js'),
  simulator: () => import('./bench/simulator.js'),
  windows: () => import('./bench/windows.js'),
  agreement: () => import('./bench/agreement.js'),
  drift: () => import('./bench/drift.js'),
  monitoring: () => import('./bench/monitoring.js'),
  lake: () => import('./bench/lake.js'),
  mllib: () => import('./bench/mllib.js'),
  'handbook-features': () => import('./bench/handbook-features.js'),
  'pix-model': () => import('./bench/pix-model.js'),
  handbook: () => import('./bench/handbook.js'),
};

/** `npm run bench -- NAME [--json] [options]`; with --json the last line is one JSON object. */
async function main(argv: string[]): Promise<void> {
  const [name = '', ...rest] = argv;
  const json = rest.includes('--json');
  const open = BENCHES[name];
  if (!open) {
    console.log('npm run bench -- NAME [--json] [options]\n');
    for (const each of Object.keys(BENCHES)) console.log(`  ${each}: ${(await BENCHES[each]!()).bench.question}`);
    process.exitCode = name === '' ? 0 : 2;
    return;
  }
  const startedMs = performance.now();
  const say = (line: string): void =>
    console.log(`[${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s] ${line}`);
  const { bench } = await open();
  say(bench.question);
  const figures = await bench.run(
    rest.filter((argument) => argument !== '--json'),
    say,
  );
  console.log(json ? JSON.stringify(figures) : JSON.stringify(figures, null, 2));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
