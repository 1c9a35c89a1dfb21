import type { Assessment, Candidate, TradeChosen } from '@evenkeel/facts';
import type { Weighing } from './candidates';
import { chooseInstrument } from './candidates';
import type { Ingredients, PolicyInput, PolicyOutput, UnderlyingRefusal, UnderlyingView } from './policy';

/** What a one-underlying policy says: where exposure may lie, and what it should be if it trades now. */
export interface BandJudgement extends Weighing {
  /** Half width around the target, units of the underlying, the DEGRADED factor included. */
  readonly halfBand: number;
  readonly ingredients: Ingredients;
  readonly breached: boolean;
  /** Exposure to leave after the trade, where it is breached. */
  readonly exposureAfter: number;
  /** `BAND_BREACHED`, `INTERVAL_ELAPSED`. */
  readonly reason: string;
  /** Words for the candidate's name: `to the centre`. */
  readonly goal: string;
}

/** Runs a policy that looks at one underlying at a time over all of them. */
export function judgeEach(input: PolicyInput, judge: (view: UnderlyingView) => BandJudgement): PolicyOutput {
  const assessments: Assessment[] = [];
  const candidates: Candidate[] = [];
  const trades: TradeChosen[] = [];
  const reasons = new Set<string>();
  const refusals: UnderlyingRefusal[] = [];
  const served: string[] = [];
  for (const view of input.underlyings) {
    const judged = judge(view);
    const { underlying } = view;
    let trade: TradeChosen | undefined;
    if (judged.breached && view.refusals.length === 0) {
      const choice = chooseInstrument(view, judged.exposureAfter - view.exposure, judged, judged.goal);
      candidates.push(...choice.candidates);
      trade = choice.trade;
      if (trade !== undefined) reasons.add(judged.reason);
      else {
        refusals.push({ underlying, reason: 'BELOW_LOT' });
        served.push(underlying);
      }
    }
    if (trade !== undefined) trades.push(trade);
    assessments.push(assessmentOf(view, judged, view.exposure + (trade?.delta ?? 0)));
  }
  return { assessments, candidates, trades, reasons: [...reasons], refusals, served };
}

function assessmentOf(view: UnderlyingView, judged: BandJudgement, exposureAfter: number): Assessment {
  return {
    underlying: view.underlying,
    spot: view.spot,
    delta: view.delta,
    gamma: view.gamma,
    vega: view.vega,
    inFlightDelta: view.inFlightDelta,
    exposure: view.exposure,
    target: view.target,
    bandLower: -judged.halfBand,
    bandUpper: judged.halfBand,
    ingredients: judged.ingredients,
    breached: judged.breached,
    exposureAfter,
  };
}

/** The ingredient that says how far a DEGRADED price widens every band. */
export function degradedIngredient(view: UnderlyingView): Ingredients {
  return view.bandScale === 1 ? [] : [{ name: 'degraded price factor', value: view.bandScale, unit: '' }];
}
