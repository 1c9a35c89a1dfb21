import type { Mark, MoneyAmount, Side } from '@evenkeel/facts';
import { roundToTick, tradeFee } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

/**
 * The price at which a taker of `side` trades: the quoted ask or bid where the mark has one, otherwise the mark moved by the
 * contract's assumed half spread; on the tick, rounded against the taker.
 */
export function touch(mark: Mark, contract: Contract, side: Side): Decimal {
  const quoted = side === 'buy' ? mark.ask : mark.bid;
  if (quoted !== undefined)
    return roundToTick(contract, Decimal.parse(quoted), side === 'buy' ? 'ceil' : 'floor');
  const price = Decimal.parse(mark.price);
  const half = price.times(contract.halfSpread);
  return side === 'buy'
    ? roundToTick(contract, price.plus(half), 'ceil')
    : roundToTick(contract, price.minus(half), 'floor');
}

/** True when a taker would trade at `price` or better within `limit`. */
export function crosses(side: Side, limit: Decimal, price: Decimal): boolean {
  return side === 'buy' ? !price.greaterThan(limit) : !price.lessThan(limit);
}

/**
 * The fee of one fill, from our side (paid negative, rebate positive), rounded half up to 8 digits. `underlyingUsd`: USD per unit,
 * which the fee of a dollar-settled option needs.
 */
export function feeOf(
  contract: Contract,
  quantity: Decimal,
  price: Decimal,
  liquidity: 'maker' | 'taker',
  underlyingUsd?: Decimal,
): MoneyAmount {
  const rate = liquidity === 'maker' ? contract.makerFee : contract.takerFee;
  const fee = tradeFee(contract, { quantity, price, rate, underlyingUsd, rounding: 'half-up' });
  return { currency: contract.settlement, amount: fee.negated().toString() };
}
