import type { Assessment, Candidate, Check, TradeChosen } from '@evenkeel/facts';
import type { CostModel } from '../cost-model/cost-model';
import { PLAIN_COSTS, isIntact } from '../cost-model/cost-model';
import { costRate } from '../cost-model/expected-cost';
import { chooseInstrument, dailyVolatilityOf, linearInstruments } from '../policy/candidates';
import type { Weighing } from '../policy/candidates';
import type {
  Ingredients,
  PolicyInput,
  PolicyOutput,
  UnderlyingRefusal,
  UnderlyingView,
} from '../policy/policy';

/** What a one-underlying policy says: where exposure may lie, and what it should be if it trades now. */
export interface BandJudgement extends Weighing {
  /** Half width around the centre, units of the underlying, the DEGRADED factor included. */
  readonly halfBand: number;
  readonly ingredients: Ingredients;
  readonly breached: boolean;
  /** Exposure to leave after the trade, where it is breached. */
  readonly exposureAfter: number;
  /** `BAND_BREACHED`, `INTERVAL_ELAPSED`. */
  readonly reason: string;
  /** Words for the candidate's name: `to the centre`. */
  readonly goal: string;
  /** Why the policy cannot judge this underlying now: `NO_VOLATILITY`. It is assessed and not traded. */
  readonly refusal?: string;
}

/** Runs a policy that looks at one underlying at a time over all of them. */
export function judgeEach(input: PolicyInput, judge: (view: UnderlyingView) => BandJudgement): PolicyOutput {
  const assessments: Assessment[] = [];
  const candidates: Candidate[] = [];
  const trades: TradeChosen[] = [];
  const reasons = new Set<string>();
  const refusals: UnderlyingRefusal[] = [];
  const rebalanced: string[] = [];
  let costs = PLAIN_COSTS;
  for (const view of input.underlyings) {
    const judged = judge(view);
    costs = judged.costs ?? PLAIN_COSTS;
    const { underlying } = view;
    let exposureAfter = view.exposure;
    if (judged.refusal !== undefined) refusals.push({ underlying, reason: judged.refusal });
    else if (judged.breached && view.refusals.length === 0) {
      const wanted = judged.exposureAfter - view.exposure;
      const choice = chooseInstrument(input, view, wanted, judged, judged.goal);
      candidates.push(...choice.candidates);
      exposureAfter = choice.exposureAfter;
      if (choice.trade !== undefined) {
        trades.push(choice.trade);
        reasons.add(judged.reason);
      } else {
        refusals.push({ underlying, reason: choice.refusal });
        rebalanced.push(underlying);
      }
    }
    assessments.push(assessmentOf(view, judged, exposureAfter));
  }
  const output = { assessments, candidates, trades, reasons: [...reasons], refusals, rebalanced };
  return onCosts(output, costs);
}

/** A policy's output with the costs it stands on; on costs that are not those they claim to be, nothing is traded. */
export function onCosts(output: PolicyOutput, costs: CostModel): PolicyOutput {
  const own = costChecks(costs);
  if (own.length === 0) return output;
  const checks = [...own, ...(output.checks ?? [])];
  if (own.every(({ passed }) => passed)) return { ...output, checks };
  return {
    ...output,
    checks,
    candidates: output.candidates.map((candidate) => ({ ...candidate, chosen: false, rejected: ALTERED })),
    trades: [],
    withdrawals: [],
    reasons: [],
    refusals: [
      ...output.refusals,
      ...output.assessments.map(({ underlying }) => ({ underlying, reason: ALTERED })),
    ],
  };
}

const ALTERED = 'COSTS_ALTERED';

/** Which version of the costs stood behind a decision, by its hash; nothing where none was configured. */
function costChecks(costs: CostModel): readonly Check[] {
  if (costs.hash === PLAIN_COSTS.hash) return [];
  return [{ name: 'cost model', limit: costs.hash, observed: costs.version, passed: isIntact(costs) }];
}

export function assessmentOf(
  view: UnderlyingView,
  judged: Pick<BandJudgement, 'halfBand' | 'ingredients' | 'breached' | 'centre'>,
  exposureAfter: number,
): Assessment {
  const { halfBand, centre } = judged;
  return {
    underlying: view.underlying,
    spot: view.spot,
    delta: view.delta,
    gamma: view.gamma,
    vega: view.vega,
    inFlightDelta: view.inFlightDelta,
    exposure: view.exposure,
    target: view.target,
    bandLower: centre === undefined ? -halfBand : centre - halfBand,
    bandUpper: centre === undefined ? halfBand : centre + halfBand,
    ingredients: judged.ingredients,
    breached: judged.breached,
    exposureAfter,
  };
}

/** The ingredient that says how far a DEGRADED price widens every band. */
export function degradedIngredient(view: UnderlyingView): Ingredients {
  return view.bandScale === 1 ? [] : [{ name: 'degraded price factor', value: view.bandScale, unit: '' }];
}

/** What a band is made of, and what its trades are weighed by. */
type BandTerms = Pick<BandJudgement, 'ingredients' | 'horizonYears' | 'riskAversion' | 'centre'> & {
  readonly costs: CostModel;
};

/** A judgement for a band around a centre that is traded to the nearer edge. Written out: spread together it took twice the time. */
export function toTheEdge(view: UnderlyingView, halfBand: number, terms: BandTerms): BandJudgement {
  const { centre, ingredients, horizonYears, riskAversion, costs } = terms;
  const off = view.exposure - (centre ?? 0);
  const judged: Growing = {
    halfBand,
    ingredients,
    breached: Math.abs(off) > halfBand,
    exposureAfter: (centre ?? 0) + Math.sign(off) * halfBand,
    reason: 'BAND_BREACHED',
    goal: 'to the edge',
    insideHalfBand: halfBand,
    horizonYears,
    riskAversion,
    costs,
  };
  if (centre !== undefined) judged.centre = centre;
  return judged;
}

type Growing = { -readonly [Field in keyof BandJudgement]: BandJudgement[Field] };

/**
 * κ of the cheapest linear hedge instrument for a trade of the present exposure, fraction of notional; 0 without one. Impact
 * makes it depend on size; what would have to be traded now is the size that is known.
 */
export function cheapestRate(view: UnderlyingView, costs: CostModel): number {
  const notionalUsd = Math.abs(view.exposure) * view.spotUsd;
  let least = Number.POSITIVE_INFINITY;
  for (const instrument of linearInstruments(view))
    least = Math.min(least, costRate(costs, instrument, notionalUsd, dailyVolatilityOf(view)));
  return Number.isFinite(least) ? least : 0;
}

/** ∂delta/∂S per USD, turned into per unit of numeraire by way of the relative move. */
export function numeraireGamma(view: UnderlyingView): number {
  return view.spot > 0 ? (view.gamma * view.spotUsd) / view.spot : 0;
}
