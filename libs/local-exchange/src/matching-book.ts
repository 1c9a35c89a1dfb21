/**
 * Price–time matching for one instrument. Pure and exact: prices are whole ticks and amounts whole lots, so nothing is ever
 * rounded. The queue at a price is first come, first served; whoever joins stands behind what is there.
 */
export type Side = 'buy' | 'sell';
export type TimeInForce = 'good_til_cancelled' | 'immediate_or_cancel' | 'fill_or_kill';
/** What happens when an order would trade with another of the same owner. */
export type SelfTrading = 'reject_taker' | 'cancel_maker';

export interface NewOrder {
  readonly id: string;
  readonly owner: string;
  readonly side: Side;
  /** `undefined`: at whatever price there is. */
  readonly ticks: number | undefined;
  readonly lots: number;
  readonly timeInForce: TimeInForce;
  /** `adjust`: moved behind the touch when it would trade; `reject`: refused. */
  readonly postOnly?: 'adjust' | 'reject';
  readonly selfTrading: SelfTrading;
}

export interface RestingOrder {
  readonly id: string;
  readonly owner: string;
  readonly side: Side;
  readonly ticks: number;
  lots: number;
}

export interface Fill {
  readonly makerId: string;
  readonly makerOwner: string;
  readonly ticks: number;
  readonly lots: number;
  /** The maker has nothing left. */
  readonly makerDone: boolean;
}

export type MatchOutcome =
  | { readonly outcome: 'rejected'; readonly reason: 'POST_ONLY' | 'SELF_TRADE' | 'FILL_OR_KILL' }
  | {
      readonly outcome: 'accepted';
      readonly fills: readonly Fill[];
      /** Makers of the same owner that were taken out of the way. */
      readonly cancelledMakers: readonly RestingOrder[];
      /** Left in the book; 0 when filled or ended. */
      readonly restingLots: number;
      /** Neither filled nor left in the book: the end of an order that may not rest. */
      readonly expiredLots: number;
      readonly ticks: number | undefined;
    };

/** A price whose total has changed since the last look, with its new total. */
export interface LevelChange {
  readonly side: Side;
  readonly ticks: number;
  readonly lots: number;
  readonly existed: boolean;
}

export class MatchingBook {
  private readonly levels: Readonly<Record<Side, Map<number, RestingOrder[]>>> = {
    buy: new Map(),
    sell: new Map(),
  };
  private readonly orders = new Map<string, RestingOrder>();
  private readonly published: Readonly<Record<Side, Map<number, number>>> = {
    buy: new Map(),
    sell: new Map(),
  };
  private readonly touched = new Set<string>();

  submit(order: NewOrder): MatchOutcome {
    const ticks = this.priceOf(order);
    if (ticks === 'POST_ONLY') return { outcome: 'rejected', reason: 'POST_ONLY' };
    const reachable = this.reachable(order, ticks);
    if (order.selfTrading === 'reject_taker' && this.meetsItself(order, reachable)) {
      return { outcome: 'rejected', reason: 'SELF_TRADE' };
    }
    const others = reachable.filter((maker) => maker.owner !== order.owner);
    const available = others.reduce((total, maker) => total + maker.lots, 0);
    if (order.timeInForce === 'fill_or_kill' && available < order.lots)
      return { outcome: 'rejected', reason: 'FILL_OR_KILL' };
    return this.execute(order, ticks, reachable);
  }

  /** Takes an order out; `undefined` when it is not in the book. */
  cancel(id: string): RestingOrder | undefined {
    const order = this.orders.get(id);
    if (order === undefined) return undefined;
    this.remove(order);
    return order;
  }

  find(id: string): Readonly<RestingOrder> | undefined {
    return this.orders.get(id);
  }

  /** Fewer lots at the same place in the queue. */
  reduce(id: string, lots: number): boolean {
    const order = this.orders.get(id);
    if (order === undefined || lots <= 0 || lots > order.lots) return false;
    order.lots = lots;
    this.touch(order.side, order.ticks);
    return true;
  }

  /** Lots in front of the order at its price. */
  queueAhead(id: string): number | undefined {
    const order = this.orders.get(id);
    if (order === undefined) return undefined;
    let ahead = 0;
    for (const other of this.levels[order.side].get(order.ticks) ?? []) {
      if (other === order) return ahead;
      ahead += other.lots;
    }
    return undefined;
  }

  bestTicks(side: Side): number | undefined {
    let best: number | undefined;
    for (const ticks of this.levels[side].keys()) {
      if (best === undefined || (side === 'buy' ? ticks > best : ticks < best)) best = ticks;
    }
    return best;
  }

  /** `[ticks, lots]` best first. */
  depth(side: Side, limit: number): [number, number][] {
    const sign = side === 'buy' ? -1 : 1;
    return [...this.levels[side]]
      .sort((a, b) => sign * (a[0] - b[0]))
      .slice(0, limit)
      .map(([ticks, queue]) => [ticks, queue.reduce((total, order) => total + order.lots, 0)]);
  }

  ordersOf(owner: string): readonly Readonly<RestingOrder>[] {
    return [...this.orders.values()].filter((order) => order.owner === owner);
  }

  /** What differs from the last call, for those who were told of the book then. */
  takeChanges(): LevelChange[] {
    const changes: LevelChange[] = [];
    for (const key of this.touched) {
      const [side, text] = key.split('/') as [Side, string]; // written by `touch`
      const ticks = Number(text);
      const lots = (this.levels[side].get(ticks) ?? []).reduce((total, order) => total + order.lots, 0);
      const before = this.published[side].get(ticks);
      if ((before ?? 0) === lots) continue;
      if (lots === 0) this.published[side].delete(ticks);
      else this.published[side].set(ticks, lots);
      changes.push({ side, ticks, lots, existed: before !== undefined });
    }
    this.touched.clear();
    return changes;
  }

  private priceOf(order: NewOrder): number | undefined | 'POST_ONLY' {
    if (order.ticks === undefined || order.postOnly === undefined) return order.ticks;
    const touch = this.bestTicks(opposite(order.side));
    if (touch === undefined || !crosses(order.side, order.ticks, touch)) return order.ticks;
    if (order.postOnly === 'reject') return 'POST_ONLY';
    return order.side === 'buy' ? touch - 1 : touch + 1;
  }

  /** Resting orders the new one may trade with, in the order it would meet them. */
  private reachable(order: NewOrder, ticks: number | undefined): RestingOrder[] {
    const side = opposite(order.side);
    const sign = side === 'buy' ? -1 : 1;
    return [...this.levels[side]]
      .filter(([price]) => ticks === undefined || crosses(order.side, ticks, price))
      .sort((a, b) => sign * (a[0] - b[0]))
      .flatMap(([, queue]) => queue);
  }

  /** Whether the owner's own order stands before the new one is filled. */
  private meetsItself(order: NewOrder, reachable: readonly RestingOrder[]): boolean {
    let open = order.lots;
    for (const maker of reachable) {
      if (open <= 0) return false;
      if (maker.owner === order.owner) return true;
      open -= maker.lots;
    }
    return false;
  }

  private execute(
    order: NewOrder,
    ticks: number | undefined,
    reachable: readonly RestingOrder[],
  ): MatchOutcome {
    const fills: Fill[] = [];
    const cancelledMakers: RestingOrder[] = [];
    let open = order.lots;
    for (const maker of reachable) {
      if (open === 0) break;
      if (maker.owner === order.owner) {
        this.remove(maker);
        cancelledMakers.push(maker);
        continue;
      }
      const lots = Math.min(open, maker.lots);
      open -= lots;
      maker.lots -= lots;
      this.touch(maker.side, maker.ticks);
      const makerDone = maker.lots === 0;
      if (makerDone) this.remove(maker);
      fills.push({ makerId: maker.id, makerOwner: maker.owner, ticks: maker.ticks, lots, makerDone });
    }
    const rests = open > 0 && ticks !== undefined && order.timeInForce === 'good_til_cancelled';
    if (rests) this.add({ id: order.id, owner: order.owner, side: order.side, ticks, lots: open });
    return {
      outcome: 'accepted',
      fills,
      cancelledMakers,
      restingLots: rests ? open : 0,
      expiredLots: rests ? 0 : open,
      ticks,
    };
  }

  private add(order: RestingOrder): void {
    const queue = this.levels[order.side].get(order.ticks) ?? [];
    queue.push(order);
    this.levels[order.side].set(order.ticks, queue);
    this.orders.set(order.id, order);
    this.touch(order.side, order.ticks);
  }

  private remove(order: RestingOrder): void {
    const queue = (this.levels[order.side].get(order.ticks) ?? []).filter((other) => other !== order);
    if (queue.length === 0) this.levels[order.side].delete(order.ticks);
    else this.levels[order.side].set(order.ticks, queue);
    this.orders.delete(order.id);
    this.touch(order.side, order.ticks);
  }

  private touch(side: Side, ticks: number): void {
    this.touched.add(`${side}/${ticks}`);
  }
}

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}

function crosses(side: Side, ticks: number, against: number): boolean {
  return side === 'buy' ? ticks >= against : ticks <= against;
}
