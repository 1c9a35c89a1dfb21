import { Decimal } from '@evenkeel/kernel';
import type { ContractTerms } from './terms';
import { contractNotional } from './value';

/** Deribit: an option's fee is at most this fraction of its premium. */
const DERIBIT_OPTION_CAP = Decimal.parse('0.125');

/**
 * Fee of a trade in the settlement currency, positive when paid: rate × notional. `rate` is a fraction (0.0005 = 5 bp), negative
 * for a rebate. Exact; an inverse notional has been rounded once, to the smallest unit.
 */
export function tradeFee(terms: ContractTerms, quantity: Decimal, price: Decimal, rate: Decimal): Decimal {
  return contractNotional(terms, quantity, price).times(rate);
}

/**
 * Deribit's fee of an option trade, in the settlement currency: the rate is of the *underlying* (0.0003 coin per coin of a
 * coin-settled option; 0.0003 × index per coin of a USDC option) and at most 12.5 % of the premium. Exact.
 * Source: Deribit's fee page; table `deribit_option_fee`.
 */
export function deribitOptionFee(trade: {
  readonly terms: ContractTerms;
  readonly quantity: Decimal;
  /** Premium per unit of the underlying, in the settlement currency. Not negative. */
  readonly price: Decimal;
  /** Fraction of the underlying. */
  readonly rate: Decimal;
  /** Price of the underlying in the settlement currency: 1 when settled in coin, the index when settled in USDC. */
  readonly underlyingPrice: Decimal;
}): Decimal {
  const amount = trade.quantity.abs().times(trade.terms.contractSize);
  const ofUnderlying = amount.times(trade.rate).times(trade.underlyingPrice);
  // A rebate is not capped: it is what the venue pays.
  if (ofUnderlying.isNegative()) return ofUnderlying;
  return ofUnderlying.min(amount.times(trade.price).times(DERIBIT_OPTION_CAP));
}

/**
 * Deribit's fee at delivery of an option, in the settlement currency: rate × underlying, at most 12.5 % of what the option pays.
 * Expired worthless: nothing.
 */
export function deribitDeliveryFee(delivery: {
  readonly terms: ContractTerms;
  readonly quantity: Decimal;
  readonly rate: Decimal;
  readonly underlyingPrice: Decimal;
  /** What the option pays in all, in the settlement currency (`optionPayoff`). */
  readonly payoff: Decimal;
}): Decimal {
  const amount = delivery.quantity.abs().times(delivery.terms.contractSize);
  return amount
    .times(delivery.rate)
    .times(delivery.underlyingPrice)
    .min(delivery.payoff.abs().times(DERIBIT_OPTION_CAP));
}
