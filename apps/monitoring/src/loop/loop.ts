import type { JobPayload, TrainingCause } from '@vigia/contracts';
import type { ActionLimits, Alert, MonitoringAction, MonitoringRecord } from '@vigia/ledger';
import type { JobQueues, Logger } from '@vigia/platform';
import type { ModelRegistry } from '@vigia/registry';
import { DRIFT_ASSET, type Airflow } from './airflow.js';

export interface LoopSettings {
  model: string;
  featureSet: string;
  /** Kinds of alerts that ask for a training, and that roll back. */
  retrainOn: string[];
  rollbackOn: string[];
  /** What makes of an alert a training: the queues of the services, or the DAG `pix_retrain`. */
  retrainBy: 'queue' | 'airflow';
  retrainDays: number;
  labelDelayDays: number;
  coolDownHours: number;
  budget: number;
}

export interface LoopParts {
  record: MonitoringRecord;
  queues: JobQueues;
  registry: ModelRegistry;
  airflow: Airflow;
  settings: LoopSettings;
  /** Told of each job that was asked for because of an alert. */
  asked: (kind: MonitoringAction['kind']) => void;
  logger: Logger;
  now: () => number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BUDGET_PERIOD_MS = 30 * DAY_MS;
const MOST_SIGNALS = 20;

/** What the DAG `pix_retrain` finds in the event. */
type DriftEvent = TrainingCause & {
  /** Data up to this moment count. */
  askedAt: string;
};

/**
 * From an alert to a retraining, or a rollback: once an alert, within cool-down and budget. What is asked for stands in
 * the record first, with its payload, and the jobs have the alert's id: killed at any point and run again, by any
 * process, it asks for the same jobs and for each once. Airflow may get an event twice; its DAG trains once an alert.
 */
export class Loop {
  constructor(private readonly parts: LoopParts) {}

  /** Asks for what open alerts want, and for what follows what was asked for before. */
  async advance(): Promise<void> {
    const { record, settings, now } = this.parts;
    const alerts = await record.alerts({ model: settings.model, state: 'open', limit: 1_000 });
    const wanted = alerts.filter((alert) => alert.role === 'champion' && !isSilent(alert, now()));
    // Oldest first: the budget is for what came first.
    for (const alert of wanted.toReversed()) {
      if (settings.rollbackOn.includes(alert.kind) && (await this.isChampion(alert)))
        await this.claim('rollback', alert);
      if (settings.retrainOn.includes(alert.kind)) await this.claim('retrain', alert);
    }
    for (const action of await record.openActions()) {
      if (action.kind === 'retrain' && isDriftEvent(action)) await this.tellAirflow(action);
      else if (action.kind === 'retrain') await this.advanceRetraining(action);
      else await this.rollBack(action);
    }
  }

  private async claim(kind: MonitoringAction['kind'], alert: Alert): Promise<void> {
    const { record, settings, now, asked, logger } = this.parts;
    const nowMs = now();
    const limits: ActionLimits = {
      coolDownMs: settings.coolDownHours * HOUR_MS,
      budget: settings.budget,
      periodMs: BUDGET_PERIOD_MS,
    };
    const claimed = await record.claimAction(
      {
        alertId: alert.id,
        kind,
        model: alert.model,
        jobId: `alert-${alert.id}`,
        cause: causeOf(alert),
        request: kind === 'retrain' ? this.retraining(alert, nowMs) : rollbackOf(alert),
        askedAtMs: nowMs,
      },
      limits,
    );
    if (!claimed) return;
    asked(kind);
    logger.info({ alertId: alert.id, kind: alert.kind, jobId: claimed.jobId }, `an alert asks for a ${kind}`);
  }

  private retraining(alert: Alert, nowMs: number): JobPayload<'training-set'> | DriftEvent {
    if (this.parts.settings.retrainBy === 'queue') return this.trainingSet(nowMs);
    return { ...causeOf(alert), askedAt: new Date(nowMs).toISOString() };
  }

  /** The training set first: the one that the champion was trained on does not hold what has changed. */
  private trainingSet(nowMs: number): JobPayload<'training-set'> {
    const { featureSet, retrainDays, labelDelayDays } = this.parts.settings;
    const toMs = nowMs - labelDelayDays * DAY_MS;
    return {
      featureSet,
      from: new Date(toMs - retrainDays * DAY_MS).toISOString(),
      to: new Date(toMs).toISOString(),
      labelCutOff: new Date(nowMs).toISOString(),
      genuineShare: 1,
      seed: 0,
    };
  }

  /** While Airflow is away the action stays open, and holds up no other. */
  private async tellAirflow(action: MonitoringAction): Promise<void> {
    const { record, airflow, logger, now } = this.parts;
    try {
      await airflow.postEvent(DRIFT_ASSET, action.request);
    } catch (error) {
      logger.warn({ err: error, alertId: action.alertId }, 'Airflow takes no event yet; it is tried again');
      return;
    }
    await record.endAction(action, { followedAtMs: now() });
    logger.info({ alertId: action.alertId }, 'Airflow has the event of an alert that asks for a training');
  }

  private async advanceRetraining(action: MonitoringAction): Promise<void> {
    const { record, queues, logger, now } = this.parts;
    const { jobId, model, cause } = action;
    await queues.addJob('training-set', action.request as JobPayload<'training-set'>, jobId);
    const job = await queues.read('training-set', jobId);
    if (job?.state === 'completed') {
      const { name } = job.result as { name: string };
      await queues.addJob('train', { model, trainingSet: name, parameters: {}, evaluate: true, cause }, jobId);
      await record.endAction(action, { followedAtMs: now() });
      logger.info({ jobId, trainingSet: name }, 'the training that an alert asked for waits in the queue');
    } else if (job?.state === 'failed' || job?.state === 'cancelled') {
      const failure = `the training set could not be made: ${job.problem?.detail ?? job.state}`;
      await record.endAction(action, { failure });
      logger.error({ jobId, failure }, 'an alert asked for a training, and there is none');
    }
  }

  private async rollBack(action: MonitoringAction): Promise<void> {
    const { record, queues, now } = this.parts;
    await queues.addJob('rollback', action.request as JobPayload<'rollback'>, action.jobId);
    await record.endAction(action, { followedAtMs: now() });
  }

  /** Whether the version that the alert is about decides still: somebody may have been quicker. */
  private async isChampion({ model, bundleVersion }: Alert): Promise<boolean> {
    return (await this.parts.registry.byAlias(model, 'champion'))?.bundleVersion === bundleVersion;
  }
}

/** By its record: the setting may have changed since it was asked for. */
const isDriftEvent = ({ request }: MonitoringAction): boolean => 'askedAt' in request;

const isSilent = ({ silence }: Alert, nowMs: number): boolean => silence !== null && Date.parse(silence.until) > nowMs;

const causeOf = ({ id, kind, bundleVersion, signals }: Alert): TrainingCause => ({
  alert: id,
  kind,
  bundleVersion,
  signals: signals.slice(0, MOST_SIGNALS).map(({ signal }) => signal),
});

const rollbackOf = ({ id, model, kind, bundleVersion, signals }: Alert): JobPayload<'rollback'> => ({
  model,
  by: 'monitoring',
  reason: `alert ${id} of ${bundleVersion}: ${kind} (${signals.map(({ signal }) => signal).join(', ')})`.slice(
    0,
    1_000,
  ),
});
