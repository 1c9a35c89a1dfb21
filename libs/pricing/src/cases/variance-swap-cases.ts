import { hasInput, numberInput, optionType, optionalNumber } from '../door/inputs';
import { impliedVolatility } from '../door/implied-volatility';
import { invalidInput } from '../errors';
import { math } from '../math';
import { assertOpen } from '../smile/range-checks';
import { expectedTotalVariance, hestonVarianceOption } from '../variance/heston-variance-option';
import type { ReplicationRequest } from '../variance/replication';
import { fairVarianceByReplication, fairVarianceOfLinearSkew } from '../variance/replication';
import type { IndexTerm, StrikeQuote } from '../variance/vix-index';
import { vixIndex, vixTermVariance } from '../variance/vix-index';
import type { CaseInputs, PricingCase } from './case-file';
import { isRecord } from './case-file';
import { numberList, recordList } from './input-readers';

type Quantities = Readonly<Record<string, unknown>>;

const STRIKES_MAX = 100_000;

/**
 * `variance-swap`. Three forms: a smile on a strip (`strikes` with `volatilities` or out-of-the-money `prices`, or K_min, K_max, strike_spacing with a flat
 * `sigma` or the linear skew sigma0, skew_slope_b anchored at the spot); one expiry's `quotes` as the VIX takes them; or `near`
 * and `next`, for the index. `value` is the fair annualised variance, or the index.
 */
export function runVarianceSwapCase({ inputs }: PricingCase): Quantities {
  if (hasInput(inputs, 'near')) return runIndex(inputs);
  if (hasInput(inputs, 'quotes')) return runTerm(inputs);
  return runReplication(inputs);
}

function runReplication(inputs: CaseInputs): Quantities {
  const spot = numberInput(inputs, 'S');
  const years = numberInput(inputs, 'T');
  const replication = fairVarianceByReplication({
    spot,
    years,
    rate: optionalNumber(inputs, 'r', 0),
    dividendYield: optionalNumber(inputs, 'q', 0),
    ...stripOf(inputs, spot),
    ...(hasInput(inputs, 'boundary') ? { boundary: numberInput(inputs, 'boundary') } : {}),
  });
  const linear = hasInput(inputs, 'sigma0')
    ? Math.sqrt(
        fairVarianceOfLinearSkew(
          numberInput(inputs, 'sigma0'),
          optionalNumber(inputs, 'skew_slope_b', 0),
          years,
        ),
      )
    : undefined;
  return {
    value: replication.fairVariance,
    fairVolatility: replication.fairVolatility,
    exact_vol: 100 * replication.fairVolatility,
    ...(linear === undefined ? {} : { analytic_approx_vol: 100 * linear }),
    constantTerm: replication.constantTerm,
    boundary: replication.boundary,
    ...replication.greeks,
    strip: replication.strip,
  };
}

function stripOf(inputs: CaseInputs, spot: number): Pick<ReplicationRequest, 'strikes' | 'volatilityAt'> {
  if (hasInput(inputs, 'strikes')) {
    const strikes = numberList(inputs, 'strikes');
    const volatilities = hasInput(inputs, 'prices')
      ? impliedByPrices(inputs, strikes, spot)
      : hasInput(inputs, 'volatilities')
        ? numberList(inputs, 'volatilities')
        : undefined;
    if (volatilities === undefined) return { strikes, volatilityAt: smileOf(inputs, spot) };
    if (volatilities.length !== strikes.length)
      throw invalidInput('volatilities', `are ${volatilities.length} for ${strikes.length} strikes`);
    const byStrike = new Map(strikes.map((strike, i) => [strike, volatilities[i] as number])); // same length
    return { strikes, volatilityAt: (strike) => byStrike.get(strike) ?? Number.NaN };
  }
  const [low, high, step] = ['K_min', 'K_max', 'strike_spacing'].map((name) => numberInput(inputs, name)) as [
    number,
    number,
    number,
  ];
  assertOpen('strike_spacing', step, 0, Infinity);
  assertOpen('K_max', high, low, low + STRIKES_MAX * step);
  const count = Math.floor((high - low) / step + 1e-9) + 1;
  return {
    strikes: Array.from({ length: count }, (_, i) => low + i * step),
    volatilityAt: smileOf(inputs, spot),
  };
}

/** Volatilities of out-of-the-money prices: puts below the forward, calls from it on; an option worth nothing has none. */
function impliedByPrices(inputs: CaseInputs, strikes: readonly number[], spot: number): number[] {
  const [T, r, q] = [
    numberInput(inputs, 'T'),
    optionalNumber(inputs, 'r', 0),
    optionalNumber(inputs, 'q', 0),
  ];
  const forward = spot * math.exp((r - q) * T);
  return numberList(inputs, 'prices').map((price, i) => {
    const K = strikes[i] ?? Number.NaN; // the lengths are compared by the caller
    if (price === 0) return 0;
    return impliedVolatility('european', { type: K < forward ? 'put' : 'call', S: spot, K, T, r, q, price });
  });
}

function smileOf(inputs: CaseInputs, spot: number): (strike: number) => number {
  if (!hasInput(inputs, 'sigma0')) {
    const sigma = numberInput(inputs, 'sigma');
    return () => sigma;
  }
  const level = numberInput(inputs, 'sigma0');
  const slope = optionalNumber(inputs, 'skew_slope_b', 0);
  return (strike) => level - (slope * (strike - spot)) / spot;
}

function runTerm(inputs: CaseInputs): Quantities {
  const term = vixTermVariance(termOf(inputs));
  return { value: term.variance, ...term, fairVolatility: Math.sqrt(term.variance) };
}

function runIndex(inputs: CaseInputs): Quantities {
  const [near, next] = ['near', 'next'].map((name) => {
    const value = inputs[name];
    if (!isRecord(value)) throw invalidInput(name, 'must be an object with T, r and quotes');
    return termOf(value);
  }) as [IndexTerm, IndexTerm];
  const result = vixIndex(
    near,
    next,
    hasInput(inputs, 'horizon') ? numberInput(inputs, 'horizon') : undefined,
  );
  return { value: result.index, near: result.near, next: result.next };
}

/** Quotes as rows `{ K, call_bid, call_ask, put_bid, put_ask }`; a side left out has no bid. */
function termOf(inputs: CaseInputs): IndexTerm {
  const quotes = recordList(inputs, 'quotes').map((row): StrikeQuote => ({
    strike: numberInput(row, 'K'),
    callBid: optionalNumber(row, 'call_bid', 0),
    callAsk: optionalNumber(row, 'call_ask', 0),
    putBid: optionalNumber(row, 'put_bid', 0),
    putAsk: optionalNumber(row, 'put_ask', 0),
  }));
  return { years: numberInput(inputs, 'T'), rate: optionalNumber(inputs, 'r', 0), quotes };
}

/**
 * `heston-variance-option`: an option on total realised variance (not annualised) under Heston, strike `K` in total variance.
 * `expectedTotalVariance` is its fair strike; `fairVolatility` that of the swap.
 */
export function runVarianceOptionCase({ inputs }: PricingCase): Quantities {
  const years = numberInput(inputs, 'T');
  const terms = {
    v0: numberInput(inputs, 'v0'),
    kappa: numberInput(inputs, 'kappa'),
    theta: numberInput(inputs, 'theta'),
    sigma: numberInput(inputs, 'sigma'),
    years,
    rate: optionalNumber(inputs, 'r', 0),
  };
  const expected = expectedTotalVariance(terms);
  return {
    value: hestonVarianceOption(terms, numberInput(inputs, 'K'), optionType(inputs)),
    expectedTotalVariance: expected,
    fairVolatility: Math.sqrt(expected / years),
  };
}
