import type { Inspection } from '@vigia/online-store';
import type { Logger, Metrics } from '@vigia/platform';

/** What the online state shows, as of the last look. */
export class StateMetrics {
  private readonly bytes;
  private readonly entities;
  private readonly hottest;
  private readonly newest;
  private readonly evicted;
  private readonly expired;

  constructor(
    metrics: Metrics,
    private readonly logger: Logger,
  ) {
    this.bytes = metrics.gauge('online_state_bytes', 'Memory of the windows by kind of entity, estimated.', ['state']);
    this.entities = metrics.gauge('online_entities', 'Entities that have windows, by kind, estimated.', ['state']);
    this.hottest = metrics.gauge(
      'online_hottest_entity_bytes',
      'Memory of the windows of the entity that has most, by kind; which ones they are stands in the log at debug.',
      ['state'],
    );
    this.newest = metrics.gauge(
      'online_newest_event_timestamp_seconds',
      'Time of the newest payment among the windows that were looked at: far from now, they are not fed.',
    );
    this.evicted = metrics.gauge(
      'online_evicted_keys',
      'Keys that Valkey evicted since its start; must be 0: windows may have lost payments.',
    );
    this.expired = metrics.gauge('online_expired_keys', 'Keys that expired in Valkey since its start.');
  }

  async refresh(inspection: Inspection): Promise<void> {
    const view = await inspection.look();
    for (const [state, { bytes, entities }] of Object.entries(view.states)) {
      this.bytes.set({ state }, bytes);
      this.entities.set({ state }, entities);
    }
    this.hottest.reset();
    // Longest first: what is set last is the longest of its kind. A pseudonym is no label: monitoring is read by many.
    for (const { state, bytes } of view.hottest.toReversed()) this.hottest.set({ state }, bytes);
    this.logger.debug({ hottest: view.hottest }, 'entities with the longest windows');
    if (view.newestEventMs !== null) this.newest.set(view.newestEventMs / 1_000);
    this.evicted.set(view.evictedKeys);
    this.expired.set(view.expiredKeys);
  }
}
