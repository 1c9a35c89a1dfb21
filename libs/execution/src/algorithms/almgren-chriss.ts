import { math } from '@evenkeel/pricing';

/** The linear model of Almgren and Chriss (2001). Money in any one currency, time in any one unit, quantity in contracts. */
export interface AlmgrenChrissModel {
  /** Contracts to trade, positive. */
  readonly quantity: number;
  /** Time to trade in, and in how many equal periods. */
  readonly horizon: number;
  readonly periods: number;
  /** Standard deviation of the price per √time, money per contract. */
  readonly volatility: number;
  /** Temporary impact η: money per contract per (contract per time). */
  readonly temporaryImpact: number;
  /** Permanent impact γ: money per contract per contract. */
  readonly permanentImpact: number;
  /** Fixed cost ε of trading one contract (half spread and fee), money. */
  readonly fixedCost: number;
  /** λ: money of expected cost that one money² of variance is worth, per money. 0: cost alone, which is even trading. */
  readonly riskAversion: number;
}

export interface AlmgrenChrissSchedule {
  /** Contracts still to trade after 0, 1, … periods; first the quantity, last 0. */
  readonly holdings: readonly number[];
  /** Trade rate of decay per time; 0 is even trading. Its inverse is the half-life of the order. */
  readonly kappa: number;
  readonly expectedCost: number;
  readonly variance: number;
}

/**
 * The trajectory that minimises expected cost + λ × variance: x_j = X·sinh κ(T−t_j) ÷ sinh κT with
 * (2 ÷ τ²)(cosh κτ − 1) = λσ² ÷ η̃ and η̃ = η − γτ/2 (Almgren and Chriss 2001, eq. 15–17). Undefined where η̃ is not positive
 * (periods too long for the permanent impact) or nothing is to be traded.
 */
export function almgrenChriss(model: AlmgrenChrissModel): AlmgrenChrissSchedule | undefined {
  const { quantity, horizon, periods } = model;
  const tau = horizon / periods;
  const eta = netImpact(model, tau);
  if (!(quantity > 0) || !(horizon > 0) || !(periods >= 1) || !(eta > 0)) return undefined;
  const kappaSquared = (model.riskAversion * model.volatility * model.volatility) / eta;
  const kappa = rateOf(kappaSquared, tau);
  const holdings = Array.from({ length: periods + 1 }, (_, period) =>
    period === periods ? 0 : quantity * remainingShare(kappa, horizon, tau * period),
  );
  return { holdings, kappa, ...costOfHoldings(model, holdings) };
}

function netImpact(model: AlmgrenChrissModel, tau: number): number {
  return model.temporaryImpact - 0.5 * model.permanentImpact * tau;
}

/** arcosh(1 + κ̃²τ²/2) ÷ τ, accurate where the argument is near 1. */
function rateOf(kappaSquared: number, tau: number): number {
  const z = 0.5 * kappaSquared * tau * tau;
  return math.log1p(z + Math.sqrt(z * (z + 2))) / tau;
}

/** sinh κ(T−t) ÷ sinh κT without overflow; (T−t) ÷ T as κ goes to 0. */
function remainingShare(kappa: number, horizon: number, elapsed: number): number {
  if (kappa * horizon < 1e-9) return (horizon - elapsed) / horizon;
  const decay = math.exp(-kappa * elapsed);
  return (decay * math.expm1(-2 * kappa * (horizon - elapsed))) / math.expm1(-2 * kappa * horizon);
}

/** Expected cost ½γX² + εX + (η̃ ÷ τ)Σn² and variance σ²τΣx² of any trajectory that only trades one way. */
export function costOfHoldings(
  model: AlmgrenChrissModel,
  holdings: readonly number[],
): { readonly expectedCost: number; readonly variance: number } {
  const tau = model.horizon / model.periods;
  let squares = 0;
  let held = 0;
  for (let period = 1; period < holdings.length; period += 1) {
    const after = holdings[period] ?? 0;
    const traded = (holdings[period - 1] ?? 0) - after;
    squares += traded * traded;
    held += after * after;
  }
  const { quantity, permanentImpact, fixedCost, volatility } = model;
  return {
    expectedCost:
      0.5 * permanentImpact * quantity * quantity +
      fixedCost * quantity +
      (netImpact(model, tau) / tau) * squares,
    variance: volatility * volatility * tau * held,
  };
}
