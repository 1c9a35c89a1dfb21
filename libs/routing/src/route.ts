import type { Side } from '@evenkeel/facts';
import type { Decimal } from '@evenkeel/kernel';

/** UP: as it is. DEGRADED: usable, dearer by the problem's factor. DOWN: not used. */
export type VenueHealth = 'UP' | 'DEGRADED' | 'DOWN';

/** Contracts that can be had at one distance from the reference price. */
export interface DepthLevel {
  /** Price beyond the reference against us, numeraire per contract; nondecreasing from level to level. */
  readonly slippage: number;
  /** Contracts at this level; may be infinite at the last. */
  readonly contracts: number;
}

/**
 * What a pool asks, as a curve instead of levels: the cost beyond the reference price, numeraire, the pool's own fee included.
 * Convex; the first contract may cost less than nothing where the pool is cheaper than the reference.
 */
export interface RouteCurve {
  /** Contracts that can be had. */
  readonly contracts: number;
  readonly cost: (contracts: number) => number;
  /** Cost of one contract more after this many. */
  readonly marginal: (contracts: number) => number;
  /** Contracts until the next costs more than this: the inverse of `marginal`. */
  readonly contractsAt: (marginal: number) => number;
}

/**
 * One instrument on one venue through which delta can be bought or sold now. All money in the numeraire, costs positive;
 * every cost is convex in the contracts traded, save the fixed one.
 */
export interface Route {
  readonly instrument: string;
  readonly venue: string;
  /** The side that moves delta the wanted way. */
  readonly side: Side;
  readonly lot: Decimal;
  readonly minQuantity: Decimal;
  /** Largest order, contracts; absent: what the depth holds. */
  readonly maxQuantity?: Decimal;
  /** Size of the change of delta per contract, units of the underlying; positive. */
  readonly deltaPerContract: number;
  /** Numeraire per contract; fees and venue limits count it. */
  readonly notionalPerContract: number;
  /** Fraction of notional, one way; negative for a rebate. */
  readonly feeRate: number;
  /** The opposite side of the book, best first. */
  readonly depth: readonly DepthLevel[];
  /** In place of the depth, which is not read then. */
  readonly curve?: RouteCurve;
  /** Impact beyond the displayed depth: coefficient × contracts^1.5 (the square-root law times size), ≥ 0. */
  readonly impactCoefficient: number;
  /** Impact that grows in proportion: coefficient × contracts², ≥ 0; 0 where absent. */
  readonly linearImpactCoefficient?: number;
  /** Expected funding over the horizon per contract; negative when received. */
  readonly fundingPerContract: number;
  /** Variance of this instrument against the underlying over the horizon, numeraire² per contract²; independent between routes. */
  readonly basisVariance: number;
  /** Paid once when the route is used at all (gas). */
  readonly fixedCost: number;
  readonly health: VenueHealth;
}

export interface VenueRoom {
  readonly venue: string;
  /** Notional that may still be added at the venue, numeraire. */
  readonly maxNotional: number;
}

/** Buy (or sell) `delta` units of the underlying through these routes at the least expected cost. */
export interface RoutingProblem {
  /** Wanted change of delta, its size; positive. Never exceeded. */
  readonly delta: number;
  readonly routes: readonly Route[];
  readonly venueLimits: readonly VenueRoom[];
  /** What a unit of delta left unhedged costs, numeraire: keeps the split from trading less to save fees. */
  readonly residualPenalty: number;
  /** Per numeraire; basis risk counts ½ × this × variance. */
  readonly riskAversion: number;
  /** Factor on the costs of a DEGRADED venue, at least 1. */
  readonly degradedFactor: number;
}

export interface RouteCost {
  readonly fee: number;
  readonly spread: number;
  readonly impact: number;
  readonly funding: number;
  readonly basisRisk: number;
  readonly fixed: number;
  readonly total: number;
}

const NO_COST: RouteCost = { fee: 0, spread: 0, impact: 0, funding: 0, basisRisk: 0, fixed: 0, total: 0 };

/** Expected cost of `contracts` (≥ 0) through a route. Spread is the walk through the depth or along the curve; infinite beyond it. */
export function costOf(problem: RoutingProblem, route: Route, contracts: number): RouteCost {
  if (contracts === 0) return NO_COST;
  const factor = route.health === 'DEGRADED' ? problem.degradedFactor : 1;
  const fee = route.feeRate * route.notionalPerContract * contracts;
  const spread = factor * beyondReference(route, contracts);
  const impact =
    factor *
    (route.impactCoefficient * contracts * Math.sqrt(contracts) +
      (route.linearImpactCoefficient ?? 0) * contracts * contracts);
  const funding = route.fundingPerContract * contracts;
  const basisRisk = 0.5 * problem.riskAversion * route.basisVariance * contracts * contracts;
  const fixed = route.fixedCost;
  return {
    fee,
    spread,
    impact,
    funding,
    basisRisk,
    fixed,
    total: fee + spread + impact + funding + basisRisk + fixed,
  };
}

/** Cost against the reference of taking `contracts` from the curve, or from the levels, best first. */
function beyondReference({ depth, curve }: Route, contracts: number): number {
  if (curve === undefined) return walk(depth, contracts);
  return contracts > curve.contracts * (1 + 1e-9) ? Infinity : curve.cost(contracts);
}

function walk(depth: readonly DepthLevel[], contracts: number): number {
  let left = contracts;
  let cost = 0;
  for (const level of depth) {
    const taken = Math.min(left, level.contracts);
    cost += taken * level.slippage;
    left -= taken;
    if (left <= 0) return cost;
  }
  return left > contracts * 1e-12 ? Infinity : cost;
}

export function contractsHeld({ depth, curve }: Route): number {
  if (curve !== undefined) return curve.contracts;
  return depth.reduce((sum, level) => sum + level.contracts, 0);
}
