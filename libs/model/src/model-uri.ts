import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a model comes from: a bundle on disk, whatever version has an alias in the registry, or one version of it. */
export type ModelUri =
  | { kind: 'file'; directory: string }
  | { kind: 'alias'; model: string; alias: 'champion' | 'challenger' }
  | { kind: 'version'; model: string; version: string };

const REGISTERED = /^models:\/([A-Za-z0-9][A-Za-z0-9._-]*)(?:@(champion|challenger)|\/([1-9]\d*))$/;

/**
 * Reads `models:/NAME@ALIAS`, `models:/NAME/VERSION`, `file:PATH` (relative to `base`) or `file:///PATH`.
 * @throws {Error} naming the forms
 */
export function parseModelUri(uri: string, base: string): ModelUri {
  const [, model, alias, version] = REGISTERED.exec(uri) ?? [];
  if (model !== undefined && alias !== undefined) return { kind: 'alias', model, alias: alias as 'champion' };
  if (model !== undefined && version !== undefined) return { kind: 'version', model, version };
  if (uri.startsWith('file://')) return { kind: 'file', directory: fileURLToPath(uri) };
  const path = uri.startsWith('file:') ? uri.slice('file:'.length) : '';
  if (path !== '') return { kind: 'file', directory: resolve(base, path) };
  throw new Error(
    `${JSON.stringify(uri)} is none of models:/NAME@champion, models:/NAME@challenger, models:/NAME/VERSION and file:PATH.`,
  );
}
