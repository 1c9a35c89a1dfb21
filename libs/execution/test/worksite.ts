import { takeIn } from '@evenkeel/facts';
import type { CoreInput, DomainEvent, EventPayloads, EventType, OrderLimits } from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { Decimal, canonicalJson, createRandom, parseInstant } from '@evenkeel/kernel';
import type { Json, Random } from '@evenkeel/kernel';
import { createOrderCore } from '../src/order-core';
import type { VenueEffect } from '../src/venue-effect';
import { BOOK, Desk, PERP, T0, at } from './desk';

const LIMITS = {
  maxOrderQuantity: [{ instrument: PERP, maxQuantity: '50' }],
  maxGrossNotionalUsd: '100000000',
  priceCollarBps: '50',
  maxOrdersPerMinute: 10_000,
};

/** An input and what it caused. */
export interface Happening {
  readonly input: CoreInput;
  readonly events: readonly DomainEvent[];
}

interface AtVenue {
  readonly id: string;
  readonly quantity: Decimal;
  readonly resting: boolean;
  filled: Decimal;
  over: boolean;
  heard: boolean;
}

/** A desk whose book has execution instructions, with a venue that does whatever its dice say. */
export class Worksite extends Desk {
  readonly orders: AtVenue[] = [];
  readonly history: Happening[] = [];
  private readonly random: Random;
  private seen = 0;
  private fills = 0;
  private readonly fillsOf = new Map<string, string>();
  seconds = 0;

  constructor(execution: Json, seed = 'worksite', limits: Partial<OrderLimits> = {}) {
    super({}, createOrderCore());
    this.random = createRandom(seed);
    const spec = specificationOf(PERP);
    if (!spec.ok) throw new Error(spec.failure.message);
    this.fold({
      type: 'VenueAccountOpened',
      payload: {
        book: BOOK,
        venue: 'binance',
        at: at(0),
        specifications: [canonicalJson({ ...spec.value })],
        limits: { ...LIMITS, ...limits },
        limitsVersion: 'v1',
        execution: canonicalJson(execution),
      },
    });
  }

  override feed(input: CoreInput): void {
    const before = this.events.length;
    super.feed(input);
    // The market of the constructor comes before there is a history; every worksite has it.
    (this.history as typeof this.history | undefined)?.push({ input, events: this.events.slice(before) });
  }

  /** Takes in what happened without deciding anything, as a core does that starts again from its journal. */
  recover(history: readonly Happening[]): void {
    for (const { input, events } of history) {
      this.state = takeIn(this.core, this.state, input);
      for (const event of events) this.fold(event);
    }
  }

  payloads<T extends EventType>(type: T): EventPayloads[T][] {
    return this.events
      .filter((event) => event.type === type)
      .map((event) => event.payload as EventPayloads[T]); // of the type just compared
  }

  /** Wakes whenever the core asks for it, up to `until`, answering every order at once in full. */
  runFilling(until: number): void {
    this.run(until, () => this.answerAll());
  }

  /** The same, the venue answering as its dice say. */
  runRandomly(until: number): void {
    this.run(until, () => this.mischief());
  }

  private run(until: number, venue: () => void): void {
    for (let round = 0; round < 5000; round += 1) {
      this.collect();
      venue();
      this.collect();
      const wake = this.core.nextWake(this.state);
      if (wake === undefined) return;
      const next = Number(wake - T0) / 1e9;
      if (next > until) return;
      this.seconds = Math.max(this.seconds, next);
      this.wake(this.seconds);
    }
    throw new Error('the core never came to rest');
  }

  private collect(): void {
    for (; this.seen < this.effects.length; this.seen += 1) {
      const effect = this.effects[this.seen];
      if (effect?.kind === 'submit') {
        const { clientOrderId, quantity, timeInForce } = effect.order;
        const resting = timeInForce !== 'IOC';
        this.orders.push({
          id: clientOrderId,
          quantity: Decimal.parse(quantity),
          resting,
          filled: Decimal.ZERO,
          over: false,
          heard: false,
        });
      } else if (effect?.kind === 'cancel') this.cancel(effect.clientOrderId);
      else if (effect?.kind === 'amend') this.amend(effect);
      else if (effect?.kind === 'query') this.answerQuery(effect.clientOrderId);
    }
  }

  private cancel(id: string): void {
    const order = this.orders.find((entry) => entry.id === id);
    if (order === undefined || order.over) return;
    if (this.random.next() < 0.2) return; // the request is lost
    order.over = true;
    this.report({ kind: 'cancelled', clientOrderId: id, reason: 'REQUESTED' }, this.seconds);
  }

  private amend({ clientOrderId, quantity, limitPrice }: Extract<VenueEffect, { kind: 'amend' }>): void {
    const order = this.orders.find((entry) => entry.id === clientOrderId);
    const draw = this.random.next();
    if (order === undefined || order.over || draw < 0.2) return; // the request is lost
    if (draw < 0.4) this.report({ kind: 'amend-rejected', clientOrderId, reason: 'TOO_BUSY' }, this.seconds);
    else this.report({ kind: 'amended', clientOrderId, quantity, limitPrice }, this.seconds);
  }

  private answerQuery(id: string): void {
    const order = this.orders.find((entry) => entry.id === id);
    if (order === undefined || this.random.next() < 0.1) return;
    if (order.over) this.report({ kind: 'cancelled', clientOrderId: id, reason: 'REQUESTED' }, this.seconds);
    else this.acknowledge(order);
  }

  private acknowledge(order: AtVenue): void {
    order.heard = true;
    this.report({ kind: 'acknowledged', clientOrderId: order.id, venueOrderId: 'v' }, this.seconds);
  }

  private answerAll(): void {
    for (const order of this.orders.filter(({ over }) => !over)) {
      if (!order.heard) this.acknowledge(order);
      this.trade(order, order.quantity.minus(order.filled));
    }
  }

  private mischief(): void {
    if (this.random.next() < 0.5) this.mark(String(90_000 + 10 * this.random.integer(12)), this.seconds);
    for (const order of this.orders.filter(({ over }) => !over)) {
      const draw = this.random.next();
      if (!order.heard && draw < 0.1) {
        order.over = true;
        this.report({ kind: 'rejected', clientOrderId: order.id, reason: 'NO' }, this.seconds);
        continue;
      }
      if (!order.heard && draw < 0.9) this.acknowledge(order);
      const lots = order.quantity.minus(order.filled).dividedBy(Decimal.parse('0.001'), 0).toNumber();
      if (this.random.next() < 0.5)
        this.trade(order, Decimal.parse('0.001').times(Decimal.ofInteger(1 + this.random.integer(lots))));
      if (!order.over && !order.resting) {
        order.over = true;
        this.report({ kind: 'cancelled', clientOrderId: order.id, reason: 'IOC_REMAINDER' }, this.seconds);
      }
    }
    const [fillId, id] = [...this.fillsOf][this.random.integer(20)] ?? [];
    if (fillId !== undefined && id !== undefined && this.random.next() < 0.05) {
      this.fillsOf.delete(fillId);
      this.report({ kind: 'busted', clientOrderId: id, fillId, reason: 'ERROR' }, this.seconds);
    }
    // A fill that was on its way when the order ended.
    const dead = this.orders.filter((order) => order.over && order.filled.lessThan(order.quantity));
    const late = dead[this.random.integer(Math.max(1, dead.length))];
    if (late !== undefined && this.random.next() < 0.03) this.trade(late, late.quantity.minus(late.filled));
  }

  private trade(order: AtVenue, quantity: Decimal): void {
    if (quantity.isZero()) return;
    order.filled = order.filled.plus(quantity);
    if (order.filled.equals(order.quantity)) order.over = true;
    this.fills += 1;
    this.fillsOf.set(`f${this.fills}`, order.id);
    this.fill(order.id, `f${this.fills}`, quantity.toString(), this.seconds);
  }
}

export const secondsOf = (time: string): number => Number(parseInstant(time) - T0) / 1e9;
