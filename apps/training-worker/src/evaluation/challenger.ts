import type { ModelRegistry, RegisteredVersion } from '@vigia/registry';

/**
 * What passes becomes the challenger, and what fails is it no more. Neither the champion nor a version that is older
 * than the challenger takes the alias: judged again, they would end the shadow time of what is to replace them.
 */
export async function moveChallenger(
  registry: ModelRegistry,
  { model, version }: Pick<RegisteredVersion, 'model' | 'version'>,
  passed: boolean,
): Promise<void> {
  const challenger = await registry.byAlias(model, 'challenger');
  if (!passed) {
    if (challenger?.version === version) await registry.removeAlias(model, 'challenger');
    return;
  }
  // As of now: it may have been promoted while it was judged.
  const champion = await registry.byAlias(model, 'champion');
  if (champion?.version === version || (challenger && Number(challenger.version) > Number(version))) return;
  await registry.setAlias(model, 'challenger', version);
}
