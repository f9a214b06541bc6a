import { open, readFile, rm, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const held = new Set<string>();

/**
 * Keeps a second process of this machine out of a directory. The file holds its owner's process id; the lock of a
 * process that is gone counts for nothing, and neither does one with our own id: a container's process has the id of
 * the one before it.
 */
export class DirectoryLock {
  private constructor(
    private readonly directory: string,
    private readonly file: string,
  ) {}

  static async take(path: string): Promise<DirectoryLock> {
    const directory = resolve(path);
    const file = join(directory, 'lock');
    if (held.has(directory)) throw inUse(directory, process.pid);
    held.add(directory);
    try {
      if (!(await create(file))) {
        const owner = Number(await readFile(file, 'utf8'));
        if (owner !== process.pid && isAlive(owner)) throw inUse(directory, owner);
        await unlink(file);
        if (!(await create(file))) throw inUse(directory, owner);
      }
      return new DirectoryLock(directory, file);
    } catch (error) {
      held.delete(directory);
      throw error;
    }
  }

  async release(): Promise<void> {
    await rm(this.file, { force: true });
    held.delete(this.directory);
  }
}

async function create(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(directory: string, pid: number): Error {
  return new Error(`the spool ${directory} is in use by process ${pid}: give each process a directory of its own`);
}
