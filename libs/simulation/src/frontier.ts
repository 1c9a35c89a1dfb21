import { math } from '@evenkeel/pricing';
import type { PathOutcomes } from './hedge-account';
import { BAND_FAMILIES, FIXED_FAMILIES, asymptoticPolicy } from './frontier-config';
import type { FrontierConfig, FrontierFamily } from './frontier-config';
import { batchPaths, bootstrap } from './path-batches';
import type { Estimate, FigureMeans } from './path-batches';
import { growthOf, planSimulation, pnlOf } from './simulation';
import type { SimulationJob, SimulationPlan } from './simulation';

/** A policy on the plane of mean cost and residual risk; quote currency per path. */
export interface FrontierPoint {
  readonly family: FrontierFamily;
  readonly parameter: number;
  /** Mean of fees, spread and impact, present value. */
  readonly cost: Estimate;
  /** Standard deviation of the P&L at the horizon, costs included. */
  readonly risk: Estimate;
  readonly trades: number;
}

/** How much less risk than a fixed rule of the same mean cost. */
export interface FrontierMargin {
  readonly family: (typeof BAND_FAMILIES)[number];
  readonly parameter: number;
  readonly against: (typeof FIXED_FAMILIES)[number];
  /** 1 − risk ÷ risk of the fixed rule that costs the same on average; undefined where no rule of its ladder costs that. */
  readonly riskSaved: Estimate | undefined;
}

/** The asymptotic bands beside the exact one at one level of costs. */
export interface ApproachRow {
  readonly proportional: number;
  /** Certainty equivalent of the loss, (1/γ) ln E e^{−γ P&L}, under the utility-indifference region; quote currency. */
  readonly exact: Estimate;
  /** How much more certainty equivalent the other bands lose, as a share of `exact`. */
  readonly excess: {
    readonly [Family in 'whalley-wilmott' | 'zakamouline']: Estimate;
  };
}

export interface FrontierReport {
  readonly paths: number;
  readonly steps: number;
  readonly modelPrice: number;
  readonly points: readonly FrontierPoint[];
  readonly margins: readonly FrontierMargin[];
  readonly riskAversion: number;
  readonly approachPaths: number;
  readonly approachSteps: number;
  readonly approach: readonly ApproachRow[];
}

const BATCHES = 256;

/** The simulations of a frontier: the ladder of policies on one market, then the exact and asymptotic bands at each cost. */
export function frontierJobs({ simulation, policies, approach }: FrontierConfig): readonly SimulationJob[] {
  const compared = BAND_FAMILIES.map((family) => asymptoticPolicy(family, approach.riskAversion).policy);
  return [
    { config: simulation, policies: policies.map(({ policy }) => policy) },
    ...approach.simulations.map((config) => ({ config, policies: compared })),
  ];
}

/** What the simulations of `frontierJobs` come to; `outcomes[j]` are those of job j, policy by policy. */
export function frontierOf(
  config: FrontierConfig,
  outcomes: readonly (readonly PathOutcomes[])[],
): FrontierReport {
  const { simulation, approach } = config;
  const plan = planSimulation(simulation, []);
  const [ladder = [], ...levels] = outcomes;
  const first = approach.simulations[0];
  return {
    paths: simulation.paths,
    steps: plan.steps,
    modelPrice: plan.modelPrice,
    ...ladderOf(config, ladder),
    riskAversion: approach.riskAversion,
    approachPaths: first?.paths ?? 0,
    approachSteps: first === undefined ? 0 : planSimulation(first, []).steps,
    approach: approach.simulations.map((level, index) =>
      approachRow(level, approach.riskAversion, levels[index] ?? []),
    ),
  };
}

/** Figures of a policy among the batches: cost, P&L and its square. */
const FIGURES = 3;

function ladderOf(
  { simulation, policies }: FrontierConfig,
  outcomes: readonly PathOutcomes[],
): Pick<FrontierReport, 'points' | 'margins'> {
  const plan = planSimulation(simulation, []);
  const figures = outcomes.flatMap((outcome) => {
    const pnl = pnlOf(plan, outcome);
    return [outcome.costs, pnl, pnl.map((value) => value * value)];
  });
  const data = batchPaths(figures, BATCHES);
  const costOf = (policy: number) => (means: FigureMeans) => means(policy * FIGURES);
  const riskOf = (policy: number) => (means: FigureMeans) => {
    const mean = means(policy * FIGURES + 1);
    return Math.sqrt(Math.max(0, means(policy * FIGURES + 2) - mean * mean));
  };
  const estimates = bootstrap(
    data,
    simulation.seed,
    policies.flatMap((_, policy) => [costOf(policy), riskOf(policy)]),
  );
  const points = policies.map(({ family, parameter }, policy) => {
    const { trades } = outcomes[policy] ?? { trades: new Float64Array() };
    const nothing = { value: Number.NaN, low: Number.NaN, high: Number.NaN };
    return {
      family,
      parameter,
      cost: estimates[2 * policy] ?? nothing,
      risk: estimates[2 * policy + 1] ?? nothing,
      trades: trades.reduce((sum, count) => sum + count, 0) / trades.length,
    };
  });
  const pairs = policies.flatMap(({ family, parameter }, policy) =>
    isBand(family) ? FIXED_FAMILIES.map((against) => ({ family, parameter, against, policy })) : [],
  );
  const saved = bootstrap(
    data,
    simulation.seed,
    pairs.map(({ policy, against }) => {
      const members = policies.flatMap((other, index) => (other.family === against ? [index] : []));
      return (means: FigureMeans) => {
        const fixed = riskAtCost(
          members.map((member) => ({ cost: costOf(member)(means), risk: riskOf(member)(means) })),
          costOf(policy)(means),
        );
        return fixed === undefined ? undefined : 1 - riskOf(policy)(means) / fixed;
      };
    }),
  );
  const margins = pairs.map(({ family, parameter, against }, index) => ({
    family,
    parameter,
    against,
    riskSaved: saved[index],
  }));
  return { points, margins };
}

function isBand(family: FrontierFamily): family is (typeof BAND_FAMILIES)[number] {
  return BAND_FAMILIES.some((band) => band === family);
}

/**
 * Risk of a family at a mean cost, between its two members that enclose it: linear in the logarithms of cost and risk. A family's
 * curve is all but straight there over one rung of its ladder. Undefined outside of the ladder.
 */
export function riskAtCost(
  members: readonly { readonly cost: number; readonly risk: number }[],
  cost: number,
): number | undefined {
  const byCost = [...members].sort((a, b) => a.cost - b.cost);
  for (let i = 1; i < byCost.length; i += 1) {
    const [below, above] = [byCost[i - 1], byCost[i]];
    if (below === undefined || above === undefined || cost < below.cost || cost > above.cost) continue;
    const share =
      above.cost > below.cost ? math.log(cost / below.cost) / math.log(above.cost / below.cost) : 0;
    return math.exp((1 - share) * math.log(below.risk) + share * math.log(above.risk));
  }
  return undefined;
}

function approachRow(
  level: FrontierConfig['simulation'],
  riskAversion: number,
  outcomes: readonly PathOutcomes[],
): ApproachRow {
  const plan = planSimulation(level, []);
  const figures = outcomes.flatMap((outcome) => utilityFigures(plan, outcome, riskAversion));
  const loss = (means: FigureMeans, family: (typeof BAND_FAMILIES)[number]): number =>
    certaintyLoss(means, BAND_FAMILIES.indexOf(family) * UTILITY_FIGURES, riskAversion);
  const excess = (family: (typeof BAND_FAMILIES)[number]) => (means: FigureMeans) =>
    loss(means, family) / loss(means, 'hodges-neuberger') - 1;
  const [exact, whalleyWilmott, zakamouline] = bootstrap(batchPaths(figures, BATCHES), level.seed, [
    (means: FigureMeans) => loss(means, 'hodges-neuberger'),
    excess('whalley-wilmott'),
    excess('zakamouline'),
  ]);
  const nothing = { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  return {
    proportional: level.hedge.costs.proportional,
    exact: exact ?? nothing,
    excess: { 'whalley-wilmott': whalleyWilmott ?? nothing, zakamouline: zakamouline ?? nothing },
  };
}

/** Figures of a policy for its certainty equivalent: u = e^{−γ P&L}, the trading gain g before costs, u·g and g². */
const UTILITY_FIGURES = 4;

function utilityFigures(
  plan: SimulationPlan,
  outcome: PathOutcomes,
  riskAversion: number,
): readonly Float64Array[] {
  const pnl = pnlOf(plan, outcome);
  const utility = pnl.map((value) => math.exp(-riskAversion * value));
  const growth = growthOf(plan);
  const gain = pnl.map((value, i) => value + growth * (outcome.costs[i] ?? 0));
  const fair = plan.config.market.mu === plan.config.market.r;
  // Where the market drifts otherwise the gain has a mean of its own and helps nothing.
  if (!fair) gain.fill(0);
  return [
    utility,
    gain,
    utility.map((value, i) => value * (gain[i] ?? 0)),
    gain.map((value) => value * value),
  ];
}

/**
 * (1/γ) log E u, with the gain before costs as control variate: its mean is zero where the market drifts at the riskless rate, so
 * what a sample has of it is chance and is taken out of E u in proportion to their covariance.
 */
function certaintyLoss(means: FigureMeans, first: number, riskAversion: number): number {
  const [utility, gain, product, square] = [
    means(first),
    means(first + 1),
    means(first + 2),
    means(first + 3),
  ];
  const variance = square - gain * gain;
  const slope = variance > 0 ? (product - utility * gain) / variance : 0;
  return math.log(utility - slope * gain) / riskAversion;
}
