import type { Mark, MoneyAmount, Side } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

const BPS = Decimal.ofInteger(10_000);
const PRICE_DIGITS = 12;
const FEE_DIGITS = 8;
/** Deribit: an option's fee never exceeds this part of its price. */
const OPTION_FEE_CAP = Decimal.parse('0.125');

/**
 * The price at which a taker of `side` trades: the quoted ask or bid where the mark has one, otherwise the mark moved by the
 * contract's assumed half spread; on the tick, rounded against the taker.
 */
export function touch(mark: Mark, spec: InstrumentSpec, side: Side): Decimal {
  const quoted = side === 'buy' ? mark.ask : mark.bid;
  const tick = Decimal.parse(spec.tickSize);
  if (quoted !== undefined) return Decimal.parse(quoted).roundToStep(tick, side === 'buy' ? 'ceil' : 'floor');
  const price = Decimal.parse(mark.price);
  const half = price.times(Decimal.parse(spec.halfSpreadBps)).dividedBy(BPS, PRICE_DIGITS);
  return side === 'buy'
    ? price.plus(half).roundToStep(tick, 'ceil')
    : price.minus(half).roundToStep(tick, 'floor');
}

/** True when a taker would trade at `price` or better within `limit`. */
export function crosses(side: Side, limit: Decimal, price: Decimal): boolean {
  return side === 'buy' ? !price.greaterThan(limit) : !price.lessThan(limit);
}

/**
 * The fee of one fill, from our side (paid negative, rebate positive), rounded half up to 8 digits. Linear and spot: rate ×
 * contracts × size × price in the quote currency; inverse: rate × contracts × size ÷ price in coin; coin-quoted options: rate
 * × contracts × size in coin, at most 12.5 % of the premium.
 */
export function feeOf(
  spec: InstrumentSpec,
  contracts: Decimal,
  price: Decimal,
  liquidity: 'maker' | 'taker',
): MoneyAmount {
  const rate = Decimal.parse(liquidity === 'maker' ? spec.makerFee : spec.takerFee);
  const size = contracts.abs().times(Decimal.parse(spec.contractSize));
  const fee = feeAmount(spec, rate, size, price).round(FEE_DIGITS, 'half-up');
  return { currency: spec.kind === 'spot' ? spec.quote : spec.settlement, amount: fee.negated().toString() };
}

function feeAmount(spec: InstrumentSpec, rate: Decimal, size: Decimal, price: Decimal): Decimal {
  if (spec.kind === 'option') {
    const cap = size.times(price).times(OPTION_FEE_CAP);
    const full = spec.inverse ? rate.times(size) : rate.times(size).times(price);
    return full.min(cap);
  }
  if (spec.inverse) return rate.times(size).dividedBy(price, PRICE_DIGITS);
  return rate.times(size).times(price);
}
