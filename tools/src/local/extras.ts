import type { MlflowStack } from '../stack.js';
import { startAirflow } from './airflow.js';
import { startLocalS3 } from './s3.js';
import type { AppName, ServicePorts } from './services.js';
import { startSpark } from './spark.js';

/** What an extra may build on. */
export interface LocalSite {
  stack: MlflowStack;
  ports: ServicePorts;
  /** Whether ports are taken as they come, instead of the usual ones. */
  anyPort: boolean;
}

export interface RunningExtra {
  /** What is printed: name and address, or path. */
  addresses: Record<string, string>;
  /** Settings that services get because of it. */
  settings?: Partial<Record<AppName, Record<string, string>>>;
  stop(): Promise<void>;
}

/** What `--with` names; each is started before the services. A line here, its packages in tools/stack.mjs. */
export const EXTRAS: Record<string, (site: LocalSite) => Promise<RunningExtra>> = {
  airflow: startAirflow,
  s3: startLocalS3,
  spark: startSpark,
};
