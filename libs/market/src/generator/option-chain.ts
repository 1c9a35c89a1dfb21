import type { Mark } from '@evenkeel/facts';
import type { OptionType } from '@evenkeel/instruments';
import { Decimal, formatInstant, yearsBetween } from '@evenkeel/kernel';
import type { Instant, Random } from '@evenkeel/kernel';
import { math, priceInverse } from '@evenkeel/pricing';
import { markOfQuote } from '../tape/option-quote';
import { expectedVariance, normalDraw } from './price-path';
import type { BatesParameters, PathPoint } from './price-path';

export interface ListedExpiry {
  readonly expiry: Instant;
  readonly strikes: readonly ListedStrike[];
}

/** A strike and the names of its two options. */
export interface ListedStrike {
  readonly strike: number;
  readonly call: string;
  readonly put: string;
}

export interface ChainModel {
  readonly parameters: BatesParameters;
  /** Of the forward over the spot, per year. */
  readonly carry: number;
  /** Half of the quoted spread, in volatility. */
  readonly halfSpreadVolatility: number;
  /** Standard deviation of a mark volatility around the smile. */
  readonly noiseVolatility: number;
}

export const DEMONSTRATION_CHAIN = {
  carry: 0.05,
  halfSpreadVolatility: 0.008,
  noiseVolatility: 0.0015,
} as const;

const TICK = Decimal.parse('0.0001');
const VOLATILITY_MIN = 0.05;
const VOLATILITY_MAX = 3;

/**
 * Volatility of a strike: the root of the expected variance, skewed down and curved up in standardised log-moneyness
 * x = ln(K/F) ÷ √T.
 */
export function smileVolatility(atTheMoney: number, x: number): number {
  const shape = 1 - 0.06 * x + 0.05 * x * x;
  return Math.min(Math.max(atTheMoney * shape, VOLATILITY_MIN), VOLATILITY_MAX);
}

/** Quotes of every listed option that has not expired, marks from the pricing kernel, coin-settled as Deribit lists them. */
export function quoteChain(
  model: ChainModel,
  listed: readonly ListedExpiry[],
  point: PathPoint,
  at: Instant,
  source: string,
  random: Random,
): Mark[] {
  const eventTime = formatInstant(at);
  const index = point.spot.toFixed(2);
  return listed
    .filter(({ expiry }) => expiry > at)
    .flatMap(({ expiry, strikes }) => {
      const years = yearsBetween(at, expiry);
      const forward = point.spot * math.exp(model.carry * years);
      const atTheMoney = Math.sqrt(expectedVariance(model.parameters, point.variance, years));
      return strikes.flatMap(({ strike, call, put }) => {
        const x = math.log(strike / forward) / Math.sqrt(years);
        const noisy =
          smileVolatility(atTheMoney, Math.max(-3, Math.min(3, x))) +
          model.noiseVolatility * normalDraw(random);
        const volatility = Number(Math.max(noisy, VOLATILITY_MIN).toFixed(4));
        return (['call', 'put'] as const).map((type) =>
          markOfQuote({
            instrument: type === 'call' ? call : put,
            ...prices(
              type,
              Number(forward.toFixed(2)),
              strike,
              years,
              volatility,
              model.halfSpreadVolatility,
            ),
            volatility,
            forward: forward.toFixed(2),
            index,
            eventTime,
            source,
          }),
        );
      });
    });
}

function prices(type: OptionType, F: number, K: number, T: number, sigma: number, half: number) {
  const valueAt = (volatility: number): number =>
    priceInverse({ type, F, K, T, sigma: volatility }).valueCoin;
  const bid = Decimal.ofNumber(valueAt(Math.max(sigma - half, 0)), 8).roundToStep(TICK, 'floor');
  const ask = Decimal.ofNumber(valueAt(sigma + half), 8)
    .roundToStep(TICK, 'ceil')
    .max(TICK);
  return {
    price: Decimal.ofNumber(valueAt(sigma), 8).toString(),
    bid: bid.isPositive() ? bid.toString() : undefined,
    ask: ask.toString(),
  };
}
