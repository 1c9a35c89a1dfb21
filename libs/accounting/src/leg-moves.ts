import type { LegValuation } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { required } from '@evenkeel/kernel';
import { priceBlack76 } from '@evenkeel/pricing';
import { inNumeraire, optionInDollars } from '@evenkeel/risk';
import type { ExplainedSums } from './attribution-terms';
import type { Move } from './market-move';

/** A leg at the beginning of an interval, and what its inputs are at the end. */
export interface LegMove {
  readonly leg: LegValuation;
  readonly contract: Contract;
  /** Forward, or a linear contract's own price, and volatility at the end. */
  readonly forward: number;
  readonly volatility: number;
  readonly years: number;
  readonly rate: Move;
  /** USD per unit of the leg's underlying, and of the numeraire. */
  readonly spot: Move;
  readonly numeraire: Move;
  /** True when the book is kept in the leg's underlying itself. */
  readonly ownCoin: boolean;
}

type OptionState = Pick<LegValuation, 'forward' | 'strike' | 'expiryYears' | 'volatility'>;

/** A move within this reach is one step; a longer one is walked in steps of a quarter of it, but never in more than these. */
const REACH = 1;
const STEP = 0.25;
const STEPS_MAX = 256;

/**
 * Explains the change of one leg's worth. A series in a move says nothing beyond what an option's remaining life makes likely, so
 * a longer move is walked: forward, spot, volatility, rate and time go together, evenly, and each step has its own Greeks.
 */
export function explainLeg(sums: ExplainedSums, move: LegMove): void {
  const steps = stepsOf(move);
  for (let step = 0; step < steps; step += 1)
    explainStep(sums, steps === 1 ? move : stepOf(move, step, steps));
}

function stepsOf(move: LegMove): number {
  const { leg, forward } = move;
  if (leg.kind !== 'option' || Number(leg.quantity) === 0 || !(leg.forward > 0) || !(forward > 0)) return 1;
  const reach = reachOf(move);
  // Without a life or a volatility there is no smaller step.
  return reach > REACH && reach < Infinity ? Math.min(STEPS_MAX, Math.ceil(reach / STEP)) : 1;
}

/** How far an option moves: its forward in standard deviations of its remaining life, or its volatility in itself. */
function reachOf({ leg, forward, volatility }: LegMove): number {
  const deviation = leg.volatility * Math.sqrt(leg.expiryYears);
  if (!(deviation > 0)) return Infinity;
  return Math.max(
    Math.abs(forward - leg.forward) / (leg.forward * deviation),
    Math.abs(volatility - leg.volatility) / leg.volatility,
  );
}

/** One of several even steps of a move, the option valued anew where it begins. */
function stepOf(move: LegMove, step: number, steps: number): LegMove {
  const { leg, contract, ownCoin } = move;
  const [from, to] = [step / steps, (step + 1) / steps];
  const between = ({ before, after }: Move, share: number): number => before + (after - before) * share;
  const part = (whole: Move): Move => ({ before: between(whole, from), after: between(whole, to) });
  const forward = part({ before: leg.forward, after: move.forward });
  const volatility = part({ before: leg.volatility, after: move.volatility });
  const [rate, spot, numeraire] = [part(move.rate), part(move.spot), part(move.numeraire)];
  const state: OptionState = {
    forward: forward.before,
    strike: leg.strike,
    expiryYears: Math.max(0, leg.expiryYears - move.years * from),
    volatility: volatility.before,
  };
  const unit = unitOf(state, contract, rate.before);
  const dollars = optionInDollars(contract, Number(leg.quantity), forward.before / spot.before, unit);
  const market = { spotUsd: spot.before, numeraireUsd: numeraire.before, ownCoin };
  return {
    leg: { ...leg, ...state, ...inNumeraire(dollars, market) },
    contract,
    forward: forward.after,
    volatility: volatility.after,
    years: move.years / steps,
    rate,
    spot,
    numeraire,
    ownCoin,
  };
}

/** Derivatives of a leg's value in USD by the USD spot of its underlying, from the Greeks on record. */
interface Slopes {
  readonly value: number;
  readonly first: number;
  readonly second: number;
  readonly vanna: number;
}

/** Greeks on record are of the numeraire; in the leg's own coin that is value ÷ spot. */
function slopesOf({ leg, spot: { before: spot }, numeraire: { before: usd }, ownCoin }: LegMove): Slopes {
  if (!ownCoin) return { value: leg.value * usd, first: leg.delta, second: leg.gamma, vanna: leg.vanna };
  return {
    value: leg.value * usd,
    first: leg.delta + leg.value,
    second: leg.gamma + leg.delta / spot,
    vanna: leg.vanna + leg.vega,
  };
}

/**
 * What one step explains: the Greeks of its beginning times the moves, second order with a half, on the leg's own
 * forward and volatility. Spot moves first with the basis held, then the basis; what both did together is the basis'.
 */
function explainStep(sums: ExplainedSums, move: LegMove): void {
  const { leg, spot, forward, volatility, ownCoin } = move;
  const slopes = slopesOf(move);
  const ds = spot.after - spot.before;
  const dv = volatility - leg.volatility;
  const { before: usd, after: usdAfter } = move.numeraire;
  if (ownCoin) {
    // In its own coin: value(S) ÷ S, differentiated twice at the beginning.
    const slope = leg.delta / spot.before;
    sums.delta += slope * ds;
    sums.gamma += 0.5 * (leg.gamma / spot.before - slope / spot.before) * ds * ds;
  } else {
    // Measured in another coin, a leg also loses what that coin gains.
    sums.delta += (slopes.first * ds) / usd + leg.value * (usd / usdAfter - 1);
    sums.gamma += (0.5 * slopes.second * ds * ds) / usd;
  }
  // Dollars that time and volatility bring are worth what they are at the end.
  const shift = usd / usdAfter;
  sums.theta += leg.theta * move.years * shift;
  sums.vega += leg.vega * dv * shift;
  sums.volga += 0.5 * leg.volga * dv * dv * shift;
  const basisBefore = leg.forward / spot.before;
  const basisAfter = forward / spot.after;
  if (!(leg.forward > 0) || !(forward > 0)) return;
  sums.vanna += (slopes.vanna * ((forward - leg.forward) / basisBefore) * dv) / usdAfter;
  sums.basis +=
    (worthAt(move, slopes, spot.after, basisAfter) - worthAt(move, slopes, spot.after, basisBefore)) /
    usdAfter;
  if (leg.kind === 'option') explainBeyond(sums, move);
}

/** Value in USD at a spot and a basis to the second order of the forward b·S; a coin-settled option is worth V(bS) ÷ b. */
function worthAt(
  { leg, contract, spot: { before: spotBefore } }: LegMove,
  slopes: Slopes,
  spot: number,
  basis: number,
): number {
  const basisBefore = leg.forward / spotBefore;
  const inCoin = contract.payoff === 'premium' && contract.coinSettled;
  if (contract.payoff === 'inverse') return inverseWorth(slopes, basisBefore, spotBefore, spot, basis);
  const divided = inCoin ? 1 : basisBefore;
  const value = slopes.value * (inCoin ? basisBefore : 1);
  const first = slopes.first / divided;
  const second = slopes.second / (basisBefore * divided);
  const moved = basis * spot - leg.forward;
  const worth = value + first * moved + 0.5 * second * moved * moved;
  return inCoin ? worth / basis : worth;
}

/** Coin profit entry − n ÷ (b·S) is worth entry·S − n ÷ b USD: `first` is the entry, and n follows from the value. */
function inverseWorth(
  { value, first }: Slopes,
  basisBefore: number,
  spotBefore: number,
  spot: number,
  basis: number,
): number {
  const size = (first * spotBefore - value) * basisBefore;
  return first * spot - size / basis;
}

/** Charm, the third-order terms, and the discount rate, by the kernel that valued the leg, from what the record says of it. */
function explainBeyond(sums: ExplainedSums, move: LegMove): void {
  const { leg, contract, years, forward, volatility, rate } = move;
  const dF = forward - leg.forward;
  const dv = volatility - leg.volatility;
  const dr = rate.after - rate.before;
  const quantity = Number(leg.quantity);
  if (quantity === 0 || !(leg.expiryYears > 0) || (dF === 0 && dv === 0 && dr === 0)) return;
  const unit = unitOf(leg, contract, rate.before);
  const basis = forward / move.spot.after;
  const outer = (quantity * contract.sizeNumber) / (contract.coinSettled ? basis : 1) / move.numeraire.after;
  sums.rates += outer * (unit.rho ?? 0) * dr;
  sums.charm += outer * (unit.charm ?? 0) * dF * years;
  if (reachOf(move) > REACH) return;
  const third =
    ((unit.speed ?? 0) * dF * dF * dF) / 6 +
    ((unit.zomma ?? 0) * dF * dF * dv) / 2 +
    ((unit.ultima ?? 0) * dv * dv * dv) / 6 +
    ((unit.colour ?? 0) * dF * dF * years) / 2 +
    (unit.veta ?? 0) * dv * years;
  sums.cross += outer * third;
}

/** One unit of the option by the kernel that valued the leg. */
function unitOf(
  { forward, strike, expiryYears, volatility }: OptionState,
  contract: Contract,
  r: number,
): ReturnType<typeof priceBlack76> {
  const type = required(contract.optionType, `call or put of ${contract.id}`);
  return priceBlack76({ type, F: forward, K: strike, T: expiryYears, sigma: volatility, r });
}
