import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** `<FILE>.progress`: the last line of an import file whose answer came, as a number. */
export class ProgressFile {
  private readonly path: string;

  constructor(file: string) {
    this.path = `${file}.progress`;
  }

  /** 0 where no import was interrupted. @throws when the file holds something else. */
  read(): number {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') return 0;
      throw error;
    }
    if (!/^[1-9][0-9]{0,14}\n$/.test(text))
      throw new Error(`${this.path} holds no line number: remove it to begin anew`);
    return Number(text);
  }

  /** Replaced whole, so that an end at any moment leaves the old or the new number. */
  write(line: number): void {
    if (line === 0) return;
    writeFileSync(`${this.path}.new`, `${line}\n`);
    renameSync(`${this.path}.new`, this.path);
  }

  /** After the whole file was answered: the next import of a file of this name begins at its first line. */
  remove(): void {
    rmSync(this.path, { force: true });
  }
}
