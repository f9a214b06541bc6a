import { readFileSync } from 'node:fs';
import { request } from 'node:https';

/** An object of the API, as far as tests look into it. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    generation?: number;
    [field: string]: unknown;
  };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read the fields of many kinds
  [field: string]: any;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** What the API server refused. `reason` is its own, as NotFound, Forbidden, Invalid. */
export class KubernetesError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** The API by its paths, as `/api/v1/namespaces/vigia/pods`; every call is one request. */
export class KubernetesApi {
  readonly #certificate: Buffer;

  constructor(
    readonly url: string,
    readonly token: string,
    certificateFile: string,
  ) {
    this.#certificate = readFileSync(certificateFile);
  }

  get(path: string): Promise<KubernetesObject> {
    return this.#call('GET', path);
  }

  /** Undefined where there is no such object. */
  async find(path: string): Promise<KubernetesObject | undefined> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof KubernetesError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list(path: string): Promise<KubernetesObject[]> {
    return (await this.get(path))['items'];
  }

  create(path: string, object: object): Promise<KubernetesObject> {
    return this.#call('POST', path, object);
  }

  /** JSON merge patch (RFC 7396). */
  patch(path: string, change: object): Promise<KubernetesObject> {
    return this.#call('PATCH', path, change, 'application/merge-patch+json');
  }

  /** Server-side apply: creates the object or brings it to this. */
  apply(path: string, object: object): Promise<KubernetesObject> {
    return this.#call('PATCH', `${path}?fieldManager=vigia-test&force=true`, object, 'application/apply-patch+yaml');
  }

  /** @param options as of DeleteOptions */
  delete(path: string, options: object = {}): Promise<KubernetesObject> {
    return this.#call('DELETE', path, { propagationPolicy: 'Background', ...options });
  }

  /** @throws KubernetesError when the server refuses, Error when it is not reached. */
  #call(method: Method, path: string, body?: object, type = 'application/json'): Promise<KubernetesObject> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    // Node sends the body of a DELETE without its length, and the server takes it for the next request.
    const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
    return new Promise((settle, fail) => {
      const call = request(
        new URL(path, this.url),
        {
          method,
          ca: this.#certificate,
          headers: {
            authorization: `Bearer ${this.token}`,
            'content-type': type,
            accept: 'application/json',
            ...length,
          },
          timeout: 30_000,
        },
        (answer) => {
          let received = '';
          answer.setEncoding('utf8');
          answer.on('data', (part) => (received += part));
          answer.on('error', fail);
          answer.on('end', () => {
            const status = answer.statusCode ?? 0;
            const object = parsed(received);
            if (status < 300) return settle(object);
            fail(
              new KubernetesError(status, object['reason'] ?? '', `${method} ${path}: ${status} ${object['message']}`),
            );
          });
        },
      );
      call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
      call.once('error', fail);
      call.end(text);
    });
  }
}

/** Plain text comes from health checks and from a server that is still starting. */
function parsed(text: string): KubernetesObject {
  try {
    return JSON.parse(text);
  } catch {
    return { metadata: { name: '' }, message: text };
  }
}
