import { PricingError, invalidInput } from '../errors';
import { math } from '../math';
import { assertClosed, assertOpen } from './range-checks';
import { smileKernel } from './smile-kernel';

/**
 * SABR: `dF = α (F+s)^β dW`, `dα = ν α dZ`, `d⟨W,Z⟩ = ρ dt`. α in units of F^{1-β} per √year, ν per √year, s the shift in
 * units of F. α > 0, 0 ≤ β ≤ 1, ν ≥ 0, |ρ| < 1, F + s > 0 and K + s > 0.
 */
export interface SabrParameters {
  readonly alpha: number;
  readonly beta: number;
  readonly nu: number;
  readonly rho: number;
  /** Shift s; 0 by default. The volatility is then that of F + s struck at K + s. */
  readonly shift?: number;
}

/**
 * `hagan`: Hagan et al. 2002. `obloj`: the corrected leading term (Obloj 2008), sound at low strikes. `andersen`: Andersen &
 * Brotherton-Ratcliffe, as Le Floc'h & Kennedy 2014 calibrate with.
 */
export type SabrExpansion = 'hagan' | 'obloj' | 'andersen';

/** One point of a smile: forward and strike in the underlying's currency, T in ACT/365 years. */
export interface SmilePoint {
  readonly forward: number;
  readonly strike: number;
  readonly years: number;
}

/**
 * Black volatility (1.00 = 100 %) of the shifted forward at a strike. Throws `PRICING.INVALID_INPUT` naming the input, and
 * `PRICING.SMILE_EXPANSION` where the expansion in time has left its domain: a volatility that is not positive.
 */
export function sabrVolatility(
  parameters: SabrParameters,
  point: SmilePoint,
  expansion: SabrExpansion = 'hagan',
): number {
  const { f, k, t } = shifted(parameters, point);
  const { alpha, beta, nu, rho } = parameters;
  const volatility =
    expansion === 'hagan'
      ? smileKernel.sabrHaganVolatility(f, k, t, alpha, beta, nu, rho)
      : expansion === 'obloj'
        ? smileKernel.sabrOblojVolatility(f, k, t, alpha, beta, nu, rho)
        : smileKernel.sabrAndersenVolatility(f, k, t, alpha, beta, nu, rho);
  return inDomain(volatility, t);
}

/**
 * Normal (Bachelier) volatility, in units of the forward per √year (Hagan et al. 2002, appendix). With β = 0 forward and
 * strike may have any sign.
 */
export function sabrNormalVolatility(parameters: SabrParameters, point: SmilePoint): number {
  const { alpha, beta, nu, rho } = parameters;
  if (beta === 0) {
    assertParameters(parameters);
    assertOpen('F', point.forward, -Infinity, Infinity);
    assertOpen('K', point.strike, -Infinity, Infinity);
    assertClosed('T', point.years, 0, 1e4);
    const normal = smileKernel.sabrNormalBackboneVolatility(
      point.forward,
      point.strike,
      point.years,
      alpha,
      nu,
      rho,
    );
    return inDomain(normal, point.years);
  }
  const { f, k, t } = shifted(parameters, point);
  return inDomain(smileKernel.sabrNormalVolatility(f, k, t, alpha, beta, nu, rho), t);
}

/** How the smile moves: derivatives of the Black volatility. */
export interface SabrSensitivities {
  readonly volatility: number;
  /** ∂σ/∂F with strike and parameters held: the backbone. Per unit of the forward. */
  readonly perForward: number;
  /** ∂σ/∂α with forward and strike held. */
  readonly perAlpha: number;
  /** ∂σ/∂K with forward and parameters held. */
  readonly perStrike: number;
  readonly perNu: number;
  readonly perRho: number;
}

/**
 * Derivatives of the volatility by fourth-order central differences of the smooth expansion (relative step 1e-3, error
 * about 1e-11 of the volatility).
 */
export function sabrSensitivities(
  parameters: SabrParameters,
  point: SmilePoint,
  expansion: SabrExpansion = 'hagan',
): SabrSensitivities {
  const shift = parameters.shift ?? 0;
  const at = (change: Partial<SabrParameters>, moved: Partial<SmilePoint>): number =>
    sabrVolatility({ ...parameters, ...change }, { ...point, ...moved }, expansion);
  const { forward, strike } = point;
  const { alpha, nu, rho } = parameters;
  const rhoStep = 1e-3 * (1 - Math.abs(rho));
  return {
    volatility: at({}, {}),
    perForward: slope((h) => at({}, { forward: forward + h }), 1e-3 * (forward + shift)),
    perStrike: slope((h) => at({}, { strike: strike + h }), 1e-3 * (strike + shift)),
    perAlpha: slope((h) => at({ alpha: alpha + h }, {}), 1e-3 * alpha),
    perNu:
      nu > 0 ? slope((h) => at({ nu: nu + h }, {}), 1e-3 * nu) : (at({ nu: 1e-6 }, {}) - at({}, {})) / 1e-6,
    perRho: slope((h) => at({ rho: rho + h }, {}), rhoStep),
  };
}

/** What a hedge of the smile needs from the option: Black delta per unit of forward and vega per 1.00 of volatility. */
export interface SmileDelta {
  /** Black's: the volatility of the strike does not move. */
  readonly stickyStrike: number;
  /** Hagan's: `Δ + vega · ∂σ/∂F`, parameters held. */
  readonly backbone: number;
  /** Bartlett 2006: `Δ + vega · (∂σ/∂F + ∂σ/∂α · ρν/(F+s)^β)`, α moving as it does on average with F. */
  readonly bartlett: number;
}

/** The three deltas, in the units of the delta given. */
export function sabrDeltas(
  black: { readonly delta: number; readonly vega: number },
  sensitivities: SabrSensitivities,
  parameters: SabrParameters,
  forward: number,
): SmileDelta {
  const backbone = black.delta + black.vega * sensitivities.perForward;
  const alphaMove =
    (parameters.rho * parameters.nu) / math.pow(forward + (parameters.shift ?? 0), parameters.beta);
  return {
    stickyStrike: black.delta,
    backbone,
    bartlett: backbone + black.vega * sensitivities.perAlpha * alphaMove,
  };
}

/** Throws `PRICING.INVALID_INPUT`, naming the parameter, unless these are SABR parameters. */
export function assertParameters(parameters: SabrParameters): void {
  assertOpen('alpha', parameters.alpha, 0, Infinity);
  assertClosed('beta', parameters.beta, 0, 1);
  assertClosed('nu', parameters.nu, 0, 1e3);
  assertOpen('rho', parameters.rho, -1, 1);
}

function inDomain(volatility: number, years: number): number {
  if (volatility > 0 && volatility < Infinity) return volatility;
  throw new PricingError({
    code: 'PRICING.SMILE_EXPANSION',
    message: `the expansion gives ${volatility} at T = ${years}: ν²T or α²T is too large for it; price by finite differences`,
    path: 'T',
  });
}

function shifted(parameters: SabrParameters, point: SmilePoint): { f: number; k: number; t: number } {
  assertParameters(parameters);
  const shift = parameters.shift ?? 0;
  const f = point.forward + shift;
  const k = point.strike + shift;
  if (!(f > 0 && f < Infinity)) throw invalidInput('F', `plus the shift is positive, not ${f}`);
  if (!(k > 0 && k < Infinity)) throw invalidInput('K', `plus the shift is positive, not ${k}`);
  assertClosed('T', point.years, 0, 1e4);
  return { f, k, t: point.years };
}

function slope(f: (h: number) => number, h: number): number {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}
