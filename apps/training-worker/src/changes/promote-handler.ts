import { Fault, type JobHandler, type ModelChange } from '@vigia/contracts';
import type { RegisteredVersion } from '@vigia/registry';
import { foundVersion } from '../models/found-version.js';
import { changeChampion, historyOf, idsOf, replacedBy, type ChangeParts } from './champion.js';

export interface PromoteParts extends ChangeParts {
  minimumShadowHours: number;
  minimumShadowScores: number;
}

const HOUR_MS = 3_600_000;

/**
 * Makes a version the champion. What speaks against it (the gate, the shadow time) refuses it, or is recorded where the
 * person who asks sets it aside.
 */
export function promoteHandler(parts: PromoteParts): JobHandler<'promote', ModelChange> {
  const { registry } = parts;
  return async ({ model, version, by, reason, override }, { jobId: id }) => {
    const jobId = `promote/${id}`;
    const history = await historyOf(parts, model);
    const done = history.find((change) => change.jobId === jobId);
    if (done) return done;
    const candidate = await foundVersion(registry, model, version);
    const champion = await registry.byAlias(model, 'champion');
    const from = replacedBy(version, champion, history);
    if (champion?.version === version && history[0]?.to.version === version) {
      throw new Fault('already_exists', { detail: `Version ${version} is the champion of ${model}.` });
    }
    const objections = [...gateObjections(candidate), ...(from ? await shadowObjections(parts, candidate) : [])];
    if (objections.length > 0 && !override) {
      throw new Fault('gate_failed', {
        detail: `${objections.join(' ')} Wait or train anew; with "override" it is promoted all the same and recorded.`,
      });
    }
    const to = idsOf(candidate);
    const change = { model, kind: 'promote' as const, from, to, by, reason, overridden: objections, jobId };
    return changeChampion(parts, change, champion);
  };
}

function gateObjections({ version, gate }: RegisteredVersion): string[] {
  if (gate === 'passed') return [];
  return [
    gate === 'failed'
      ? `Version ${version} failed the gate; the report is with its run.`
      : `Version ${version} was not held against the gate.`,
  ];
}

async function shadowObjections(
  { ledger, minimumShadowHours, minimumShadowScores }: PromoteParts,
  { model, version, bundleVersion }: RegisteredVersion,
): Promise<string[]> {
  const { scores, firstAtMs, lastAtMs } = await ledger.shadowTime(model, bundleVersion);
  const hours = firstAtMs === null || lastAtMs === null ? 0 : (lastAtMs - firstAtMs) / HOUR_MS;
  return [
    ...(hours >= minimumShadowHours
      ? []
      : [`Version ${version} was in shadow for ${hours.toFixed(1)} of ${minimumShadowHours} hours.`]),
    ...(scores >= minimumShadowScores
      ? []
      : [`Version ${version} scored ${scores} of ${minimumShadowScores} payments in shadow.`]),
  ];
}
