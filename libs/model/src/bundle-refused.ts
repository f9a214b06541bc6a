/** A model bundle that must not be served. Says which file, what was expected and found, and what to do about it. */
export class BundleRefused extends Error {
  readonly file: string;
  readonly expected: string;
  readonly found: string;
  readonly remedy: string;

  constructor(
    { file, expected, found, remedy }: { file: string; expected: string; found: string; remedy: string },
    cause?: unknown,
  ) {
    super(`Model bundle refused. ${file}: expected ${expected}; found ${found}. ${remedy}`, { cause });
    this.name = 'BundleRefused';
    this.file = file;
    this.expected = expected;
    this.found = found;
    this.remedy = remedy;
  }
}
