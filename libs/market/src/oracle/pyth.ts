import { Decimal, failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';

/** A Pyth price: `price × 10^expo ± conf × 10^expo`, integers on the wire. */
export interface PythPrice {
  readonly price: Decimal;
  readonly confidence: Decimal;
}

const EXPONENT_MAX = 30;

/** Exact. Failure `ORACLE.PYTH_INVALID` for a negative interval or an exponent no feed uses. */
export function pythPrice(price: bigint, confidence: bigint, exponent: number): Result<PythPrice> {
  if (confidence < 0n) return failure('ORACLE.PYTH_INVALID', 'the confidence interval is negative', 'conf');
  if (!Number.isInteger(exponent) || Math.abs(exponent) > EXPONENT_MAX) {
    return failure('ORACLE.PYTH_INVALID', `${exponent} is not an exponent of a price`, 'expo');
  }
  return success({ price: scaled(price, exponent), confidence: scaled(confidence, exponent) });
}

function scaled(units: bigint, exponent: number): Decimal {
  return exponent <= 0 ? Decimal.ofUnits(units, -exponent) : Decimal.parse(`${units}e${exponent}`);
}

/** The end of the interval that is worse for who trades: pay the upper, receive the lower. */
export function adversePrice(price: PythPrice, side: 'buy' | 'sell'): Decimal {
  return side === 'buy' ? price.price.plus(price.confidence) : price.price.minus(price.confidence);
}
