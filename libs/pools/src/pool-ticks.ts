import type { UndoLog } from './undo-log';
import { UndoableMap } from './undo-log';
import { uint160, uint256 } from './unsigned';

/** An initialised tick as the contract keeps it. "Outside" is what gathered on the other side of the tick than the price. */
export interface TickInfo {
  readonly gross: bigint;
  /** Liquidity that comes when the price passes upwards. */
  readonly net: bigint;
  readonly feeGrowthOutside0: bigint;
  readonly feeGrowthOutside1: bigint;
  readonly secondsPerLiquidityOutside: bigint;
  readonly tickCumulativeOutside: number;
  readonly secondsOutside: number;
}

/** What a tick sets aside when it is initialised or passed. */
export interface Gathered {
  readonly feeGrowth0: bigint;
  readonly feeGrowth1: bigint;
  readonly secondsPerLiquidity: bigint;
  readonly tickCumulative: number;
  readonly time: number;
}

const UNTOUCHED: Omit<TickInfo, 'gross' | 'net'> = {
  feeGrowthOutside0: 0n,
  feeGrowthOutside1: 0n,
  secondsPerLiquidityOutside: 0n,
  tickCumulativeOutside: 0,
  secondsOutside: 0,
};

export class PoolTicks {
  private readonly infos: UndoableMap<number, TickInfo>;
  private order: readonly number[] | undefined;

  constructor(private readonly log: UndoLog) {
    this.infos = new UndoableMap(log);
  }

  get(tick: number): TickInfo | undefined {
    return this.infos.get(tick);
  }

  /** Initialised ticks, increasing. */
  sorted(): readonly number[] {
    return (this.order ??= [...this.infos.keys()].sort((a, b) => a - b));
  }

  /** Adds liquidity (or takes it) at one end of a range; a tick with none left is forgotten. */
  update(block: number, tick: number, change: bigint, upper: boolean, price: number, now: Gathered): void {
    const before = this.infos.get(tick);
    const gross = (before?.gross ?? 0n) + change;
    if (gross < 0n) throw new RangeError(`tick ${tick} holds less liquidity than is taken`);
    if ((before === undefined) !== (gross === 0n)) this.reorder(block);
    if (gross === 0n) return this.infos.set(block, tick, undefined);
    const rest = before ?? (tick <= price ? gatheredBelow(now) : UNTOUCHED);
    this.infos.set(block, tick, { ...rest, gross, net: (before?.net ?? 0n) + (upper ? -change : change) });
  }

  /** The price passes: what was outside becomes inside. */
  cross(block: number, tick: number, now: Gathered): void {
    const info = this.infos.get(tick);
    if (info === undefined) return;
    this.infos.set(block, tick, {
      ...info,
      feeGrowthOutside0: uint256(now.feeGrowth0 - info.feeGrowthOutside0),
      feeGrowthOutside1: uint256(now.feeGrowth1 - info.feeGrowthOutside1),
      secondsPerLiquidityOutside: uint160(now.secondsPerLiquidity - info.secondsPerLiquidityOutside),
      tickCumulativeOutside: now.tickCumulative - info.tickCumulativeOutside,
      secondsOutside: (now.time - info.secondsOutside) >>> 0,
    });
  }

  private reorder(block: number): void {
    this.order = undefined;
    this.log.record(block, () => (this.order = undefined));
  }
}

function gatheredBelow(now: Gathered): Omit<TickInfo, 'gross' | 'net'> {
  return {
    feeGrowthOutside0: now.feeGrowth0,
    feeGrowthOutside1: now.feeGrowth1,
    secondsPerLiquidityOutside: now.secondsPerLiquidity,
    tickCumulativeOutside: now.tickCumulative,
    secondsOutside: now.time,
  };
}

export interface GrowthInside {
  readonly feeGrowthInside0: bigint;
  readonly feeGrowthInside1: bigint;
}

/** Fees per unit of liquidity of a range since an arbitrary beginning: only differences mean something. */
export function growthInside(
  ticks: PoolTicks,
  range: { readonly tickLower: number; readonly tickUpper: number },
  slot: { readonly tick: number; readonly feeGrowth0: bigint; readonly feeGrowth1: bigint },
): GrowthInside {
  const lower = ticks.get(range.tickLower) ?? UNTOUCHED;
  const upper = ticks.get(range.tickUpper) ?? UNTOUCHED;
  const inside = (global: bigint, below: bigint, above: bigint): bigint => {
    const outsideLow = slot.tick >= range.tickLower ? below : global - below;
    const outsideHigh = slot.tick < range.tickUpper ? above : global - above;
    return uint256(global - outsideLow - outsideHigh);
  };
  return {
    feeGrowthInside0: inside(slot.feeGrowth0, lower.feeGrowthOutside0, upper.feeGrowthOutside0),
    feeGrowthInside1: inside(slot.feeGrowth1, lower.feeGrowthOutside1, upper.feeGrowthOutside1),
  };
}
