import type { Assessment, PolicySet, RiskSnapshotTaken } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import { EvenkeelError } from '@evenkeel/kernel';
import { evaluate } from '../evaluation';
import type { PolicyInput, UnderlyingView } from '../policy/policy';
import { createProgramBook } from '../state';
import { cheapestAtRisk } from './equal-risk';
import { greedyDeltaThenVega } from './greedy-hedge';
import type { HedgeForm, Judged } from './hedge-problem';
import { judge } from './hedge-problem';
import { jointHedgeOf } from './joint-hedge';
import { parseMultiGreekSettings } from './settings';

export interface WeighedHedge {
  readonly trades: readonly { readonly instrument: string; readonly contracts: number }[];
  readonly judged: Judged;
}

/** One snapshot hedged both ways from where it stands. */
export interface GreedyComparison {
  readonly at: string;
  /** Standard deviation until the horizon when nothing is done, numeraire. */
  readonly riskBefore: number;
  readonly greedy: WeighedHedge;
  /** The cheapest joint hedge with no more residual risk than the greedy one leaves. */
  readonly joint: WeighedHedge;
  /** Hedge options that could be traded. */
  readonly options: number;
}

/**
 * `multi-greek` against a greedy delta-then-vega hedge on one snapshot of risk, at equal residual risk. Undefined when no option could be
 * traded then, or the book carries no vega. Throws `HEDGING.POLICY_INVALID` for a policy that is not a `multi-greek`.
 */
export function compareWithGreedy(
  policySet: PolicySet,
  snapshot: RiskSnapshotTaken,
): GreedyComparison | undefined {
  const settings = parseMultiGreekSettings(
    // Written as canonical JSON of an object when the policy was set.
    JSON.parse(policySet.policy) as Record<string, unknown>,
  );
  if (!settings.ok) throw new EvenkeelError(settings.failure);
  const input = policyInputOf(policySet, snapshot);
  const { underlyings: views, now, numeraireUsd } = input;
  const form = jointHedgeOf({ views, snapshot, now, numeraireUsd }, settings.value);
  const options = form.problem.choices.filter(({ instrument }) => instrument.kind === 'option').length;
  const exposures = views
    .filter(({ refusals }) => refusals.length === 0)
    .map(({ underlying, exposure, vega }) => ({ underlying, delta: exposure, vega }));
  if (options === 0 || exposures.every(({ vega }) => vega === 0)) return undefined;
  const byGreed = greedyDeltaThenVega(form, exposures);
  const greedy = weighed(form, byGreed);
  const joint = cheapestAtRisk(form, greedy.judged.risk);
  if (joint === undefined) return undefined;
  return {
    at: snapshot.at,
    riskBefore: Math.sqrt(Math.max(0, form.variance)),
    greedy,
    joint: weighed(form, joint.contracts),
    options,
  };
}

function weighed(form: HedgeForm, x: readonly number[]): WeighedHedge {
  const trades = form.problem.choices.flatMap(({ instrument }, i) => {
    const contracts = x[i] ?? 0;
    return contracts === 0 ? [] : [{ instrument: instrument.id, contracts }];
  });
  return { trades, judged: judge(form, x) };
}

/** What a policy would be given for this snapshot by a program that remembers nothing and has nothing in flight. */
function policyInputOf(policySet: PolicySet, snapshot: RiskSnapshotTaken): PolicyInput {
  const specifications: Record<string, string> = {};
  for (const text of policySet.specifications) specifications[parseContract(text).id] = text;
  const inForce = {
    policy: policySet.policy,
    policyHash: policySet.policyHash,
    targetDelta: Number(policySet.targetDelta),
    hedgeInstruments: policySet.hedgeInstruments,
    specifications,
  };
  let seen: PolicyInput | undefined;
  const probe = {
    kind: 'multi-greek',
    evaluate: (input: PolicyInput) => {
      seen = input;
      const assessments = input.underlyings.map(untouched);
      return { assessments, candidates: [], trades: [], reasons: [], refusals: [], rebalanced: [] };
    },
  };
  evaluate(createProgramBook(policySet.book), inForce, probe, snapshot, null);
  if (seen === undefined) throw new RangeError('a policy is always asked');
  return seen;
}

function untouched(view: UnderlyingView): Assessment {
  const { underlying, spot, delta, gamma, vega, inFlightDelta, exposure, target } = view;
  return {
    underlying,
    spot,
    delta,
    gamma,
    vega,
    inFlightDelta,
    exposure,
    target,
    bandLower: 0,
    bandUpper: 0,
    ingredients: [],
    breached: false,
    exposureAfter: exposure,
  };
}
