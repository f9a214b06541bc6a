import type { JobView } from '@vigia/platform';

/** Exit codes; --help lists them. */
export const EXIT = { done: 0, failed: 1, badInput: 2, refused: 3, unavailable: 4 } as const;

/** Ends the command with this code and text. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

interface Problem {
  status: number;
  detail: string;
  errors?: { field: string; message: string }[];
}

/** A service that commands call: what people call it, its folder, and the setting of its address. */
export const SERVICES = {
  worker: { name: 'training worker', app: 'training-worker', setting: 'VIGIA_URL', url: 'http://127.0.0.1:3004' },
  monitoring: {
    name: 'monitoring service',
    app: 'monitoring',
    setting: 'VIGIA_MONITORING_URL',
    url: 'http://127.0.0.1:3005',
  },
} as const;
export type ServiceName = keyof typeof SERVICES;

/** The HTTP API of a service. */
export class ServiceClient {
  constructor(
    private readonly service: ServiceName,
    private readonly url: string,
    private readonly key: string,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.ask<T>(path, {});
  }

  async text(path: string): Promise<string> {
    return (await this.fetch(path, {})).text();
  }

  /** @param idempotencyKey under which the request counts once, however often it is sent */
  post<T = JobView>(path: string, body: object, idempotencyKey?: string): Promise<T> {
    return this.ask<T>(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: JSON.stringify(body),
    });
  }

  delete(path: string): Promise<JobView> {
    return this.ask<JobView>(path, { method: 'DELETE' });
  }

  private async ask<T>(path: string, init: RequestInit): Promise<T> {
    return (await (await this.fetch(path, init)).json()) as T;
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      const headers = { ...init.headers, 'x-api-key': this.key };
      response = await fetch(new URL(path, this.url), { ...init, headers });
    } catch {
      const { name, app, setting } = SERVICES[this.service];
      throw new CommandError(
        `The ${name} does not answer at ${this.url}: start apps/${app}, or set ${setting}.`,
        EXIT.unavailable,
      );
    }
    if (response.ok) return response;
    throw await errorOf(response);
  }
}

async function errorOf(response: Response): Promise<CommandError> {
  const text = await response.text();
  let problem: Problem;
  try {
    problem = JSON.parse(text) as Problem;
  } catch {
    return new CommandError(`The answer is no problem document (HTTP ${response.status}).`, EXIT.failed);
  }
  const fields = (problem.errors ?? []).map(({ field, message }) => `\n  ${field}: ${message}`);
  const hint = response.status === 401 ? ' Set VIGIA_API_KEY.' : '';
  const exitCode = response.status === 503 ? EXIT.unavailable : response.status < 500 ? EXIT.badInput : EXIT.failed;
  return new CommandError(`${problem.detail}${hint}${fields.join('')}`, exitCode);
}
