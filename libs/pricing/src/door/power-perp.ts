import { DAY_YEARS } from '@evenkeel/kernel';
import { math } from '../math';

const PERIOD_DAYS = 17.5;

export interface PowerPerpFunding {
  /** (price ÷ scale)². */
  readonly index: number;
  /** After the clamp. */
  readonly mark: number;
  /** What the normalisation factor is multiplied by. */
  readonly multiplier: number;
}

/**
 * Funding of a squared perpetual (Squeeth): the normalisation factor falls by (index ÷ mark)^{Δt/17.5 d}, the mark held within [0.8, 1.4]
 * of the index. `perpPrice` in coin per whole token at a normalisation of `normalisation`.
 */
export function powerPerpFunding(terms: {
  readonly price: number;
  readonly scale: number;
  readonly perpPrice: number;
  readonly normalisation: number;
  readonly elapsedSeconds: number;
  readonly periodSeconds?: number;
  readonly bounds?: readonly [number, number];
}): PowerPerpFunding {
  const { price, scale, perpPrice, normalisation, elapsedSeconds } = terms;
  const period = terms.periodSeconds ?? PERIOD_DAYS * 86_400;
  const [low, high] = terms.bounds ?? [0.8, 1.4];
  const index = (price / scale) * (price / scale);
  const traded = (perpPrice * price) / scale / normalisation;
  const mark = Math.min(Math.max(traded, low * index), high * index);
  return { index, mark, multiplier: math.pow(index / mark, elapsedSeconds / period) };
}

/** Fair mark ÷ index: e^{σ²·17.5/365}. */
export function fairPowerPerpRatio(volatility: number, periodDays = PERIOD_DAYS): number {
  return math.exp(volatility * volatility * periodDays * DAY_YEARS);
}

/** Fair funding a day, fraction of the index: σ² ÷ 365. */
export function fairPowerPerpDailyFunding(volatility: number): number {
  return volatility * volatility * DAY_YEARS;
}
