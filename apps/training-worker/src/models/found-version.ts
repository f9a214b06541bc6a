import { Fault } from '@vigia/contracts';
import type { ModelRegistry, RegisteredVersion } from '@vigia/registry';

/** @throws {Fault} `not_found`, `dependency_unavailable` */
export async function foundVersion(
  registry: ModelRegistry,
  model: string,
  version: string,
): Promise<RegisteredVersion> {
  const found = await registry.version(model, version);
  if (found) return found;
  throw new Fault('not_found', {
    detail: `The registry has no version ${version} of ${model}.`,
    errors: [{ field: 'version', message: 'is not registered' }],
  });
}
