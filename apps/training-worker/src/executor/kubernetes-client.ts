import {
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  Observable,
  type ConfigurationOptions,
  type CoreV1Event,
  type ObservableMiddleware,
  type V1Job,
  type V1Pod,
  type V1PodTemplate,
} from '@kubernetes/client-node';

/** The API server does not answer, or not now. */
export class KubernetesAway extends Error {
  override readonly name = 'KubernetesAway';
}

/** The API server answers that it will not. `status` is HTTP's, the message its own. */
export class KubernetesRefused extends Error {
  override readonly name = 'KubernetesRefused';

  constructor(
    readonly status: number,
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

export interface KubernetesClientOptions {
  /** Empty for that of the kubeconfig, or of the pod that this runs in. */
  namespace: string;
  /** After this time a question counts as not answered. */
  timeoutMs: number;
}

/**
 * What the executor asks of the API server, a request a question. Every one may throw {@link KubernetesAway} and
 * {@link KubernetesRefused}.
 */
export class KubernetesClient {
  readonly namespace: string;
  private readonly jobs: BatchV1Api;
  private readonly core: CoreV1Api;
  private readonly options: ConfigurationOptions<ObservableMiddleware>;

  constructor(config: KubeConfig, { namespace, timeoutMs }: KubernetesClientOptions) {
    this.namespace = namespace || (config.getContextObject(config.currentContext)?.namespace ?? 'default');
    this.jobs = config.makeApiClient(BatchV1Api);
    this.core = config.makeApiClient(CoreV1Api);
    this.options = { middleware: [limitedTo(timeoutMs)], middlewareMergeStrategy: 'append' };
  }

  /** By KUBECONFIG, ~/.kube/config, or from inside a pod by its account. */
  static open(options: KubernetesClientOptions): KubernetesClient {
    const config = new KubeConfig();
    config.loadFromDefault();
    return new KubernetesClient(config, options);
  }

  /** Null where there is none of this name. */
  podTemplate(name: string): Promise<V1PodTemplate | null> {
    return found(this.core.readNamespacedPodTemplate({ name, namespace: this.namespace }, this.options));
  }

  job(name: string): Promise<V1Job | null> {
    return found(this.jobs.readNamespacedJob({ name, namespace: this.namespace }, this.options));
  }

  /** False where there is one of its name already. */
  async createJob(job: V1Job): Promise<boolean> {
    try {
      await asked(this.jobs.createNamespacedJob({ namespace: this.namespace, body: job }, this.options));
      return true;
    } catch (error) {
      if (error instanceof KubernetesRefused && error.status === 409) return false;
      throw error;
    }
  }

  /** It is gone when its pods are. */
  async deleteJob(name: string): Promise<void> {
    const request = { name, namespace: this.namespace, propagationPolicy: 'Foreground' };
    await found(this.jobs.deleteNamespacedJob(request, this.options));
  }

  /** The one pod of a job; the newest where there are more. Null before there is any. */
  async podOf(jobName: string): Promise<V1Pod | null> {
    const labelSelector = `batch.kubernetes.io/job-name=${jobName}`;
    const { items } = await asked(
      this.core.listNamespacedPod({ namespace: this.namespace, labelSelector }, this.options),
    );
    const made = ({ metadata }: V1Pod): number => metadata?.creationTimestamp?.getTime() ?? 0;
    return items.sort((a, b) => made(b) - made(a))[0] ?? null;
  }

  async eventsOf(jobName: string): Promise<CoreV1Event[]> {
    const fieldSelector = `involvedObject.kind=Job,involvedObject.name=${jobName}`;
    return (await asked(this.core.listNamespacedEvent({ namespace: this.namespace, fieldSelector }, this.options)))
      .items;
  }

  /**
   * What a container said, each line behind its time; empty where nobody has it, as before it runs.
   * @param sinceSeconds how far back; all of it where undefined
   */
  async log(pod: string, container: string, sinceSeconds?: number): Promise<string> {
    const since = sinceSeconds === undefined ? {} : { sinceSeconds };
    const request = { name: pod, namespace: this.namespace, container, timestamps: true, ...since };
    try {
      return (await asked(this.core.readNamespacedPodLog(request, this.options))) ?? '';
    } catch (error) {
      if (error instanceof KubernetesRefused && (error.status === 400 || error.status === 404)) return '';
      throw error;
    }
  }
}

function limitedTo(timeoutMs: number): ObservableMiddleware {
  return {
    pre(request) {
      request.setSignal(AbortSignal.timeout(timeoutMs));
      return new Observable(Promise.resolve(request));
    },
    post: (response) => new Observable(Promise.resolve(response)),
  };
}

async function found<Answer>(question: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked(question);
  } catch (error) {
    if (error instanceof KubernetesRefused && error.status === 404) return null;
    throw error;
  }
}

/** 401 is of the weather, too: a token that ran out is read anew. */
const AWAY = (status: number): boolean => status === 401 || status === 429 || status >= 500;

async function asked<Answer>(question: Promise<Answer>): Promise<Answer> {
  try {
    return await question;
  } catch (error) {
    const { code, body } = error as { code?: unknown; body?: unknown };
    if (typeof code !== 'number') throw new KubernetesAway('The API server does not answer.', { cause: error });
    const message = messageIn(body);
    if (AWAY(code)) throw new KubernetesAway(`The API server answers ${code}: ${message}`, { cause: error });
    throw new KubernetesRefused(code, message, error);
  }
}

/** The message of a Status, as the API server sends it. */
function messageIn(body: unknown): string {
  try {
    const status: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    return (status as { message?: string } | null)?.message ?? String(body);
  } catch {
    return String(body);
  }
}
