import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parse } from '@cdktf/hcl2json';
import { WORKSPACE } from '../stack.js';

export const TERRAFORM = join(WORKSPACE, 'terraform');

/** A block's content as hcl2json gives it: arguments as they are, nested blocks as lists, expressions as `${...}`. */
export type Body = { [name: string]: unknown };

/** A resource or data source as it is declared. */
export interface Declaration {
  /** As `modules/data/valkey.tf`. */
  file: string;
  kind: 'resource' | 'data';
  /** As `aws_vpc`. */
  type: string;
  name: string;
  body: Body;
}

/** Parsed files of one directory, by the names of the blocks at the top. */
export type Module = { directory: string; files: { file: string; content: { [block: string]: Body } }[] };

/** Every directory below terraform/ that has .tf files. */
export async function modules(): Promise<Module[]> {
  const paths = readdirSync(TERRAFORM, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.tf') && !entry.parentPath.includes('.terraform'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const found = new Map<string, Module>();
  for (const path of paths) {
    const file = relative(TERRAFORM, path);
    const directory = dirname(file);
    const content = (await parse(file, readFileSync(path, 'utf8'))) as { [block: string]: Body };
    const module = found.get(directory) ?? { directory, files: [] };
    module.files.push({ file, content });
    found.set(directory, module);
  }
  return [...found.values()];
}

/** Resources and data sources of a module. */
export function declarations({ files }: Module): Declaration[] {
  return files.flatMap(({ file, content }) =>
    (['resource', 'data'] as const).flatMap((kind) =>
      Object.entries(content[kind] ?? {}).flatMap(([type, named]) =>
        Object.entries(named as { [name: string]: Body[] }).flatMap(([name, bodies]) =>
          bodies.map((body) => ({ file, kind, type, name, body })),
        ),
      ),
    ),
  );
}
