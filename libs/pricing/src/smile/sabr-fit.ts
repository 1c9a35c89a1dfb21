import { PricingError, invalidInput } from '../errors';
import { math } from '../math';
import { minimiseLeastSquares } from '../optimise/levenberg-marquardt';
import type { SabrExpansion, SabrParameters } from './sabr';
import { sabrVolatility } from './sabr';
import { assertClosed, assertOpen } from './range-checks';

/** A Black volatility observed at a strike; `weight` multiplies the residual (1 by default). */
export interface SmileQuote {
  readonly strike: number;
  readonly volatility: number;
  readonly weight?: number;
}

export interface SabrFitRequest {
  readonly forward: number;
  readonly years: number;
  readonly quotes: readonly SmileQuote[];
  /** Held: a smile does not identify β and ρ together. */
  readonly beta: number;
  readonly shift?: number;
  readonly expansion?: SabrExpansion;
}

export interface SabrFit {
  readonly parameters: SabrParameters;
  /** Root mean square of the weighted volatility errors. */
  readonly rootMeanSquare: number;
  readonly worst: number;
  readonly converged: boolean;
}

/** Least-squares α, ν, ρ with β held, from at least three strikes; starts at the volatility nearest the money. */
export function fitSabr(request: SabrFitRequest): SabrFit {
  const { forward, years, quotes, beta } = request;
  assertOpen('T', years, 0, 1e4);
  assertClosed('beta', beta, 0, 1);
  if (quotes.length < 3) throw invalidInput('quotes', `are ${quotes.length}, and at least 3 are needed`);
  quotes.forEach((quote, index) => assertOpen(`quotes[${index}].volatility`, quote.volatility, 0, 1e3));
  const shift = request.shift ?? 0;
  const nearest = quotes.reduce((left, right) =>
    Math.abs(right.strike - forward) < Math.abs(left.strike - forward) ? right : left,
  );
  const alpha = nearest.volatility * math.pow(forward + shift, 1 - beta);
  const decode = (point: readonly number[]): SabrParameters => ({
    alpha: math.exp(point[0] as number), // three coordinates by construction
    beta,
    nu: math.exp(point[1] as number),
    rho: math.tanh(point[2] as number),
    ...(shift === 0 ? {} : { shift }),
  });
  const residuals = (point: readonly number[], into: Float64Array): void => {
    const parameters = decode(point);
    quotes.forEach((quote, i) => {
      into[i] = (modelVolatility(parameters, quote.strike, request) - quote.volatility) * (quote.weight ?? 1);
    });
  };
  const logAlpha = math.log(alpha);
  const runs = [-0.5, 0, 0.5].map((rho) =>
    minimiseLeastSquares(
      residuals,
      quotes.length,
      [logAlpha, math.log(0.5 / Math.sqrt(Math.max(years, 0.05))), rho],
      {
        low: [logAlpha - 4, -7, -4],
        high: [logAlpha + 4, 4, 4],
        differenceSteps: [1e-5, 1e-5, 1e-5],
        iterationsMax: 120,
        relativeTolerance: 1e-14,
      },
    ),
  );
  const best = runs.reduce((left, right) => (right.cost < left.cost ? right : left));
  const errors = new Float64Array(quotes.length);
  residuals(best.point, errors);
  return {
    parameters: decode(best.point),
    rootMeanSquare: Math.sqrt((2 * best.cost) / quotes.length),
    worst: errors.reduce((worst, error) => Math.max(worst, Math.abs(error)), 0),
    converged: best.converged,
  };
}

/** NaN where the expansion has left its domain: the search then turns back. */
function modelVolatility(parameters: SabrParameters, strike: number, request: SabrFitRequest): number {
  const { forward, years, expansion } = request;
  try {
    return sabrVolatility(parameters, { forward, strike, years }, expansion ?? 'hagan');
  } catch (error) {
    if (error instanceof PricingError && error.code === 'PRICING.SMILE_EXPANSION') return Number.NaN;
    throw error;
  }
}
