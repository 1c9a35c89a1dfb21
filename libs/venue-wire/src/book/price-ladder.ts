import type { Level } from '../events/venue-event';
import { compareDecimalText, isExactAsDouble, numberOfDecimal, type DecimalText } from '../wire/decimal-text';

/** A run of neighbouring prices, worst first: of each level the key in a column. Never empty inside a ladder. */
interface Chunk {
  readonly keys: Float64Array;
  readonly levels: Level[];
}

const CHUNK_MAX = 128;

/**
 * One side of a book, sorted from worst to best in chunks, so that a change deep in a book of thousands of levels moves a few
 * dozen elements and one at the touch almost none. Ordered by the double of the price and, where two prices share a double, by
 * their exact text.
 */
export class PriceLadder {
  private readonly chunks: Chunk[] = [];
  /** Columns of keys that no chunk has: to make one costs as much as a snapshot of twenty levels, and some venues send nothing else. */
  private readonly spare: Float64Array[] = [];
  private total = 0;
  /** +1 for bids (best is highest), −1 for asks. */
  private readonly sign: 1 | -1;

  constructor(side: 'bid' | 'ask') {
    this.sign = side === 'bid' ? 1 : -1;
  }

  get count(): number {
    return this.total;
  }

  /** Sets the size at a price; size 0 removes it. */
  set(level: Level): void {
    const key = this.sign * numberOfDecimal(level.price);
    const chunkAt = this.chunkFor(key, level.price);
    const chunk = this.chunks[chunkAt];
    if (chunk === undefined) {
      if (level.size !== '0') this.append(key, level);
      return;
    }
    const at = this.positionIn(chunk, key, level.price);
    const found =
      at < chunk.levels.length && chunk.keys[at] === key && isPrice(chunk.levels[at], level.price);
    if (level.size === '0') {
      if (found) this.removeAt(chunkAt, chunk, at);
    } else if (found) {
      chunk.levels[at] = level;
    } else {
      this.insertAt(chunkAt, chunk, at, key, level);
    }
  }

  clear(): void {
    for (const { keys } of this.chunks) this.spare.push(keys);
    this.chunks.length = 0;
    this.total = 0;
  }

  best(): Level | undefined {
    const chunk = this.chunks[this.chunks.length - 1];
    return chunk?.levels[chunk.levels.length - 1];
  }

  /** Up to `limit` levels, best first. */
  top(limit: number): Level[] {
    const levels: Level[] = [];
    for (let chunkAt = this.chunks.length - 1; chunkAt >= 0 && levels.length < limit; chunkAt -= 1) {
      const chunk = this.chunks[chunkAt];
      if (chunk === undefined) break;
      for (let at = chunk.levels.length - 1; at >= 0 && levels.length < limit; at -= 1) {
        const level = chunk.levels[at];
        if (level !== undefined) levels.push(level);
      }
    }
    return levels;
  }

  /** The first chunk whose best price is not worse than `price`, looked for from the best end; past the last when all are worse. */
  private chunkFor(key: number, price: DecimalText): number {
    const last = this.chunks.length - 1;
    let low = 0;
    let high = this.chunks.length;
    if (last > 0 && this.isWorse(this.chunks[last - 1], key, price)) low = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isWorse(this.chunks[middle], key, price)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether even the best price of the chunk is worse than `price`. */
  private isWorse(chunk: Chunk | undefined, key: number, price: DecimalText): boolean {
    if (chunk === undefined) return false;
    const best = chunk.levels.length - 1;
    const bestKey = chunk.keys[best] ?? 0;
    if (bestKey !== key) return bestKey < key;
    return this.comesBefore(chunk.levels[best], price);
  }

  private positionIn(chunk: Chunk, key: number, price: DecimalText): number {
    let low = 0;
    const { length } = chunk.levels;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((chunk.keys[middle] ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    // Prices that a double can't tell apart sit side by side in exact order.
    while (low < length && chunk.keys[low] === key && this.comesBefore(chunk.levels[low], price)) low += 1;
    return low;
  }

  private comesBefore(level: Level | undefined, price: DecimalText): boolean {
    return (
      level !== undefined && !isPrice(level, price) && this.sign * compareDecimalText(level.price, price) < 0
    );
  }

  /** A price better than all others. */
  private append(key: number, level: Level): void {
    const chunk = this.chunks[this.chunks.length - 1];
    if (chunk === undefined) {
      const keys = this.column();
      keys[0] = key;
      this.chunks.push({ keys, levels: [level] });
      this.total += 1;
      return;
    }
    this.insertAt(this.chunks.length - 1, chunk, chunk.levels.length, key, level);
  }

  /** Moves in place: most changes are at the touch, and to splice took 1.2 × of a whole change of a recorded book. */
  private insertAt(chunkAt: number, chunk: Chunk, at: number, key: number, level: Level): void {
    const { keys, levels } = chunk;
    this.total += 1;
    levels.push(level);
    for (let index = levels.length - 1; index > at; index -= 1) {
      levels[index] = levels[index - 1] ?? level;
      keys[index] = keys[index - 1] ?? key;
    }
    levels[at] = level;
    keys[at] = key;
    if (levels.length <= CHUNK_MAX) return;
    const half = CHUNK_MAX / 2;
    const upper = this.column();
    upper.set(keys.subarray(half));
    this.chunks.splice(chunkAt + 1, 0, { keys: upper, levels: levels.splice(half) });
  }

  private column(): Float64Array {
    return this.spare.pop() ?? new Float64Array(CHUNK_MAX + 1);
  }

  private removeAt(chunkAt: number, { keys, levels }: Chunk, at: number): void {
    this.total -= 1;
    const last = levels.pop();
    if (last === undefined) return;
    const { length } = levels;
    for (let index = at; index < length; index += 1) {
      levels[index] = levels[index + 1] ?? last;
      keys[index] = keys[index + 1] ?? 0;
    }
    if (length > 0) return;
    this.chunks.splice(chunkAt, 1);
    this.spare.push(keys);
  }
}

/** Of two prices with the same double. Texts that a double holds exactly need no second look. */
function isPrice(level: Level | undefined, price: DecimalText): boolean {
  if (level === undefined) return false;
  return (isExactAsDouble(level.price) && isExactAsDouble(price)) || level.price === price;
}
