import { Fault } from '@vigia/contracts';
import type { Command } from './executor.js';

/**
 * What the end of a command means, by its exit code: 2 bad input, 3 a model that must not be served, 4 a store that does
 * not answer. All else, a signal too, is ours and may be tried again.
 * @param lastWords end of its standard error
 */
export function faultOfEnd(command: Command, code: number | null, by: NodeJS.Signals | null, lastWords: string): Fault {
  const said = lastWords.trim();
  if (code === 2 || code === 3) {
    return new Fault('training_refused', { detail: said === '' ? `${command} ended with ${code}.` : said });
  }
  if (code === 4) {
    const detail = said === '' ? `A store that ${command} works with does not answer.` : said;
    return new Fault('dependency_unavailable', { detail, retryAfterS: 10 });
  }
  const how = by === null ? (code === 0 ? 'ended without a result' : `ended with ${code}`) : `was ended by ${by}`;
  return new Fault('internal', { detail: `${command} ${how}. What it said is in the log of the job.` });
}
