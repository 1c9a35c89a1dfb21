import { divideRoundingUp } from './fixed-point';
import { amount0Between, amount1Between } from './sqrt-price-math';
import { FEE_UNIT } from './swap-step';
import { MAX_TICK, MIN_TICK } from './tick-math';

/** What stretches are made of: where liquidity comes and goes. They hold until one of these changes, whatever the price does. */
export interface LiquidityTable {
  readonly feePips: number;
  readonly tickSpacing: number;
  /** Initialised ticks, increasing. */
  readonly ticks: readonly number[];
  readonly netAt: (tick: number) => bigint;
  readonly rootAt: (tick: number) => bigint;
}

/**
 * Constant liquidity from one √price to the next place where a swap has to stop: an initialised tick, or the end of the
 * contract's bitmap word (256 spacings), since each stop rounds and takes its fee.
 */
export interface Stretch {
  /** √price where it begins and ends, in the direction of the swap. */
  readonly from: bigint;
  readonly to: bigint;
  /** The tick at its end. */
  readonly tick: number;
  readonly liquidity: bigint;
  /** What passing it whole takes and gives, and the part of `taken` that is fee. */
  readonly taken: bigint;
  readonly given: bigint;
  readonly fee: bigint;
  /** Sums of `taken` and `given` from the first stretch of the ladder through this one. */
  readonly takenTo: bigint;
  readonly givenTo: bigint;
}

const WORD = 256;

export function stretchOf(
  from: bigint,
  to: bigint,
  tick: number,
  liquidity: bigint,
  feePips: number,
  before?: { readonly takenTo: bigint; readonly givenTo: bigint },
): Stretch {
  const down = to <= from;
  const amountIn = down
    ? amount0Between(to, from, liquidity, true)
    : amount1Between(from, to, liquidity, true);
  const given = down
    ? amount1Between(to, from, liquidity, false)
    : amount0Between(from, to, liquidity, false);
  const fee = divideRoundingUp(amountIn * BigInt(feePips), FEE_UNIT - BigInt(feePips));
  const taken = amountIn + fee;
  return {
    from,
    to,
    tick,
    liquidity,
    taken,
    given,
    fee,
    takenTo: (before?.takenTo ?? 0n) + taken,
    givenTo: (before?.givenTo ?? 0n) + given,
  };
}

/**
 * The stretches in one direction, worked out as far as somebody asks and kept while prices move: a quote adds what whole
 * stretches take by one subtraction of sums and works out only the last, partial one.
 */
export class Ladder {
  private rungs: Stretch[] = [];

  constructor(
    private readonly table: LiquidityTable,
    readonly down: boolean,
  ) {}

  /** Index of the stretch in which a swap from this price begins: its end is the first stop ahead. */
  enter(tick: number, liquidity: bigint): number {
    const stop = this.stopFrom(tick);
    const [first] = this.rungs;
    if (first === undefined) this.rungs.push(this.rung(this.behind(stop), stop, liquidity));
    else if (this.down ? stop > first.tick : stop < first.tick) this.prepend(stop, liquidity);
    let low = 0;
    for (let high = this.rungs.length - 1; low < high;) {
      const middle = (low + high) >> 1;
      const at = this.rungs[middle]?.tick ?? stop;
      if (this.down ? at > stop : at < stop) low = middle + 1;
      else high = middle;
    }
    while ((this.rungs[low]?.tick ?? stop) !== stop) {
      low += 1;
      if (this.at(low) === undefined) throw new RangeError(`there is no stop at tick ${stop}`);
    }
    return low;
  }

  /** A stretch by its index; undefined beyond the last that a pool can have. */
  at(index: number): Stretch | undefined {
    while (index >= this.rungs.length) {
      const last = this.rungs.at(-1);
      if (last === undefined || last.tick === (this.down ? MIN_TICK : MAX_TICK)) return undefined;
      const stop = this.stopFrom(this.down ? last.tick - 1 : last.tick);
      const net = this.table.netAt(last.tick);
      this.rungs.push(this.rung(last.to, stop, last.liquidity + (this.down ? -net : net), last));
    }
    return this.rungs[index];
  }

  /**
   * Index of the first stretch from `from` on by whose end `sum` is taken (or given) or the limit is met; of the last where
   * neither is.
   */
  reaching(from: number, sum: bigint, side: 'takenTo' | 'givenTo', limit?: bigint): number {
    const ends = (rung: Stretch): boolean =>
      rung[side] >= sum || (limit !== undefined && (this.down ? rung.to <= limit : rung.to >= limit));
    let low = from;
    let high = from;
    for (let step = 1; ; step *= 2) {
      const rung = this.at(high);
      if (rung === undefined) {
        high = this.rungs.length - 1;
        break;
      }
      if (ends(rung)) break;
      low = high + 1;
      high += step;
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      const rung = this.rungs[middle];
      if (rung !== undefined && !ends(rung)) low = middle + 1;
      else high = middle;
    }
    return high;
  }

  private rung(from: bigint, stop: number, liquidity: bigint, before?: Stretch): Stretch {
    return stretchOf(from, this.table.rootAt(stop), stop, liquidity, this.table.feePips, before);
  }

  /** Prices moved behind the first stretch: those up to it come in front, their sums counted back from its own. */
  private prepend(stop: number, liquidity: bigint): void {
    const [first] = this.rungs;
    if (first === undefined) return;
    const front = new Ladder(this.table, this.down);
    front.enter(this.down ? stop : stop - 1, liquidity);
    let count = 1;
    while ((front.at(count)?.tick ?? first.tick) !== first.tick) count += 1;
    const joint = front.at(count);
    if (joint === undefined) throw new RangeError(`no stops lead from tick ${stop} to tick ${first.tick}`);
    const [taken, given] = [joint.takenTo - first.takenTo, joint.givenTo - first.givenTo];
    const moved = front.rungs
      .slice(0, count)
      .map((rung) => ({ ...rung, takenTo: rung.takenTo - taken, givenTo: rung.givenTo - given }));
    this.rungs = [...moved, ...this.rungs];
  }

  /** The √price at the far end of the stretch that leads to `stop`. */
  private behind(stop: number): bigint {
    const { ticks, tickSpacing, rootAt } = this.table;
    const word = WORD * tickSpacing;
    if (this.down) {
      const above = ticks[countAtMost(ticks, stop)] ?? MAX_TICK;
      return rootAt(Math.min(above, MAX_TICK, (Math.floor(stop / word) + 1) * word));
    }
    const below = ticks[countAtMost(ticks, stop - 1) - 1] ?? MIN_TICK;
    const edge = (Math.ceil((stop + tickSpacing) / word) - 1) * word - tickSpacing;
    return rootAt(Math.max(below, MIN_TICK, edge));
  }

  /** The first stop of a swap that stands at this tick. */
  private stopFrom(tick: number): number {
    const { ticks, tickSpacing } = this.table;
    const word = Math.floor(Math.floor(tick / tickSpacing) / WORD);
    if (this.down) {
      const edge = Math.max(MIN_TICK, word * WORD * tickSpacing);
      return Math.max(edge, ticks[countAtMost(ticks, tick) - 1] ?? edge);
    }
    const from = Math.floor((Math.floor(tick / tickSpacing) + 1) / WORD) * WORD;
    const edge = Math.min(MAX_TICK, (from + WORD - 1) * tickSpacing);
    return Math.min(edge, ticks[countAtMost(ticks, tick)] ?? edge);
  }
}

function countAtMost(ticks: readonly number[], tick: number): number {
  let low = 0;
  let high = ticks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ticks[middle] ?? tick) <= tick) low = middle + 1;
    else high = middle;
  }
  return low;
}
