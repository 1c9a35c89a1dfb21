import { parseInstrument } from '@evenkeel/instruments';
import { rangeGreeks } from '@evenkeel/pools';
import type { RangeGreeks, RangePosition } from '@evenkeel/pools';
import { DAYS_PER_YEAR } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';

/** A range of liquidity in a pool, as the desk wrote it down. Money is the pool's quote token, taken as USD. */
export interface PoolLeg {
  /** `WETH-USDC-500@uniswap-v3-polygon`. */
  readonly instrument: string;
  readonly underlying: string;
  readonly range: RangePosition;
  /** What a swap pays, fraction. */
  readonly feeRate: number;
  /** Swapped through the pool a day, USD; 0 when not known: then no fees are expected. */
  readonly dailyVolumeUsd: number;
  /** Liquidity that shares the fees while in range, in the unit of the range's own, this one included; 0 when not known. */
  readonly poolLiquidity: number;
  /** USD per move of the range: burn, collect, swap, mint. */
  readonly gasUsd: number;
}

/** Fee of a pool in its symbol, hundredths of a basis point: `WETH-USDC-500` is 5 bp. Undefined for other instruments. */
export function poolFeeRate(instrument: string): number | undefined {
  const parsed = parseInstrument(instrument);
  if (!parsed.ok || parsed.value.kind !== 'pool') return undefined;
  return Number(parsed.value.symbol.slice(parsed.value.symbol.lastIndexOf('-') + 1)) / 1e6;
}

export function poolGreeks(leg: PoolLeg, spotUsd: number): RangeGreeks {
  return rangeGreeks(leg.range, spotUsd);
}

/** What a range makes and loses over a horizon, USD. */
export interface PoolCarry {
  /** Share of the time that the price is expected within the range: its chance half way through a driftless lognormal. */
  readonly inRange: number;
  readonly fees: number;
  /** Loss versus rebalancing, positive. */
  readonly lvr: number;
}

/** In range, a position gets its share of the fees and loses ½σ²P²|Γ| a year to arbitrage; out of range it gets and loses nothing. */
export function poolCarry(
  leg: PoolLeg,
  spotUsd: number,
  volatility: number,
  horizonYears: number,
): PoolCarry {
  const { range } = leg;
  const deviation = volatility * Math.sqrt(horizonYears / 2);
  const below = (level: number): number => {
    if (level === 0) return 0;
    if (!Number.isFinite(level)) return 1;
    if (!(deviation > 0)) return level > spotUsd ? 1 : 0;
    return math.normCdf(math.log(level / spotUsd) / deviation + deviation / 2);
  };
  const inRange = Math.max(0, below(range.priceUpper) - below(range.priceLower));
  const share = leg.poolLiquidity > 0 ? Math.min(1, range.liquidity / leg.poolLiquidity) : 0;
  const fees = leg.dailyVolumeUsd * DAYS_PER_YEAR * horizonYears * leg.feeRate * share * inRange;
  // Inside the range P²|Γ| is L√P/2.
  const lvr = 0.25 * volatility * volatility * range.liquidity * Math.sqrt(spotUsd) * horizonYears * inRange;
  return { inRange, fees, lvr };
}
