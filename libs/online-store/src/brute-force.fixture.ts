import { HEADER, slot, stateOf, widthOf, layoutOf, type OnlinePlan, type StatePlan } from '@vigia/features';
import type { LabelResult } from './online-store.js';
import type { LabelRequest, ObserveRequest } from './wire.js';

interface Event {
  timeMs: number;
  amountCents: number;
  counterparty: string | null;
  id: string;
  fraud: boolean;
}

interface Log {
  clockMs: number;
  events: Event[];
}

/** The windows as their definition reads: every event kept, every number counted anew at every touch. */
export class BruteForce {
  private readonly logs = new Map<string, Log>();
  private readonly seen = new Set<string>();

  constructor(private readonly plan: OnlinePlan) {}

  observe(request: ObserveRequest): { first: boolean; values: number[] } {
    const first = request.observe && !this.seen.has(request.eventId);
    if (first) this.seen.add(request.eventId);
    const values = new Array<number>(layoutOf(this.plan).length).fill(NaN);
    this.plan.entities.forEach((entity, i) => {
      const asked = request.entities[i];
      if (asked) this.touch(values, i, request, asked, first && entity.observe);
    });
    return { first, values };
  }

  label(request: LabelRequest): LabelResult[] {
    return this.plan.entities.map((entity, i) => {
      const asked = request.entities[i];
      const state = stateOf(this.plan, entity);
      if (!asked || !entity.observe || !state.labels) return null;
      const log = this.logs.get(`${state.name}:${asked.key}`);
      const reachMs = Math.max(...state.windows.map((w) => w.delayMs + w.lengthMs));
      const event = log?.events.find(
        (e) => e.id === request.eventId && e.timeMs >= request.atMs && e.timeMs > log.clockMs - reachMs,
      );
      if (!event) return 'not_found';
      if (event.fraud === request.fraud) return 'unchanged';
      event.fraud = request.fraud;
      return 'changed';
    });
  }

  private touch(
    values: number[],
    index: number,
    request: ObserveRequest,
    asked: { key: string; counterparty: string | null },
    adds: boolean,
  ): void {
    const state = stateOf(this.plan, this.plan.entities[index]!);
    const name = `${state.name}:${asked.key}`;
    const log = this.logs.get(name) ?? { clockMs: request.atMs, events: [] };
    if (adds) this.logs.set(name, log);
    const nowMs = Math.max(request.atMs, log.clockMs);
    log.clockMs = nowMs;
    const previous = log.events.at(-1)?.timeMs ?? 0;
    if (adds) {
      const { amountCents, eventId: id } = request;
      log.events.push({ timeMs: nowMs, amountCents, counterparty: asked.counterparty, id, fraud: false });
    }
    values.splice(layoutOf(this.plan).offsets[index]!, HEADER.length, nowMs, log.events.length, previous);
    this.read(values, index, state, log.events, nowMs);
  }

  private read(values: number[], index: number, state: StatePlan, events: Event[], nowMs: number): void {
    state.windows.forEach((window, w) => {
      const upToMs = nowMs - window.delayMs;
      const inside = events.filter((e) => e.timeMs > upToMs - window.lengthMs && e.timeMs <= upToMs);
      const amounts = inside.map((e) => e.amountCents);
      const live = window.delayMs === 0;
      const squares = amounts.reduce((sum, a) => sum + BigInt(a) ** 2n, 0n);
      const put = (...[statistic, value]: [Parameters<typeof slot>[3], number]) =>
        (values[slot(this.plan, index, w, statistic)] = value);
      put('count', inside.length);
      put('sum', Number(amounts.reduce((sum, a) => sum + BigInt(a), 0n)));
      put('oldest', inside[0]?.timeMs ?? 0);
      if (state.squares) {
        put('squaresHigh', Number(squares >> 40n));
        put('squaresLow', Number(squares & 0xff_ffff_ffffn));
      }
      const greatest = amounts.reduce((a, b) => Math.max(a, b), 0);
      const least = amounts.length > 0 ? amounts.reduce((a, b) => Math.min(a, b)) : 0;
      if (state.maximum) put('maximum', live ? greatest : NaN);
      if (state.minimum) put('minimum', live ? least : NaN);
      const counterparties = new Set(inside.map((e) => e.counterparty).filter((c) => c !== null));
      if (state.distinct) put('distinct', live ? counterparties.size : NaN);
      if (state.labels) put('labelled', inside.filter((e) => e.fraud).length);
    });
    const end = layoutOf(this.plan).offsets[index]! + widthOf(state);
    if (values.length < end) throw new Error('the layout is shorter than its entities');
  }
}
