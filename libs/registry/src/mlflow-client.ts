import { Fault } from '@vigia/contracts';
import type { RegistryOptions } from './model-registry.js';

type Reply = Record<string, unknown>;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** MLflow answers a missing alias with 400 and this code, other missing things with 404. */
const MISSING = ['RESOURCE_DOES_NOT_EXIST', 'INVALID_PARAMETER_VALUE'];
const DEFAULT_TIMEOUT_MS = 5_000;
/** A file of a bundle may be large: it gets so many times the time of a question. */
const FILE_TIMEOUT_FACTOR = 12;

interface Answer {
  ok: boolean;
  status: number;
  bytes: Uint8Array;
}

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
    const answer = await this.request(method, `/api/2.0/mlflow/${path}${query}`, {
      ...(method === 'GET' ? {} : { body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }),
    });
    const text = textOf(answer);
    if (answer.ok) return JSON.parse(text || '{}') as Reply;
    if (isMissing(answer.status, text)) return null;
    throw unavailable(`answered ${answer.status} at ${path}: ${text.slice(0, 300)}`);
  }

  /** Paths of all files below a folder, relative to it; none where there is no such folder. */
  async listArtifacts(folder: string): Promise<string[]> {
    const answer = await this.request('GET', `/api/2.0/mlflow-artifacts/artifacts?path=${encodeURIComponent(folder)}`);
    if (answer.status === 404) return [];
    if (!answer.ok) throw unavailable(`answered ${answer.status} for the files of ${folder}`);
    const { files = [] } = JSON.parse(textOf(answer)) as { files?: { path: string; is_dir: boolean }[] };
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
    const answer = await this.request('GET', artifactUrl(path), {}, FILE_TIMEOUT_FACTOR);
    if (!answer.ok) throw unavailable(`answered ${answer.status} for ${path}`);
    return answer.bytes;
  }

  async writeArtifact(path: string, bytes: Uint8Array): Promise<void> {
    const answer = await this.request('PUT', artifactUrl(path), { body: bytes }, FILE_TIMEOUT_FACTOR);
    if (!answer.ok) throw unavailable(`answered ${answer.status} to ${path}`);
  }

  /** Reads the body to its end: a connection that breaks in its middle is MLflow away, too. */
  private async request(method: Method, path: string, init: RequestInit = {}, times = 1): Promise<Answer> {
    const { credentials, timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    const authorization = credentials && `Basic ${btoa(`${credentials.user}:${credentials.password}`)}`;
    try {
      const response = await fetch(`${this.base}${path}`, {
        ...init,
        method,
        headers: { ...init.headers, ...(authorization ? { authorization } : {}) },
        signal: AbortSignal.timeout(timeoutMs * times),
      });
      return { ok: response.ok, status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    } catch (cause) {
      throw unavailable('does not answer', cause);
    }
  }
}

const textOf = ({ bytes }: Answer): string => new TextDecoder().decode(bytes);

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
