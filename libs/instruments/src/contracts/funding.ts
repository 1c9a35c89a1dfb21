import { Decimal } from '@evenkeel/kernel';
import type { ContractTerms } from './terms';
import { contractValue } from './value';

/**
 * Funding received (negative: paid) on `quantity` contracts over one interval, in the settlement currency, rounded half-even to
 * its smallest unit: −quantity × notional × rate. A positive rate is paid by longs. `price` is the one the venue takes: mark
 * (Binance, Bybit, OKX), oracle (Hyperliquid) or index (Deribit).
 */
export function fundingPayment(
  terms: ContractTerms,
  quantity: Decimal,
  price: Decimal,
  rate: Decimal,
): Decimal {
  const value = contractValue(terms, quantity, price);
  // An inverse value is minus the notional, so that the long pays there too.
  const exposure = terms.payoff === 'inverse' ? value.negated() : value;
  return exposure.times(rate).negated().round(terms.valueScale, 'half-even');
}

/** The share of a rate quoted per `interval` that accrues over `elapsed` (Deribit accrues continuously on an 8-hour rate). To `scale` digits. */
export function accruedRate(rate: Decimal, elapsedNs: bigint, intervalNs: bigint, scale = 18): Decimal {
  return rate
    .times(Decimal.ofInteger(elapsedNs))
    .dividedBy(Decimal.ofInteger(intervalNs), scale, 'half-even');
}
