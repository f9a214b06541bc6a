import { z } from 'zod';

/** Asset of the DAG `pix_retrain`: an event of it is an alert that asks for a training. */
export const DRIFT_ASSET = 'vigia://monitoring/drift';

export interface AirflowSettings {
  /** Address of its API server. */
  url: string;
  /** '' where it asks for none: everybody is its administrator. */
  username: string;
  password: string;
  timeoutMs: number;
}

const token = z.object({ access_token: z.string() });
const assets = z.object({ assets: z.array(z.object({ id: z.int(), uri: z.string() })) });

/** Posts asset events by Airflow's public API, version 2. */
export class Airflow {
  constructor(private readonly settings: AirflowSettings) {}

  /**
   * An event of the asset of that URI, with what a DAG finds in its `extra`.
   * @throws {Error} where Airflow does not take it, or has no DAG with that asset
   */
  async postEvent(uri: string, extra: object): Promise<void> {
    const authorization = `Bearer ${await this.token()}`;
    const query = new URLSearchParams({ uri_pattern: uri });
    const found = assets.parse(await this.ask(`api/v2/assets?${query}`, { headers: { authorization } }));
    const asset = found.assets.find((each) => each.uri === uri);
    if (!asset) throw new Error(`Airflow has no asset ${uri}: are the DAGs of pipelines/airflow there?`);
    await this.ask('api/v2/assets/events', withBody({ asset_id: asset.id, extra }, { authorization }));
  }

  private async token(): Promise<string> {
    const { username, password } = this.settings;
    const request = username === '' ? {} : withBody({ username, password });
    return token.parse(await this.ask('auth/token', request)).access_token;
  }

  private async ask(path: string, request: RequestInit): Promise<unknown> {
    const { url, timeoutMs } = this.settings;
    const answer = await fetch(`${url.replace(/\/$/, '')}/${path}`, {
      ...request,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!answer.ok) {
      await answer.body?.cancel();
      throw new Error(`Airflow answered ${answer.status} to ${path.split('?')[0]}`);
    }
    return answer.json();
  }
}

function withBody(body: object, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
