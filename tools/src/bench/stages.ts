/** Sum and number of the times of each stage, as a service's /metrics tells them since its start. */
export type Stages = Map<string, { seconds: number; count: number }>;

const LINE = /^vigia_decision_stage_seconds_(sum|count)\{[^}]*stage="([a-z]+)"[^}]*\} (\S+)/gm;

export async function readStages(port: number): Promise<Stages> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const stages: Stages = new Map();
  for (const [, kind, name, value] of text.matchAll(LINE)) {
    const stage = stages.get(name!) ?? { seconds: 0, count: 0 };
    stage[kind === 'sum' ? 'seconds' : 'count'] = Number(value);
    stages.set(name!, stage);
  }
  return stages;
}

/** Mean of each stage between two readings, microseconds. */
export function meanStagesUs(before: Stages, after: Stages): Record<string, number> {
  const means: Record<string, number> = {};
  for (const [name, { seconds, count }] of after) {
    const earlier = before.get(name) ?? { seconds: 0, count: 0 };
    means[name] = Math.round(((seconds - earlier.seconds) / (count - earlier.count)) * 1e6);
  }
  return means;
}

/** Share of the decisions that were each of approve, review, reject since the service's start. */
export async function decisionShares(port: number): Promise<Record<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const counts: Record<string, number> = { approve: 0, review: 0, reject: 0 };
  for (const [, name, value] of text.matchAll(/^vigia_decisions_total\{[^}]*decision="([a-z]+)"[^}]*\} (\S+)/gm)) {
    counts[name!] = (counts[name!] ?? 0) + Number(value);
  }
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number((count / all).toFixed(4))]));
}
