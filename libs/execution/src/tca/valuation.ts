import { notionalUsd } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import type { Decimal } from '@evenkeel/kernel';
import { required } from '@evenkeel/kernel';

/** Digits that values per contract are rounded to; differences of rounded values then add up exactly. */
const VALUE_DIGITS = 12;

/** What prices of one contract are worth in USD, for one trade: fixed when it was decided, so that values of any two prices compare. */
export interface TradeUnit {
  readonly contract: Contract;
  readonly arrival: Decimal;
  /** USD per unit of the underlying; undefined while the record has no price of it. */
  readonly underlyingUsd: Decimal | undefined;
}

/**
 * USD value of one contract at a price, up to a constant that is the same for all prices. Linear: size × price. Inverse: size
 * contracts of USD are worth −size ÷ price coin, at the arrival price. Coin-quoted options at the underlying. Rises with the price.
 */
export function valueAt({ contract, arrival, underlyingUsd }: TradeUnit, price: Decimal): Decimal {
  const { size, payoff, coinSettled } = contract;
  if (payoff === 'inverse') return size.times(arrival).dividedBy(price, VALUE_DIGITS).negated();
  const worth = size.times(price);
  const inUsd = coinSettled ? worth.times(priced(contract, underlyingUsd)) : worth;
  return inUsd.round(VALUE_DIGITS, 'half-even');
}

/** USD notional of contracts at arrival. */
export function notionalOf({ contract, arrival, underlyingUsd }: TradeUnit, contracts: Decimal): Decimal {
  const notional = notionalUsd(contract, contracts, { price: arrival, underlyingUsd });
  return priced(contract, notional).round(VALUE_DIGITS, 'half-even');
}

/** A decision is taken on a snapshot, which has the underlying's price; a record without it is not whole. */
function priced({ id, underlying }: Contract, amount: Decimal | undefined): Decimal {
  return required(amount, `the price of ${underlying} on record before a trade in ${id}`);
}
