import type { Level } from '../normalised/venue-event';
import { compareDecimalText, type DecimalText } from '../wire/decimal-text';

/**
 * One side of a book, sorted with the best price last: changes cluster at the best price, so an insertion moves few
 * elements. Ordered by the double of the price and, where two prices share a double, by their exact text.
 */
export class PriceLadder {
  private readonly keys: number[] = [];
  private readonly prices: DecimalText[] = [];
  private readonly sizes: DecimalText[] = [];
  /** +1 for bids (ascending, best is highest), −1 for asks. */
  private readonly sign: 1 | -1;

  constructor(side: 'bid' | 'ask') {
    this.sign = side === 'bid' ? 1 : -1;
  }

  get count(): number {
    return this.keys.length;
  }

  /** Sets the size at a price; size 0 removes it. */
  set(price: DecimalText, size: DecimalText): void {
    const key = this.sign * Number(price);
    let at = this.position(key);
    // Prices that a double can't tell apart sit side by side in exact order.
    while (at < this.keys.length && this.keys[at] === key && this.isWorse(this.prices[at], price)) at += 1;
    const found = this.prices[at] === price;
    if (size === '0') {
      if (found) this.removeAt(at);
    } else if (found) {
      this.sizes[at] = size;
    } else {
      this.insertAt(at, key, price, size);
    }
  }

  clear(): void {
    this.keys.length = 0;
    this.prices.length = 0;
    this.sizes.length = 0;
  }

  best(): Level | undefined {
    return this.at(0);
  }

  sizeAt(price: DecimalText): DecimalText | undefined {
    let at = this.position(this.sign * Number(price));
    while (at < this.keys.length && this.keys[at] === this.sign * Number(price)) {
      if (this.prices[at] === price) return this.sizes[at];
      at += 1;
    }
    return undefined;
  }

  /** The level `rank` places from the best. */
  at(rank: number): Level | undefined {
    const index = this.keys.length - 1 - rank;
    const price = this.prices[index];
    const size = this.sizes[index];
    return price === undefined || size === undefined ? undefined : { price, size };
  }

  /** Up to `limit` levels, best first. */
  top(limit: number): Level[] {
    const levels: Level[] = [];
    for (let rank = 0; rank < limit; rank += 1) {
      const level = this.at(rank);
      if (level === undefined) break;
      levels.push(level);
    }
    return levels;
  }

  private isWorse(candidate: DecimalText | undefined, price: DecimalText): boolean {
    return (
      candidate !== undefined && candidate !== price && this.sign * compareDecimalText(candidate, price) < 0
    );
  }

  /** The first index whose key is not below `key`; looked for from the best end, where most changes fall. */
  private position(key: number): number {
    let low = 0;
    let high = this.keys.length;
    const near = high - 16;
    if (near > 0 && (this.keys[near] ?? 0) < key) low = near + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.keys[middle] ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private insertAt(at: number, key: number, price: DecimalText, size: DecimalText): void {
    if (at === this.keys.length) {
      this.keys.push(key);
      this.prices.push(price);
      this.sizes.push(size);
      return;
    }
    this.keys.splice(at, 0, key);
    this.prices.splice(at, 0, price);
    this.sizes.splice(at, 0, size);
  }

  private removeAt(at: number): void {
    if (at === this.keys.length - 1) {
      this.keys.pop();
      this.prices.pop();
      this.sizes.pop();
      return;
    }
    this.keys.splice(at, 1);
    this.prices.splice(at, 1);
    this.sizes.splice(at, 1);
  }
}
