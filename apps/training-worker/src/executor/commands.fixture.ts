import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS, type Command } from './executor.js';

/** A directory with commands that are shell scripts: those given, the others end with 1. */
export function commandDirectory(directory: string, scripts: Partial<Record<Command, string>>): string {
  mkdirSync(directory, { recursive: true });
  for (const command of COMMANDS) {
    const path = join(directory, command);
    writeFileSync(path, `#!/bin/sh\n${scripts[command] ?? 'exit 1'}\n`);
    chmodSync(path, 0o755);
  }
  return directory;
}
