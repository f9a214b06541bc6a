import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { round, table } from './report.js';

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Self time of a profiled process by package and by function, percent of the time it was busy. */
export function profileOf(directory: string): string {
  const profiles = readdirSync(directory)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as CpuProfile);
  // The main thread's is the busiest; those of worker threads lie beside it.
  const [main] = profiles.sort((a, b) => busyUs(b) - busyUs(a));
  if (!main) throw new Error(`${directory} holds no profile`);
  const packages = new Map<string, number>();
  const functions = new Map<string, number>();
  eachSample(main, ({ functionName, url, lineNumber }, us) => {
    const owner = ownerOf(functionName, url);
    packages.set(owner, (packages.get(owner) ?? 0) + us);
    const name = `${functionName || '(anonymous)'} ${owner} ${url.split('/').at(-1)}:${lineNumber + 1}`;
    functions.set(name, (functions.get(name) ?? 0) + us);
  });
  const total = busyUs(main);
  return `${shares(packages, total, 25)}\n\n${shares(functions, total, 45)}`;
}

const IDLE = new Set(['(idle)', '(root)']);

function eachSample(profile: CpuProfile, tell: (frame: CpuProfile['nodes'][number]['callFrame'], us: number) => void) {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  profile.samples.forEach((id, index) => {
    const frame = frames.get(id)!;
    if (!IDLE.has(frame.functionName)) tell(frame, profile.timeDeltas[index]!);
  });
}

function busyUs(profile: CpuProfile): number {
  let sum = 0;
  eachSample(profile, (_, us) => (sum += us));
  return sum;
}

/** `pg`, `@nestjs/core`, `libs/model`, `node:internal`, `native`. */
function ownerOf(functionName: string, url: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native';
  if (url.startsWith('node:')) return 'node';
  const module = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1];
  return module ?? /\/((?:apps|libs|tools)\/[^/]+)\//.exec(url)?.[1] ?? 'other';
}

function shares(times: Map<string, number>, totalUs: number, rows: number): string {
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, rows);
  return table([['self time', '%'], ...sorted.map(([name, us]) => [name, round((100 * us) / totalUs, 1)])]);
}
