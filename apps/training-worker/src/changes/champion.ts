import { Fault, type ModelChange } from '@vigia/contracts';
import type { Ledger, NewModelChange } from '@vigia/ledger';
import type { ModelRegistry, RegisteredVersion } from '@vigia/registry';

export type VersionIds = ModelChange['to'];

export interface ChangeParts {
  registry: ModelRegistry;
  ledger: Ledger;
}

/** More than a model ever sees. */
const WHOLE_HISTORY = 100_000;

/** All changes of a model, newest first. */
export function historyOf({ ledger }: ChangeParts, model: string): Promise<ModelChange[]> {
  return ledger.modelChanges(model, WHOLE_HISTORY);
}

/**
 * What `to` takes the place of: the champion by the registry, unless an attempt that died before its record was
 * committed had moved the alias already; then the one on record.
 * @param history newest first
 */
export function replacedBy(to: string, champion: RegisteredVersion | null, history: ModelChange[]): VersionIds | null {
  if (champion && champion.version !== to) return idsOf(champion);
  const recorded = history[0]?.to;
  return recorded && recorded.version !== to ? recorded : null;
}

/**
 * Moves the alias and records it, both or neither. One that was the challenger is so no longer.
 * @param seen the champion that the change was decided on
 * @throws {Fault} `dependency_unavailable` where the champion has changed since: the decision may be another now
 */
export async function changeChampion(
  { registry, ledger }: ChangeParts,
  change: NewModelChange,
  seen: RegisteredVersion | null,
): Promise<ModelChange> {
  const { model, to } = change;
  return ledger.changeModel(change, async () => {
    const champion = await registry.byAlias(model, 'champion');
    if (champion?.version !== seen?.version) {
      throw new Fault('dependency_unavailable', { detail: 'The champion changed meanwhile.', retryAfterS: 2 });
    }
    await registry.setAlias(model, 'champion', to.version);
    const challenger = await registry.byAlias(model, 'challenger');
    if (challenger?.version === to.version) await registry.removeAlias(model, 'challenger');
  });
}

export function idsOf({ version, bundleVersion }: RegisteredVersion): VersionIds {
  return { version, bundleVersion };
}
