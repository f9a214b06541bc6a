import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Say } from './report.js';

/**
 * Runs a command to its end, tells its lines as they come, and answers the last one, which is not told.
 * @throws {Error} with the command when it fails; what it said of it stands on standard error
 */
export async function lastLineOf(command: string, args: string[], say: Say): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  let last: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (last !== undefined) say(last);
    last = line;
  }
  const code = await ended;
  if (code !== 0 || last === undefined) throw new Error(`${command} ${args.join(' ')}: ended with ${code}`);
  return last;
}
