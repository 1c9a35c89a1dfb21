import { invalidInput } from '../errors';
import type { OptionType } from '../door/valuation';
import { impliedBlackVolatility } from './implied-black-volatility';
import { medianOf } from './fit-quality';
import type { ExpiryQuotes, VolatilityQuote } from './volatility-quotes';

/**
 * The unit of an option's price: `coin` is a share of the forward, as coin-settled options are quoted; `quote` is the
 * currency of the strike.
 */
export type QuoteUnit = 'coin' | 'quote';

/** An option quote as a venue sends it; a side that is absent, zero or negative is no quote. */
export interface OptionQuote {
  readonly id?: string;
  readonly type: OptionType;
  readonly strike: number;
  readonly bid?: number;
  readonly ask?: number;
  readonly weight?: number;
}

/** One expiry of a chain, in prices. */
export interface OptionChain {
  readonly expiry: string;
  readonly years: number;
  /** Forward of the expiry; taken from put–call parity of the quotes when absent. */
  readonly forward?: number;
  readonly unit: QuoteUnit;
  /** Discount factor of prices in `quote`; 1 by default. Coin prices carry none. */
  readonly discount?: number;
  readonly quotes: readonly OptionQuote[];
}

/**
 * Prices to volatilities by the kernel's Black-76. A bid at or below intrinsic, or an ask at or above the bound, says
 * nothing about volatility: that side is left out and the other kept as a bound.
 */
export function volatilityQuotes(chain: OptionChain): ExpiryQuotes {
  if (!(chain.years > 0)) throw invalidInput('years', `is positive, not ${chain.years}`);
  const discount = chain.discount ?? 1;
  if (!(discount > 0)) throw invalidInput('discount', `is positive, not ${discount}`);
  const forward = chain.forward ?? parityForward(chain);
  if (!(forward > 0)) throw invalidInput('forward', `is positive, not ${forward}`);
  const scale = chain.unit === 'coin' ? forward : 1 / discount;
  const quotes = chain.quotes.map((quote): VolatilityQuote => {
    const bid = side(quote, quote.bid, scale, forward, chain.years);
    const ask = side(quote, quote.ask, scale, forward, chain.years);
    return {
      strike: quote.strike,
      ...(quote.id === undefined ? {} : { id: quote.id }),
      ...(quote.weight === undefined ? {} : { weight: quote.weight }),
      ...(bid === undefined ? {} : { bidVolatility: bid }),
      ...(ask === undefined ? {} : { askVolatility: ask }),
    };
  });
  return { expiry: chain.expiry, years: chain.years, forward, quotes };
}

function side(
  quote: OptionQuote,
  price: number | undefined,
  scale: number,
  forward: number,
  years: number,
): number | undefined {
  if (price === undefined || !(price > 0)) return undefined;
  return impliedBlackVolatility(quote.type, forward, quote.strike, years, price * scale);
}

/**
 * The forward of put–call parity, `F = K + (C - P)/discount` or, of coin prices, `F = K/(1 - (C - P))`: the median over the
 * five strikes whose call and put mids lie closest together. Throws `PRICING.INVALID_INPUT` when no strike has both.
 */
export function parityForward(chain: OptionChain): number {
  const mids = new Map<number, { call?: number; put?: number }>();
  for (const quote of chain.quotes) {
    if (!(quote.bid !== undefined && quote.ask !== undefined && quote.bid > 0 && quote.ask >= quote.bid))
      continue;
    const entry = mids.get(quote.strike) ?? {};
    entry[quote.type] = (quote.bid + quote.ask) / 2;
    mids.set(quote.strike, entry);
  }
  const pairs: { strike: number; gap: number }[] = [];
  for (const [strike, { call, put }] of mids)
    if (call !== undefined && put !== undefined) pairs.push({ strike, gap: call - put });
  if (pairs.length === 0)
    throw invalidInput('forward', `of ${chain.expiry} is needed: no strike has both a call and a put quote`);
  pairs.sort((left, right) => Math.abs(left.gap) - Math.abs(right.gap) || left.strike - right.strike);
  const forwardOf = ({ strike, gap }: { strike: number; gap: number }): number =>
    chain.unit === 'coin' ? strike / (1 - gap) : strike + gap / (chain.discount ?? 1);
  return medianOf(pairs.slice(0, 5).map(forwardOf));
}
