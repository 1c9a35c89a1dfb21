import { PricingError, invalidInput } from '../errors';
import { math } from '../math';
import { assertOpen } from '../smile/range-checks';

/** Both options of one strike. Prices in the strike's currency; a bid of 0 is no bid. */
export interface StrikeQuote {
  readonly strike: number;
  readonly callBid: number;
  readonly callAsk: number;
  readonly putBid: number;
  readonly putAsk: number;
}

/** One expiry of the index. */
export interface IndexTerm {
  /** Years to expiry; the CBOE counts minutes / 525,600. */
  readonly years: number;
  /** Continuously compounded. */
  readonly rate: number;
  /** In order of strike. */
  readonly quotes: readonly StrikeQuote[];
}

/** One strike's part in the variance. */
export interface IndexContribution {
  readonly strike: number;
  /** `both` at K₀, where call and put are averaged. */
  readonly type: 'put' | 'call' | 'both';
  readonly mid: number;
  /** ΔK over the strikes that survived the selection. */
  readonly width: number;
  /** `ΔK/K² · e^{RT} · mid`. */
  readonly contribution: number;
}

export interface TermVariance {
  /** Annualised. */
  readonly variance: number;
  readonly forward: number;
  /** First strike at or below the forward. */
  readonly atTheMoneyStrike: number;
  /** `(1/T)(F/K₀ - 1)²`, which is taken off. */
  readonly forwardContribution: number;
  readonly contributions: readonly IndexContribution[];
  /** False when the quotes of that wing ended before two zero bids in a row: variance may be missing. */
  readonly putWingComplete: boolean;
  readonly callWingComplete: boolean;
}

/**
 * Variance of one expiry as the CBOE's VIX takes it: the forward from the strike where call and put mids lie closest, K₀ the
 * strike at or below it, out-of-the-money options outwards from K₀ skipping zero bids and stopping at two in a row, and
 * `σ² = (2/T) Σ ΔK/K² e^{RT} Q(K) - (1/T)(F/K₀ - 1)²`. `PRICING.NEGATIVE_VARIANCE` where the second term is the larger: quotes around the
 * forward are missing or wrong.
 */
export function vixTermVariance(term: IndexTerm): TermVariance {
  const { years, rate, quotes } = term;
  assertOpen('T', years, 0, 200);
  assertOpen('r', rate, -10, 10);
  assertQuotes(quotes);
  const growth = math.exp(rate * years);
  const forward = forwardOf(quotes, growth);
  const centre = quotes.filter((quote) => quote.strike <= forward).length - 1; // strikes rise
  if (centre < 0) throw invalidInput('quotes', `have no strike at or below the forward ${forward}`);
  const atTheMoney = quotes[centre] as StrikeQuote; // the index was found
  const puts = walk(quotes, centre - 1, -1, 'put');
  const calls = walk(quotes, centre + 1, 1, 'call');
  const middle = {
    strike: atTheMoney.strike,
    type: 'both' as const,
    mid: (callMid(atTheMoney) + putMid(atTheMoney)) / 2,
  };
  const chosen: Chosen[] = [...puts.chosen.reverse(), middle, ...calls.chosen];
  if (chosen.length < 2) throw invalidInput('quotes', 'leave fewer than two strikes with a bid');
  const contributions = chosen.map((option, i): IndexContribution => {
    const below = chosen[i - 1] ?? option;
    const above = chosen[i + 1] ?? option;
    const sides = (i === 0 ? 0 : 1) + (i === chosen.length - 1 ? 0 : 1);
    const width = (above.strike - below.strike) / sides;
    return {
      ...option,
      width,
      contribution: (width / (option.strike * option.strike)) * growth * option.mid,
    };
  });
  const lean = forward / atTheMoney.strike - 1;
  const forwardContribution = (lean * lean) / years;
  const sum = contributions.reduce((total, option) => total + option.contribution, 0);
  const variance = (2 / years) * sum - forwardContribution;
  if (variance < 0)
    throw negativeVariance(term, variance, { forward, atTheMoney, forwardContribution, contributions });
  return {
    variance,
    forward,
    atTheMoneyStrike: atTheMoney.strike,
    forwardContribution,
    contributions,
    putWingComplete: puts.complete,
    callWingComplete: calls.complete,
  };
}

/** Why: K₀ lies far from the forward, and which options were to make up for it. */
function negativeVariance(
  { years }: IndexTerm,
  variance: number,
  {
    forward,
    atTheMoney,
    forwardContribution,
    contributions,
  }: Pick<TermVariance, 'forward' | 'forwardContribution' | 'contributions'> & {
    readonly atTheMoney: StrikeQuote;
  },
): PricingError {
  const options = contributions
    .map(({ strike, type, mid, contribution }) => {
      const name = type === 'both' ? 'put and call' : type;
      return `${name} ${strike} at ${mid} (${((2 / years) * contribution).toPrecision(3)})`;
    })
    .join(', ');
  return new PricingError({
    code: 'PRICING.NEGATIVE_VARIANCE',
    message:
      `quotes give the variance ${variance.toPrecision(4)}, which has no root: the forward ${forward} of put-call parity lies ` +
      `above the strike ${atTheMoney.strike}, the next below it, and takes off ${forwardContribution.toPrecision(4)}, more than ${contributions.length} options add: ${options}`,
    path: 'quotes',
  });
}

/** What is wrong with a term's inputs is said under the term's name. */
function termVariance(name: 'near' | 'next', term: IndexTerm): TermVariance {
  try {
    return vixTermVariance(term);
  } catch (error) {
    if (!(error instanceof PricingError)) throw error;
    const { code, message, path } = error;
    throw new PricingError({
      code,
      message: `${name}.${message}`,
      ...(path === undefined ? {} : { path: `${name}.${path}` }),
    });
  }
}

export interface VolatilityIndex {
  /** 100 × volatility, as VIX and DVOL are quoted. */
  readonly index: number;
  readonly near: TermVariance;
  readonly next: TermVariance;
}

/**
 * The index over a constant horizon (30 days by default): total variance of the two expiries weighted by time around it.
 * The horizon lies between the two expiries; throws `PRICING.INVALID_INPUT` naming T otherwise, for an extrapolated index is none.
 */
export function vixIndex(near: IndexTerm, next: IndexTerm, horizonYears = 30 / 365): VolatilityIndex {
  if (!(near.years <= horizonYears && horizonYears <= next.years && near.years < next.years)) {
    throw invalidInput(
      'T',
      `of the two terms lies around the horizon ${horizonYears}: ${near.years} and ${next.years}`,
    );
  }
  const nearVariance = termVariance('near', near);
  const nextVariance = termVariance('next', next);
  const share = (next.years - horizonYears) / (next.years - near.years);
  const total = near.years * nearVariance.variance * share + next.years * nextVariance.variance * (1 - share);
  return {
    index: 100 * Math.sqrt(total / horizonYears),
    near: nearVariance,
    next: nextVariance,
  };
}

interface Chosen {
  readonly strike: number;
  readonly type: 'put' | 'call' | 'both';
  readonly mid: number;
}

function walk(
  quotes: readonly StrikeQuote[],
  start: number,
  step: 1 | -1,
  type: 'put' | 'call',
): { chosen: Chosen[]; complete: boolean } {
  const chosen: Chosen[] = [];
  let zeros = 0;
  for (let i = start; i >= 0 && i < quotes.length; i += step) {
    const quote = quotes[i] as StrikeQuote; // in range
    const bid = type === 'put' ? quote.putBid : quote.callBid;
    if (bid > 0) {
      zeros = 0;
      chosen.push({ strike: quote.strike, type, mid: type === 'put' ? putMid(quote) : callMid(quote) });
    } else {
      zeros++;
      if (zeros === 2) return { chosen, complete: true };
    }
  }
  return { chosen, complete: false };
}

function forwardOf(quotes: readonly StrikeQuote[], growth: number): number {
  const gap = (quote: StrikeQuote): number => Math.abs(callMid(quote) - putMid(quote));
  const twoSided = quotes.filter((quote) => quote.callBid > 0 && quote.putBid > 0);
  if (twoSided.length === 0) throw invalidInput('quotes', 'have no strike with both a call and a put bid');
  const closest = twoSided.reduce((best, quote) => (gap(quote) < gap(best) ? quote : best));
  return closest.strike + growth * (callMid(closest) - putMid(closest));
}

function callMid(quote: StrikeQuote): number {
  return (quote.callBid + quote.callAsk) / 2;
}

function putMid(quote: StrikeQuote): number {
  return (quote.putBid + quote.putAsk) / 2;
}

function assertQuotes(quotes: readonly StrikeQuote[]): void {
  if (quotes.length < 3)
    throw invalidInput('quotes', `are of ${quotes.length} strikes, and at least 3 are needed`);
  quotes.forEach((quote, index) => {
    const before = index === 0 ? 0 : (quotes[index - 1] as StrikeQuote).strike; // in range
    if (!(quote.strike > before))
      throw invalidInput(`quotes[${index}].K`, `is above the one before, not ${quote.strike}`);
    for (const [name, bid, ask] of [
      ['call', quote.callBid, quote.callAsk],
      ['put', quote.putBid, quote.putAsk],
    ] as const) {
      if (!(bid >= 0) || !(ask >= bid))
        throw invalidInput(`quotes[${index}].${name}`, `is 0 ≤ bid ≤ ask, not ${bid} and ${ask}`);
    }
  });
}
