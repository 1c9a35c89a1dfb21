/**
 * A range of concentrated liquidity at a continuous price: token0 is the risky coin, token1 the money. `liquidity` L in units
 * of √(token0 · token1) of whole tokens; price P in token1 per token0. Source: Elsts, "Liquidity Math in Uniswap v3"; the whitepaper.
 */
export interface RangePosition {
  readonly liquidity: number;
  /** 0 for the full range. */
  readonly priceLower: number;
  /** Infinity for the full range. */
  readonly priceUpper: number;
}

export interface RangeGreeks {
  readonly amount0: number;
  readonly amount1: number;
  /** In token1. */
  readonly value: number;
  /** ∂value/∂P: the token0 held. */
  readonly delta: number;
  /** ∂²value/∂P², per token1: −L/(2P^{3/2}) inside the range, nothing outside. Short, always. */
  readonly gamma: number;
}

export function rangeGreeks(position: RangePosition, price: number): RangeGreeks {
  const { liquidity, priceLower, priceUpper } = position;
  const [low, high] = [Math.sqrt(priceLower), Math.sqrt(priceUpper)];
  const root = Math.min(Math.max(Math.sqrt(price), low), high);
  const amount0 = liquidity * (1 / root - 1 / high);
  const amount1 = liquidity * (root - low);
  const inside = price > priceLower && price < priceUpper;
  return {
    amount0,
    amount1,
    value: amount0 * price + amount1,
    delta: amount0,
    gamma: inside ? -liquidity / (2 * price * Math.sqrt(price)) : 0,
  };
}

/**
 * Loss versus rebalancing: what arbitrageurs take per year, token1: ½σ²P²·|Γ|. A delta-hedged position loses this and earns the fees. Source: Milionis,
 * Moallemi, Roughgarden & Zhang 2022; σ²/8 of value for the full range.
 */
export function lossVersusRebalancing(position: RangePosition, price: number, volatility: number): number {
  return 0.5 * volatility * volatility * price * price * -rangeGreeks(position, price).gamma;
}

/** Divergence loss of the full range when price moved by the factor k, fraction of holding: 2√k/(1 + k) − 1. Not positive. */
export function divergenceLoss(k: number): number {
  return (2 * Math.sqrt(k)) / (1 + k) - 1;
}

/** Liquidity that an amount of token0 is over a range at this price, where price is below the upper end. */
export function liquidityOfAmount0(
  amount0: number,
  price: number,
  position: Omit<RangePosition, 'liquidity'>,
): number {
  const root = Math.max(Math.sqrt(price), Math.sqrt(position.priceLower));
  return amount0 / (1 / root - 1 / Math.sqrt(position.priceUpper));
}

/** Liquidity that an amount of token1 is over a range at this price, where price is above the lower end. */
export function liquidityOfAmount1(
  amount1: number,
  price: number,
  position: Omit<RangePosition, 'liquidity'>,
): number {
  const root = Math.min(Math.sqrt(price), Math.sqrt(position.priceUpper));
  return amount1 / (root - Math.sqrt(position.priceLower));
}

/** Liquidity of a range that is worth `value` at this price. */
export function liquidityOfValue(
  value: number,
  price: number,
  position: Omit<RangePosition, 'liquidity'>,
): number {
  return value / rangeGreeks({ ...position, liquidity: 1 }, price).value;
}
