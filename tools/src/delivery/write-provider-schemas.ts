import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaOfTypes, type ProviderSchemas } from './provider-schema.js';
import { TERRAFORM, declarations, modules } from './terraform-files.js';

/** Packages whose types carry the schemas of the providers; the last of their line. */
const PACKAGES = { aws: '21.22.1', kubernetes: '12.1.1', helm: '12.1.2' };

function run(command: string, args: string[], cwd: string): void {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
}

/** Fetches the packages and writes the schemas of what terraform/ uses; 48 MB come and go, 100 KB are committed. */
async function write(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-providers-'));
  const schemas: ProviderSchemas = { providers: {}, resources: {} };
  for (const [name, version] of Object.entries(PACKAGES)) {
    const own = join(directory, name);
    mkdirSync(own);
    run('npm', ['pack', `@cdktf/provider-${name}@${version}`, '--silent'], own);
    run('tar', ['xzf', `cdktf-provider-${name}-${version}.tgz`], own);
    const { cdktf } = JSON.parse(readFileSync(join(own, 'package/package.json'), 'utf8')) as {
      cdktf: { provider: { version: string } };
    };
    schemas.providers[name] = cdktf.provider.version;
  }
  for (const { kind, type } of (await modules()).flatMap(declarations)) {
    const [provider, ...rest] = type.split('_');
    const folder = [...(kind === 'data' ? ['data', provider] : []), ...rest].join('-');
    const types = readFileSync(join(directory, provider!, 'package/lib', folder, 'index.d.ts'), 'utf8');
    schemas.resources[`${kind} ${type}`] = schemaOfTypes(types);
  }
  rmSync(directory, { recursive: true });
  const sorted = Object.entries(schemas.resources).sort(([left], [right]) => left.localeCompare(right));
  const text = JSON.stringify({ ...schemas, resources: Object.fromEntries(sorted) });
  writeFileSync(join(TERRAFORM, 'provider-schemas.json'), `${text}\n`);
}

write().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
