import { legIn } from '@evenkeel/facts';
import type { LegValuation, RiskSnapshotTaken } from '@evenkeel/facts';
import { parseInstrument } from '@evenkeel/instruments';
import { required } from '@evenkeel/kernel';
import { priceBlack76 } from '@evenkeel/pricing';
import type { UnderlyingView } from './policy';

/** The option legs of one underlying with what is needed to value them again. */
export interface OptionLeg {
  readonly leg: LegValuation;
  readonly type: 'call' | 'put';
  /** USD per unit of Black value. */
  readonly outer: number;
  /** Black's delta and value at the mark volatility, per unit. */
  readonly delta: number;
  readonly value: number;
}

function typeOf(instrument: string): 'call' | 'put' {
  const parsed = parseInstrument(instrument);
  return required(parsed.ok ? parsed.value.optionType : undefined, `call or put of ${instrument}`);
}

/** Legs too far from the money to have a vega have no delta that depends on volatility either and are left out. */
export function optionLegsOf(snapshot: RiskSnapshotTaken, view: UnderlyingView): OptionLeg[] {
  const numeraireUsd = view.spot > 0 ? view.spotUsd / view.spot : 1;
  return snapshot.legs.flatMap((leg) => {
    if (leg.kind !== 'option' || leg.underlying !== view.underlying || leg.vega === 0) return [];
    const type = typeOf(leg.instrument);
    const unit = black(leg, type, leg.forward, leg.volatility, snapshot.rate);
    if (!(unit.vega > 1e-9 * leg.forward)) return [];
    return [
      { leg, type, outer: (leg.vega * numeraireUsd) / unit.vega, delta: unit.delta, value: unit.value },
    ];
  });
}

function black(leg: LegValuation, type: 'call' | 'put', forward: number, volatility: number, rate: number) {
  return priceBlack76({ type, F: forward, K: leg.strike, T: leg.expiryYears, sigma: volatility, r: rate });
}

/** Change of the book's delta, units of the underlying, were every mark volatility multiplied by `factor`. */
export function deltaShift(snapshot: RiskSnapshotTaken, view: UnderlyingView, factor: number): number {
  const numeraireUsd = view.spot > 0 ? view.spotUsd / view.spot : 1;
  const ownCoin = view.underlying === snapshot.numeraire;
  let shift = 0;
  for (const { leg, type, outer, delta, value } of optionLegsOf(snapshot, view)) {
    const unit = black(leg, type, leg.forward, leg.volatility * factor, snapshot.rate);
    shift += (outer * leg.forward * (unit.delta - delta)) / view.spotUsd;
    if (ownCoin) shift -= (outer * (unit.value - value)) / numeraireUsd;
  }
  return shift;
}

/** Profit of the options, numeraire, when the underlying jumps by a fraction of its price, volatilities as they are. */
export function jumpProfit(
  snapshot: RiskSnapshotTaken,
  view: UnderlyingView,
  legs: readonly OptionLeg[],
  jump: number,
): number {
  const numeraireUsd = view.spot > 0 ? view.spotUsd / view.spot : 1;
  const ownCoin = view.underlying === snapshot.numeraire;
  let profit = 0;
  for (const { leg, type, outer, value } of legs) {
    const after = black(leg, type, leg.forward * (1 + jump), leg.volatility, snapshot.rate).value;
    profit += ownCoin ? outer * (after / (1 + jump) - value) : outer * (after - value);
  }
  return profit / numeraireUsd;
}

/** Signed contracts of an instrument, those on their way included. */
export function heldContracts(snapshot: RiskSnapshotTaken, view: UnderlyingView, instrument: string): number {
  return Number(legIn(snapshot, instrument)?.quantity ?? 0) + (view.inFlightContracts.get(instrument) ?? 0);
}
