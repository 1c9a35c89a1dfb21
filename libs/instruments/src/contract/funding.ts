import { NANOS_PER_HOUR } from '@evenkeel/kernel';
import type { Decimal, Nanoseconds } from '@evenkeel/kernel';
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

/** When a venue's perpetuals pay funding, and what the rate that it announces is of. */
export interface FundingTerms {
  /**
   * `announced`: at the times that its messages name (mostly every 8 hours, of some contracts every 4, 2 or 1). `hourly`: at every
   * whole hour, the rate that stands then. `continuous`: without a time, in proportion to the time for which a rate stood.
   */
  readonly paid: 'announced' | 'hourly' | 'continuous';
  /** How long a position is held for the rate to be paid once. */
  readonly rateOf: Nanoseconds;
  /** Where it stands, and as of when. */
  readonly source: string;
}

const EIGHT_HOURS = 8n * NANOS_PER_HOUR;

/** The rules of funding of the venues we know. */
export const FUNDING_TERMS: Readonly<Record<string, FundingTerms>> = {
  binance: {
    paid: 'announced',
    rateOf: EIGHT_HOURS,
    source: 'binance-docs, mark price stream, `r` and next funding time `T`, 2026',
  },
  bybit: {
    paid: 'announced',
    rateOf: EIGHT_HOURS,
    source: 'bybit-exchange.github.io, v5 tickers, fundingRate and nextFundingTime, 2026',
  },
  okx: {
    paid: 'announced',
    rateOf: EIGHT_HOURS,
    source: 'okx.com docs-v5, funding-rate channel, fundingRate and fundingTime, 2026',
  },
  hyperliquid: {
    paid: 'hourly',
    rateOf: NANOS_PER_HOUR,
    source:
      'hyperliquid.gitbook.io, "Funding": an eighth of the 8-hour rate every hour, on the oracle price, 2026',
  },
  deribit: {
    paid: 'continuous',
    rateOf: EIGHT_HOURS,
    source:
      'Deribit, perpetual specification: current_funding is the 8-hour rate, paid every millisecond, 2026',
  },
};
