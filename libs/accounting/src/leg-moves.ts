import type { LegValuation, RiskSnapshotTaken } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { required } from '@evenkeel/kernel';
import { priceBlack76 } from '@evenkeel/pricing';
import type { ExplainedSums } from './attribution-terms';
import type { MarketMove } from './market-move';

/** A leg at the beginning of an interval, and what its inputs are at the end. */
export interface LegMove {
  readonly leg: LegValuation;
  readonly contract: Contract;
  /** Forward, or a linear contract's own price, and volatility at the end. */
  readonly forward: number;
  readonly volatility: number;
  readonly before: RiskSnapshotTaken;
  readonly rateAfter: number;
  readonly market: MarketMove;
}

/** Derivatives of a leg's value in USD by the USD spot of its underlying, from the Greeks on record. */
interface Slopes {
  readonly value: number;
  readonly first: number;
  readonly second: number;
  readonly vanna: number;
}

/** Greeks on record are of the numeraire; in the leg's own coin that is value ÷ spot. */
function slopesOf({ leg, before, market }: LegMove): Slopes {
  const usd = market.numeraire.before;
  const spot = market.spot(leg.underlying).before;
  if (leg.underlying !== before.numeraire)
    return { value: leg.value * usd, first: leg.delta, second: leg.gamma, vanna: leg.vanna };
  return {
    value: leg.value * usd,
    first: leg.delta + leg.value,
    second: leg.gamma + leg.delta / spot,
    vanna: leg.vanna + leg.vega,
  };
}

/**
 * Explains the change of one leg's worth: the Greeks of the beginning times the moves, second order with a half, on the leg's own
 * forward and volatility. Spot moves first with the basis held, then the basis; what both did together is the basis'.
 */
export function explainLeg(sums: ExplainedSums, move: LegMove): void {
  const { leg, market, before, forward, volatility } = move;
  const spot = market.spot(leg.underlying);
  const slopes = slopesOf(move);
  const ds = spot.after - spot.before;
  const dv = volatility - leg.volatility;
  const { before: usd, after: usdAfter } = market.numeraire;
  if (leg.underlying === before.numeraire) {
    // In its own coin: value(S) ÷ S, differentiated twice at the beginning.
    const slope = leg.delta / spot.before;
    sums.delta += slope * ds;
    sums.gamma += 0.5 * (leg.gamma / spot.before - slope / spot.before) * ds * ds;
  } else {
    // Measured in another coin, a leg also loses what that coin gains.
    sums.delta += (slopes.first * ds) / usd + leg.value * (usd / usdAfter - 1);
    sums.gamma += (0.5 * slopes.second * ds * ds) / usd;
  }
  sums.theta += leg.theta * market.years;
  sums.vega += leg.vega * dv;
  sums.volga += 0.5 * leg.volga * dv * dv;
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
function worthAt({ leg, contract, market }: LegMove, slopes: Slopes, spot: number, basis: number): number {
  const basisBefore = leg.forward / market.spot(leg.underlying).before;
  const inCoin = contract.payoff === 'premium' && contract.coinSettled;
  if (contract.payoff === 'inverse')
    return inverseWorth(slopes, basisBefore, market.spot(leg.underlying).before, spot, basis);
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

/**
 * Charm, the third-order terms, and the discount rate, by the kernel that valued the leg, from what the record says of it. A
 * series in a move says nothing beyond the life's own standard deviation; what lies beyond stays unexplained.
 */
function explainBeyond(sums: ExplainedSums, move: LegMove): void {
  const { leg, contract, market, before, forward, volatility, rateAfter } = move;
  const { years } = market;
  const dF = forward - leg.forward;
  const dv = volatility - leg.volatility;
  const dr = rateAfter - before.rate;
  const quantity = Number(leg.quantity);
  if (quantity === 0 || !(leg.expiryYears > 0) || (dF === 0 && dv === 0 && dr === 0)) return;
  const unit = priceBlack76({
    type: required(contract.optionType, `call or put of ${contract.id}`),
    F: leg.forward,
    K: leg.strike,
    T: leg.expiryYears,
    sigma: leg.volatility,
    r: before.rate,
  });
  const basis = forward / market.spot(leg.underlying).after;
  const outer =
    (quantity * contract.sizeNumber) / (contract.coinSettled ? basis : 1) / market.numeraire.after;
  sums.rates += outer * (unit.rho ?? 0) * dr;
  sums.charm += outer * (unit.charm ?? 0) * dF * years;
  const deviation = leg.volatility * Math.sqrt(leg.expiryYears);
  if (Math.abs(dF) > leg.forward * deviation || Math.abs(dv) > leg.volatility) return;
  const third =
    ((unit.speed ?? 0) * dF * dF * dF) / 6 +
    ((unit.zomma ?? 0) * dF * dF * dv) / 2 +
    ((unit.ultima ?? 0) * dv * dv * dv) / 6 +
    ((unit.colour ?? 0) * dF * dF * years) / 2 +
    (unit.veta ?? 0) * dv * years;
  sums.cross += outer * third;
}
