import { Fault, type JobHandler, type ModelChange } from '@vigia/contracts';
import { changeChampion, historyOf, replacedBy, type ChangeParts } from './champion.js';
import { earlierChampion } from './earlier-champion.js';

/** Makes the champion before today's the champion again. What was live once needs no gate. */
export function rollbackHandler(parts: ChangeParts): JobHandler<'rollback', ModelChange> {
  const { registry } = parts;
  return async ({ model, by, reason }, { jobId: id }) => {
    const jobId = `rollback/${id}`;
    const history = await historyOf(parts, model);
    const done = history.find((change) => change.jobId === jobId);
    if (done) return done;
    const to = earlierChampion(history);
    if (!to) throw noEarlier(`The record knows no champion of ${model} before this one.`);
    if (!(await registry.version(model, to.version))) {
      throw noEarlier(`The champion before was version ${to.version}, which the registry no longer has.`);
    }
    const champion = await registry.byAlias(model, 'champion');
    const from = replacedBy(to.version, champion, history);
    const change = { model, kind: 'rollback' as const, from, to, by, reason, overridden: [], jobId };
    return changeChampion(parts, change, champion);
  };
}

function noEarlier(detail: string): Fault {
  return new Fault('no_earlier_champion', { detail: `${detail} Promote a version instead.` });
}
