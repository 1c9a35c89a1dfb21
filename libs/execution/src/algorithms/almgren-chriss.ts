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
  /** α: expected rise of the price per time while nothing is traded, money per contract; 0 unless told. */
  readonly drift?: number;
}

/** What a market says of itself, for the model's parameters. */
export interface MarketOfModel {
  /** Money per contract. */
  readonly price: number;
  /** Standard deviation of the log price per √day. */
  readonly volatility: number;
  /** Contracts a day, by everybody. */
  readonly dailyVolume: number;
  /** Bid to ask, money per contract. */
  readonly spread: number;
  /** Money per contract. */
  readonly fee?: number;
}

const SECONDS_PER_DAY = 86_400;

/**
 * Parameters from market data by the paper's own rule of thumb (Almgren and Chriss 2001, section 3.4), in seconds: trading a tenth of the
 * daily volume moves the price by one spread for good, trading at the rate of a hundredth of it a day by one spread for as long as it
 * lasts; the fixed cost is half the spread and the fee.
 */
export function modelOfMarket(
  { price, volatility, dailyVolume, spread, fee = 0 }: MarketOfModel,
  order: Pick<AlmgrenChrissModel, 'quantity' | 'horizon' | 'periods' | 'riskAversion'>,
): AlmgrenChrissModel {
  return {
    ...order,
    volatility: (price * volatility) / Math.sqrt(SECONDS_PER_DAY),
    permanentImpact: spread / (0.1 * dailyVolume),
    temporaryImpact: (spread / (0.01 * dailyVolume)) * SECONDS_PER_DAY,
    fixedCost: spread / 2 + fee,
  };
}

export interface AlmgrenChrissSchedule {
  /** Contracts still to trade after 0, 1, … periods; first the quantity, last 0. */
  readonly holdings: readonly number[];
  /** Trade rate of decay per time; 0 is even trading. Its inverse is the half-life of the order. */
  readonly kappa: number;
  /** x̄: what would be held for good under the drift, contracts; 0 without one. */
  readonly staticHolding: number;
  readonly expectedCost: number;
  readonly variance: number;
}

/**
 * The trajectory that minimises expected cost + λ × variance: x_j = X·sinh κ(T−t_j) ÷ sinh κT with
 * (2 ÷ τ²)(cosh κτ − 1) = λσ² ÷ η̃ and η̃ = η − γτ/2 (Almgren and Chriss 2001, eq. 15–17). With a drift α the order also
 * leans on the static holding x̄ = α ÷ 2λσ²: x_j grows by (1 − (sinh κ(T−t_j) + sinh κt_j) ÷ sinh κT)·x̄ (section 4.1).
 * Undefined where nothing is to be traded, η̃ is not positive (periods too long for the permanent impact), λ is negative (variance is
 * no good that is paid for), a drift has no λ to hold it, or a parameter is no number.
 */
export function almgrenChriss(model: AlmgrenChrissModel): AlmgrenChrissSchedule | undefined {
  const { quantity, horizon, periods } = model;
  const tau = horizon / periods;
  const eta = netImpact(model, tau);
  if (!(quantity > 0) || !(horizon > 0) || !(periods >= 1) || !(eta > 0)) return undefined;
  const dread = model.riskAversion * model.volatility * model.volatility;
  if (!(model.riskAversion >= 0) || !(dread < Infinity)) return undefined;
  const { drift = 0 } = model;
  if (!Number.isFinite(drift) || (drift !== 0 && dread === 0)) return undefined;
  const staticHolding = drift === 0 ? 0 : drift / (2 * dread);
  const kappa = rateOf(dread / eta, tau);
  const holdings = Array.from({ length: periods + 1 }, (_, period) => {
    if (period === periods) return 0;
    const left = remainingShare(kappa, horizon, tau * period);
    if (staticHolding === 0 || period === 0) return quantity * left;
    return (
      quantity * left + staticHolding * (1 - left - remainingShare(kappa, horizon, horizon - tau * period))
    );
  });
  return { holdings, kappa, staticHolding, ...costOfHoldings(model, holdings) };
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

/** Expected cost ½γX² + εΣ|n| + (η̃ ÷ τ)Σn² − ατΣx and variance σ²τΣx² of any trajectory. */
export function costOfHoldings(
  model: AlmgrenChrissModel,
  holdings: readonly number[],
): { readonly expectedCost: number; readonly variance: number } {
  const tau = model.horizon / model.periods;
  let squares = 0;
  let turnover = 0;
  let held = 0;
  let heldSquares = 0;
  for (let period = 1; period < holdings.length; period += 1) {
    const after = holdings[period] ?? 0;
    const traded = (holdings[period - 1] ?? 0) - after;
    squares += traded * traded;
    turnover += Math.abs(traded);
    held += after;
    heldSquares += after * after;
  }
  const { quantity, permanentImpact, fixedCost, volatility, drift = 0 } = model;
  return {
    expectedCost:
      0.5 * permanentImpact * quantity * quantity +
      // One way, it is the quantity to the last bit.
      fixedCost * (drift === 0 ? quantity : turnover) +
      (netImpact(model, tau) / tau) * squares -
      drift * tau * held,
    variance: volatility * volatility * tau * heldSquares,
  };
}
