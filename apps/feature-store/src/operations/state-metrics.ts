import type { Inspection } from '@vigia/online-store';
import type { Metrics } from '@vigia/platform';

/** What the online state shows, as of the last look. */
export class StateMetrics {
  private readonly bytes;
  private readonly entities;
  private readonly hottest;
  private readonly newest;
  private readonly evicted;
  private readonly expired;

  constructor(metrics: Metrics) {
    this.bytes = metrics.gauge('online_state_bytes', 'Memory of the windows by kind of entity, estimated.', ['state']);
    this.entities = metrics.gauge('online_entities', 'Entities that have windows, by kind, estimated.', ['state']);
    this.hottest = metrics.gauge(
      'online_hottest_entity_bytes',
      'Memory of the windows of the entities that have most, at most ten; by pseudonym.',
      ['state', 'entity'],
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
    for (const { state, entity, bytes } of view.hottest) this.hottest.set({ state, entity }, bytes);
    if (view.newestEventMs !== null) this.newest.set(view.newestEventMs / 1_000);
    this.evicted.set(view.evictedKeys);
    this.expired.set(view.expiredKeys);
  }
}
