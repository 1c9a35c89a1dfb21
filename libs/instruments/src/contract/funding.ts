import type { Decimal } from '@evenkeel/kernel';
import type { Contract } from './contract';
import { AMOUNT_DIGITS } from './currency';

/**
 * Funding received (negative: paid) on `quantity` contracts over one interval, in the settlement currency, rounded half-even
 * once to 8 digits: −quantity × size × price × rate, or −quantity × size ÷ price × rate of inverse contracts. A positive rate is
 * paid by longs. `price` is the one the venue takes: mark (Binance, Bybit, OKX), oracle (Hyperliquid) or index (Deribit).
 */
export function fundingPayment(
  { payoff, size }: Pick<Contract, 'payoff' | 'size'>,
  quantity: Decimal,
  price: Decimal,
  rate: Decimal,
): Decimal {
  const amount = quantity.times(size);
  const paid =
    payoff === 'inverse'
      ? amount.times(rate).dividedBy(price, AMOUNT_DIGITS, 'half-even')
      : amount.times(price).times(rate).round(AMOUNT_DIGITS, 'half-even');
  return paid.negated();
}
