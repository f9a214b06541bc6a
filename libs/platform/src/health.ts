/** Resolves when the part works; throws when it does not. */
export type HealthCheck = () => void | Promise<void>;

export interface Readiness {
  status: 'ready' | 'not_ready' | 'draining';
  /** Names of the checks that failed, in the order in which they were added. */
  failing: string[];
}

/** How long one check may take before it counts as failed. */
const CHECK_TIMEOUT_MS = 1_000;

/** Whether this process may get traffic. Apps add a named check for each part without which they cannot answer. */
export class Health {
  private readonly checks = new Map<string, HealthCheck>();
  private draining = false;

  /** @param onFailure told of each failed check, for the log; answers carry names only. */
  constructor(private readonly onFailure: (name: string, error: unknown) => void = () => undefined) {}

  /** @throws when the name is taken. */
  add(name: string, check: HealthCheck): void {
    if (this.checks.has(name)) throw new Error(`health check ${name} exists already`);
    this.checks.set(name, check);
  }

  /** From now on the process is not ready, whatever its checks say. */
  drain(): void {
    this.draining = true;
  }

  async readiness(): Promise<Readiness> {
    const results = await Promise.all([...this.checks].map(([name, check]) => this.failed(name, check)));
    const failing = results.filter((name) => name !== undefined);
    if (this.draining) return { status: 'draining', failing };
    return { status: failing.length === 0 ? 'ready' : 'not_ready', failing };
  }

  private async failed(name: string, check: HealthCheck): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
    });
    try {
      await Promise.race([Promise.resolve().then(check), late]);
      return undefined;
    } catch (error) {
      this.onFailure(name, error);
      return name;
    } finally {
      clearTimeout(timer);
    }
  }
}
