import { Fault } from '@vigia/contracts';
import type { RegistryOptions } from './model-registry.js';

type Reply = Record<string, unknown>;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** MLflow answers a missing alias with 400 and this code, other missing things with 404. */
const MISSING = ['RESOURCE_DOES_NOT_EXIST', 'INVALID_PARAMETER_VALUE'];
const DEFAULT_TIMEOUT_MS = 5_000;

/** MLflow's REST API (https://mlflow.org/docs/latest/rest-api.html) and its proxy of artifacts. */
export class MlflowClient {
  private readonly base: string;

  constructor(private readonly options: RegistryOptions) {
    this.base = options.url.replace(/\/$/, '');
  }

  /** @throws {Fault} `not_found`, `dependency_unavailable` */
  async ask(method: Method, path: string, fields: Record<string, unknown>): Promise<Reply> {
    const reply = await this.find(method, path, fields);
    if (reply) return reply;
    throw new Fault('not_found', { detail: `MLflow has nothing at ${path} for ${JSON.stringify(fields)}.` });
  }

  /** Null where MLflow says that there is no such thing. */
  async find(method: Method, path: string, fields: Record<string, unknown>): Promise<Reply | null> {
    const query = method === 'GET' ? `?${new URLSearchParams(fields as Record<string, string>)}` : '';
    const response = await this.request(method, `/api/2.0/mlflow/${path}${query}`, {
      ...(method === 'GET' ? {} : { body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text || '{}') as Reply;
    if (isMissing(response.status, text)) return null;
    throw unavailable(`answered ${response.status} at ${path}: ${text.slice(0, 300)}`);
  }

  /** Paths of all files below a folder, relative to it. */
  async listArtifacts(folder: string): Promise<string[]> {
    const response = await this.request(
      'GET',
      `/api/2.0/mlflow-artifacts/artifacts?path=${encodeURIComponent(folder)}`,
    );
    if (!response.ok) throw unavailable(`answered ${response.status} for the files of ${folder}`);
    const { files = [] } = (await response.json()) as { files?: { path: string; is_dir: boolean }[] };
    const paths = await Promise.all(
      files.map(async ({ path, is_dir }) => {
        const name = path.split('/').at(-1)!;
        if (!is_dir) return [name];
        return (await this.listArtifacts(`${folder}/${name}`)).map((below) => `${name}/${below}`);
      }),
    );
    return paths.flat().sort();
  }

  async readArtifact(path: string): Promise<Uint8Array> {
    const response = await this.request('GET', artifactUrl(path));
    if (!response.ok) throw unavailable(`answered ${response.status} for ${path}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  async writeArtifact(path: string, bytes: Uint8Array): Promise<void> {
    const response = await this.request('PUT', artifactUrl(path), { body: bytes });
    if (!response.ok) throw unavailable(`answered ${response.status} to ${path}`);
  }

  private async request(method: Method, path: string, init: RequestInit = {}): Promise<Response> {
    const { credentials, timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    const authorization = credentials && `Basic ${btoa(`${credentials.user}:${credentials.password}`)}`;
    try {
      return await fetch(`${this.base}${path}`, {
        ...init,
        method,
        headers: { ...init.headers, ...(authorization ? { authorization } : {}) },
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (cause) {
      throw unavailable('does not answer', cause);
    }
  }
}

const artifactUrl = (path: string): string =>
  `/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;

function isMissing(status: number, text: string): boolean {
  if (status !== 404 && status !== 400) return false;
  try {
    const { error_code, message } = JSON.parse(text) as { error_code?: string; message?: string };
    return MISSING.includes(error_code ?? '') && (status === 404 || /alias/i.test(message ?? ''));
  } catch {
    return false;
  }
}

function unavailable(what: string, cause?: unknown): Fault {
  return new Fault('dependency_unavailable', { detail: `MLflow ${what}.`, retryAfterS: 5, cause });
}
