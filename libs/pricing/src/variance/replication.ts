import { priceEuropean } from '../door/european';
import { PricingError, invalidInput } from '../errors';
import { math } from '../math';
import { assertOpen } from '../smile/range-checks';

/** A variance swap's terms and market: spot and strikes in the underlying's currency, T in ACT/365 years. */
export interface ReplicationRequest {
  readonly spot: number;
  /** Continuously compounded. */
  readonly rate: number;
  /** Dividend yield or foreign rate; 0 by default. */
  readonly dividendYield?: number;
  readonly years: number;
  /** Increasing, positive, at least three. The one nearest the spot is where puts end and calls begin, unless `boundary` is given. */
  readonly strikes: readonly number[];
  /** One of the strikes: S* of Demeterfi et al. */
  readonly boundary?: number;
  /** Black volatility of a strike, 1.00 = 100 %. */
  readonly volatilityAt: (strike: number) => number;
}

/** One option of the strip. Weights are units of the option per unit of annualised variance. */
export interface StripLeg {
  readonly strike: number;
  readonly type: 'call' | 'put';
  readonly weight: number;
  readonly volatility: number;
  /** Present value of one option. */
  readonly price: number;
  /** Part of the fair variance: weight × price, carried to expiry. */
  readonly contribution: number;
}

/** Greeks of the strip of options, sum of weight × Greek: present value per unit of annualised variance. */
export interface StripGreeks {
  /** Per unit of spot; the forward leg of the replication is not in it. */
  readonly delta: number;
  readonly gamma: number;
  /** Gamma × spot²: constant in spot for a full strip, 2/T discounted. */
  readonly dollarGamma: number;
  /** Per 1.00 of every volatility at once. */
  readonly vega: number;
  /** Calendar, per year. */
  readonly theta: number;
  readonly vanna: number;
  readonly volga: number;
}

export interface VarianceReplication {
  /** Annualised: 0.04 is 20 % volatility. */
  readonly fairVariance: number;
  /** Its root. */
  readonly fairVolatility: number;
  /** What the strip does not pay: the forward and logarithm terms, annualised variance. */
  readonly constantTerm: number;
  readonly boundary: number;
  readonly strip: readonly StripLeg[];
  readonly greeks: StripGreeks;
}

/**
 * Fair strike of a variance swap by a finite strip (Demeterfi, Derman, Kamal & Zou 1999): the log payoff
 * `f(x) = (2/T)[(x - S*)/S* - ln(x/S*)]` is replaced by the piecewise-linear payoff through it at the strikes, whose options'
 * present value carried to expiry joins `(2/T)[ln(F/S*) - (F/S* - 1)]`. Coarse strikes over-replicate, a short strip leaves
 * the tails out; the outermost strikes only end the last segments and carry no option. `PRICING.NEGATIVE_VARIANCE` where the strip does
 * not reach the forward.
 */
export function fairVarianceByReplication(request: ReplicationRequest): VarianceReplication {
  const { spot, rate, years, strikes } = request;
  const dividendYield = request.dividendYield ?? 0;
  assertOpen('S', spot, 0, Infinity);
  assertOpen('T', years, 0, 200);
  assertOpen('r', rate, -10, 10);
  assertOpen('q', dividendYield, -10, 10);
  assertStrikes(strikes);
  const boundaryIndex = indexOfBoundary(strikes, request.boundary ?? nearestTo(strikes, spot));
  const boundary = strikes[boundaryIndex] as number; // the index was found in the list
  const growth = math.exp(rate * years);
  const forward = spot * math.exp((rate - dividendYield) * years);
  const greeks = { delta: 0, gamma: 0, dollarGamma: 0, vega: 0, theta: 0, vanna: 0, volga: 0 };
  const strip = stripWeights(strikes, boundaryIndex, years).map(({ strike, type, weight }): StripLeg => {
    const sigma = request.volatilityAt(strike);
    assertOpen(`volatility of ${strike}`, sigma, -1e-300, 1e3);
    const option = priceEuropean({ type, S: spot, K: strike, T: years, r: rate, q: dividendYield, sigma });
    greeks.delta += weight * option.delta;
    greeks.gamma += weight * option.gamma;
    greeks.vega += weight * option.vega;
    greeks.theta += weight * option.theta;
    greeks.vanna += weight * option.vanna;
    greeks.volga += weight * option.volga;
    return {
      strike,
      type,
      weight,
      volatility: sigma,
      price: option.value,
      contribution: weight * option.value * growth,
    };
  });
  const constantTerm = (2 / years) * (math.log(forward / boundary) - (forward / boundary - 1));
  const fairVariance = strip.reduce((sum, leg) => sum + leg.contribution, constantTerm);
  if (fairVariance < 0) {
    throw new PricingError({
      code: 'PRICING.NEGATIVE_VARIANCE',
      message:
        `strikes ${strikes[0]} to ${strikes[strikes.length - 1]} give the variance ${fairVariance.toPrecision(4)}, which has no root: ` +
        `between the forward ${forward} and ${boundary}, where puts end and calls begin, ${(-constantTerm).toPrecision(4)} is missing, and the strip adds ${(fairVariance - constantTerm).toPrecision(4)}`,
      path: 'strikes',
    });
  }
  return {
    fairVariance,
    fairVolatility: Math.sqrt(fairVariance),
    constantTerm,
    boundary,
    strip,
    greeks: { ...greeks, dollarGamma: greeks.gamma * spot * spot },
  };
}

interface WeightedStrike {
  readonly strike: number;
  readonly type: 'call' | 'put';
  readonly weight: number;
}

/** Slopes of the piecewise-linear payoff: each option adds the change of slope at its strike, outwards from the boundary. */
function stripWeights(strikes: readonly number[], boundaryIndex: number, years: number): WeightedStrike[] {
  const boundary = strikes[boundaryIndex] as number; // in range
  const payoff = (x: number): number => (2 / years) * ((x - boundary) / boundary - math.log(x / boundary));
  const puts: WeightedStrike[] = [];
  const calls: WeightedStrike[] = [];
  let slope = 0;
  for (let i = boundaryIndex; i > 0; i--) {
    const [high, low] = [strikes[i] as number, strikes[i - 1] as number]; // 0 < i
    const next = (payoff(low) - payoff(high)) / (high - low);
    puts.push({ strike: high, type: 'put', weight: next - slope });
    slope = next;
  }
  slope = 0;
  for (let i = boundaryIndex; i < strikes.length - 1; i++) {
    const [low, high] = [strikes[i] as number, strikes[i + 1] as number]; // i + 1 < length
    const next = (payoff(high) - payoff(low)) / (high - low);
    calls.push({ strike: low, type: 'call', weight: next - slope });
    slope = next;
  }
  return [...puts.reverse(), ...calls];
}

/** Demeterfi et al. 1999, eq. 31: fair variance of a skew linear in strike, `σ₀²(1 + 3Tb²)`; volatility `σ₀ - b(K - A)/A`. */
export function fairVarianceOfLinearSkew(volatility: number, slope: number, years: number): number {
  return volatility * volatility * (1 + 3 * years * slope * slope);
}

function assertStrikes(strikes: readonly number[]): void {
  if (strikes.length < 3) throw invalidInput('strikes', `are ${strikes.length}, and at least 3 are needed`);
  strikes.forEach((strike, index) => {
    const before = index === 0 ? 0 : (strikes[index - 1] as number); // in range
    if (!(strike > before) || !(strike < Infinity))
      throw invalidInput(`strikes[${index}]`, `is above the one before, not ${strike}`);
  });
}

function indexOfBoundary(strikes: readonly number[], boundary: number): number {
  const index = strikes.indexOf(boundary);
  if (index < 0) throw invalidInput('boundary', `is one of the strikes, not ${boundary}`);
  return index;
}

function nearestTo(strikes: readonly number[], spot: number): number {
  return strikes.reduce((best, strike) => (Math.abs(strike - spot) < Math.abs(best - spot) ? strike : best));
}
