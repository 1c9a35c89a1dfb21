import { createRandom, type Random } from '@evenkeel/kernel';

import type { Fill, MatchingBook, Side } from './matching-book';

export interface FlowOptions {
  readonly seed: string;
  /** Levels quoted on each side. */
  readonly levels: number;
  /** Largest lots at one level. */
  readonly lotsMax: number;
  /** Largest move of the fair price in one step, in ticks. */
  readonly moveMax: number;
  /** Chance of a taker in one step. */
  readonly takerChance: number;
}

export const DEFAULT_FLOW: FlowOptions = {
  seed: 'deribit-sim',
  levels: 12,
  lotsMax: 400,
  moveMax: 2,
  takerChance: 0.5,
};

const MAKER = 'market-maker';
const TAKER = 'market-taker';

export interface FlowTrade {
  readonly side: Side;
  readonly fill: Fill;
}

/**
 * A generated market around a wandering fair price: a maker who quotes levels on both sides and follows, and takers who come
 * now and then. Its orders go through the same book as everybody's, so a client waits its turn in a real queue.
 */
export class GeneratedFlow {
  private readonly random: Random;
  private serial = 0;

  constructor(
    private readonly book: MatchingBook,
    /** Fair price in ticks. */
    private fairTicks: number,
    private readonly options: FlowOptions,
    instrument: string,
  ) {
    this.random = createRandom(`${options.seed}/${instrument}`);
  }

  get fair(): number {
    return this.fairTicks;
  }

  /** Moves the fair price by `ticks` at the next step: a price move on demand. */
  shock(ticks: number): void {
    this.fairTicks = Math.max(this.options.levels + 2, this.fairTicks + ticks);
  }

  /** Moves the fair price to where a model puts it; never so low that no level fits below it. */
  aim(ticks: number): void {
    this.fairTicks = Math.max(this.options.levels + 2, ticks);
  }

  step(): FlowTrade[] {
    const { moveMax, levels, takerChance } = this.options;
    this.shock(this.random.integer(2 * moveMax + 1) - moveMax);
    for (const order of this.book.ordersOf(MAKER)) {
      const distance = order.side === 'buy' ? this.fairTicks - order.ticks : order.ticks - this.fairTicks;
      if (distance < 1 || distance > levels) this.book.cancel(order.id);
    }
    const trades: FlowTrade[] = [];
    for (const side of ['buy', 'sell'] as const) trades.push(...this.quote(side));
    if (this.random.next() < takerChance) trades.push(...this.take());
    return trades;
  }

  private quote(side: Side): FlowTrade[] {
    const quoted = new Set(
      this.book
        .ordersOf(MAKER)
        .filter((order) => order.side === side)
        .map((order) => order.ticks),
    );
    const trades: FlowTrade[] = [];
    for (let distance = 1; distance <= this.options.levels; distance += 1) {
      const ticks = side === 'buy' ? this.fairTicks - distance : this.fairTicks + distance;
      if (!quoted.has(ticks))
        trades.push(...this.send(MAKER, side, ticks, 1 + this.random.integer(this.options.lotsMax)));
    }
    return trades;
  }

  private take(): FlowTrade[] {
    const side = this.random.next() < 0.5 ? 'buy' : 'sell';
    return this.send(TAKER, side, undefined, 1 + this.random.integer(this.options.lotsMax));
  }

  private send(owner: string, side: Side, ticks: number | undefined, lots: number): FlowTrade[] {
    this.serial += 1;
    const outcome = this.book.submit({
      id: `${owner}-${this.serial}`,
      owner,
      side,
      ticks,
      lots,
      timeInForce: ticks === undefined ? 'immediate_or_cancel' : 'good_til_cancelled',
      selfTrading: 'cancel_maker',
    });
    return outcome.outcome === 'accepted' ? outcome.fills.map((fill) => ({ side, fill })) : [];
  }
}
