import { Decimal } from '@evenkeel/kernel';
import { enumerate, splitsWithin } from './enumeration';
import type { Bounds, Prepared, PreparedRoute } from './relaxation';
import { prepare, relax, variableCost } from './relaxation';
import { costOf } from './route';
import type { Route, RouteCost, RoutingProblem } from './route';

/** What one route gets, and why not more. */
export interface RouteAllocation {
  readonly route: Route;
  /** Positive contracts, whole lots. */
  readonly quantity: Decimal;
  readonly cost: RouteCost;
  /** Cost per unit of delta of one lot more; infinite where there is none. */
  readonly marginal: number;
  /** Empty when used; else `VENUE_DOWN`, `BELOW_MINIMUM`, `NO_DEPTH`, `DEARER_AT_THE_MARGIN`. */
  readonly unused: string;
}

export interface Routing {
  readonly allocations: readonly RouteAllocation[];
  /** Delta that the split brings, and what it leaves. */
  readonly delta: number;
  readonly residualDelta: number;
  /** Trading cost, numeraire, without the penalty for the residual. */
  readonly cost: RouteCost;
  /** What was minimised: cost plus residual × penalty. */
  readonly objective: number;
  /** Proven distance to the optimum, numeraire; at most `tolerance` × objective unless the search was cut short. */
  readonly gap: number;
  readonly nodes: number;
}

export interface RoutingOptions {
  /** Relative to the objective. */
  readonly tolerance?: number;
  /** After so many nodes the best split found stands, with its gap. */
  readonly maxNodes?: number;
}

const TOLERANCE = 1e-7;
const NODES_MAX = 4_000;
/** So few splits are tried one by one, which is quicker than another relaxation. */
const ENUMERATED_MAX = 1_000;

interface Incumbent {
  lots: Float64Array;
  objective: number;
}

interface Node {
  readonly bounds: Bounds;
  readonly lots: Float64Array;
  readonly bound: number;
  readonly price: number;
}

/**
 * Splits a wanted change of delta over routes: least fee + spread + impact + funding + basis risk (+ gas), in whole lots, none
 * below its minimum, within venue limits and without exceeding the wanted delta. Branch and bound over lots on the convex
 * relaxation; with small remainders tried one by one; exact to `tolerance` unless `maxNodes` ends it, and then the gap says by how much.
 */
export function routeSplit(problem: RoutingProblem, options: RoutingOptions = {}): Routing {
  const prepared = prepare(problem);
  const tolerance = options.tolerance ?? TOLERANCE;
  const best: Incumbent = {
    lots: new Float64Array(prepared.routes.length),
    objective: problem.delta * problem.residualPenalty,
  };
  const open: Node[] = [];
  const push = (bounds: Bounds, hint?: number): void => {
    if (splitsWithin(prepared, bounds) <= ENUMERATED_MAX) {
      const found = enumerate(prepared, bounds);
      if (found !== undefined && found.objective < best.objective) Object.assign(best, found);
      return;
    }
    const relaxed = relax(prepared, bounds, best.objective - slackOf(best, tolerance), hint);
    if (relaxed === undefined || relaxed.bound >= best.objective - slackOf(best, tolerance)) return;
    improve(prepared, round(prepared, relaxed.lots, bounds), best);
    if (relaxed.bound < best.objective - slackOf(best, tolerance)) open.push({ bounds, ...relaxed });
  };
  push({
    low: new Float64Array(prepared.routes.length),
    high: Float64Array.from(prepared.routes, ({ maxLots }) => maxLots),
  });
  let nodes = 1;
  const limit = options.maxNodes ?? NODES_MAX;
  let floor = best.objective;
  for (;;) {
    const node = takeLowest(open);
    floor = Math.min(best.objective, node?.bound ?? Infinity);
    if (node === undefined || node.bound >= best.objective - slackOf(best, tolerance) || nodes >= limit)
      break;
    for (const bounds of branch(prepared, node)) push(bounds, node.price);
    nodes += 2;
  }
  return describe(prepared, best, Math.max(0, best.objective - floor), nodes);
}

function slackOf(best: Incumbent, tolerance: number): number {
  return tolerance * Math.abs(best.objective) + 1e-12;
}

/** Best bound first; the list stays short, so it is searched. */
function takeLowest(open: Node[]): Node | undefined {
  let place = -1;
  for (let index = 0; index < open.length; index += 1) {
    if (place < 0 || (open[index]?.bound ?? Infinity) < (open[place]?.bound ?? Infinity)) place = index;
  }
  if (place < 0) return undefined;
  const node = open[place];
  const last = open.pop();
  if (last !== undefined && place < open.length) open[place] = last;
  return node;
}

/** Routes that are used below their minimum or whose fixed cost is not yet counted are decided first, then the least whole lot. */
function branch({ routes }: Prepared, { bounds, lots }: Node): Bounds[] {
  let widest = -1;
  let distance = 1e-9;
  for (let index = 0; index < routes.length; index += 1) {
    const route = routes[index];
    const held = lots[index] ?? 0;
    const low = bounds.low[index] ?? 0;
    if (route === undefined || held < 1e-9) continue;
    if (low === 0 && (held < route.minLots - 1e-9 || route.fixed > 0))
      return [
        ...narrowed(bounds, index, 0, 0),
        ...narrowed(bounds, index, route.minLots, bounds.high[index] ?? 0),
      ];
    const off = Math.abs(held - Math.round(held));
    if (off > distance) {
      distance = off;
      widest = index;
    }
  }
  if (widest < 0) return splitWidest(routes, bounds, lots);
  const at = Math.floor(lots[widest] ?? 0);
  return [
    ...narrowed(bounds, widest, bounds.low[widest] ?? 0, at),
    ...narrowed(bounds, widest, Math.max(at + 1, routes[widest]?.minLots ?? 1), bounds.high[widest] ?? 0),
  ];
}

/** Whole lots, yet a gap (by rounding or a kink): whatever is still free is halved at where it stands. */
function splitWidest(routes: readonly PreparedRoute[], bounds: Bounds, lots: Float64Array): Bounds[] {
  let place = -1;
  let width = 0;
  for (let index = 0; index < routes.length; index += 1) {
    const free = (bounds.high[index] ?? 0) - (bounds.low[index] ?? 0);
    if (free > width) {
      width = free;
      place = index;
    }
  }
  if (place < 0) return [];
  const low = bounds.low[place] ?? 0;
  const high = bounds.high[place] ?? 0;
  const at = Math.min(high - 1, Math.max(low, Math.round(lots[place] ?? 0)));
  return [...narrowed(bounds, place, low, at), ...narrowed(bounds, place, at + 1, high)];
}

function narrowed(bounds: Bounds, index: number, low: number, high: number): Bounds[] {
  if (low > high) return [];
  const next = { low: bounds.low.slice(), high: bounds.high.slice() };
  next.low[index] = low;
  next.high[index] = high;
  return [next];
}

/** Whole lots from a relaxed allocation: down, then lot by lot wherever one more lowers the objective most. */
function round({ routes, problem, groups }: Prepared, relaxed: Float64Array, { high }: Bounds): Float64Array {
  const lots = relaxed.map((held, index) => {
    const whole = Math.min(Math.floor(held + 1e-9), high[index] ?? 0);
    return whole < (routes[index]?.minLots ?? 1) ? 0 : whole;
  });
  const room = groups.slice();
  let left = problem.delta;
  routes.forEach((route, index) => {
    left -= route.delta * (lots[index] ?? 0);
    if (route.group >= 0) room[route.group] = (room[route.group] ?? 0) - route.notional * (lots[index] ?? 0);
  });
  const slack = problem.delta * 1e-9;
  for (;;) {
    let place = -1;
    let gain = 0;
    let step = 0;
    routes.forEach((route, index) => {
      const held = lots[index] ?? 0;
      const more = held === 0 ? route.minLots : 1;
      if (held + more > route.maxLots || more * route.delta > left + slack) return;
      if (route.group >= 0 && more * route.notional > (room[route.group] ?? 0) * (1 + 1e-9)) return;
      const cost =
        variableCost(route, held + more) - variableCost(route, held) + (held === 0 ? route.fixed : 0);
      const saved = (more * route.delta * problem.residualPenalty - cost) / (more * route.delta);
      if (saved > gain) {
        gain = saved;
        place = index;
        step = more;
      }
    });
    const route = routes[place];
    if (route === undefined) return lots;
    lots[place] = (lots[place] ?? 0) + step;
    left -= step * route.delta;
    if (route.group >= 0) room[route.group] = (room[route.group] ?? 0) - step * route.notional;
  }
}

function objectiveOf({ routes, problem }: Prepared, lots: Float64Array): number {
  let cost = 0;
  let delta = 0;
  routes.forEach((route, index) => {
    const held = lots[index] ?? 0;
    if (held === 0) return;
    cost += variableCost(route, held) + route.fixed;
    delta += route.delta * held;
  });
  return cost + problem.residualPenalty * Math.max(0, problem.delta - delta);
}

function improve(prepared: Prepared, lots: Float64Array, best: Incumbent): void {
  const objective = objectiveOf(prepared, lots);
  if (objective >= best.objective) return;
  best.objective = objective;
  best.lots = lots;
}

function describe(prepared: Prepared, best: Incumbent, gap: number, nodes: number): Routing {
  const { problem } = prepared;
  const allocations = prepared.routes.map((route, index): RouteAllocation => {
    const held = best.lots[index] ?? 0;
    const quantity = route.route.lot.times(Decimal.ofNumber(held, 0));
    const marginal =
      held + 1 > route.maxLots
        ? Infinity
        : (variableCost(route, held + 1) - variableCost(route, held)) / route.delta;
    return {
      route: route.route,
      quantity,
      cost: costOf(problem, route.route, quantity.toNumber()),
      marginal,
      unused: held > 0 ? '' : whyUnused(route, problem),
    };
  });
  const sum = (pick: (cost: RouteCost) => number): number =>
    allocations.reduce((total, { cost }) => total + pick(cost), 0);
  const delta = prepared.routes.reduce(
    (total, route, index) => total + route.delta * (best.lots[index] ?? 0),
    0,
  );
  return {
    allocations,
    delta,
    residualDelta: Math.max(0, problem.delta - delta),
    cost: {
      fee: sum(({ fee }) => fee),
      spread: sum(({ spread }) => spread),
      impact: sum(({ impact }) => impact),
      funding: sum(({ funding }) => funding),
      basisRisk: sum(({ basisRisk }) => basisRisk),
      fixed: sum(({ fixed }) => fixed),
      total: sum(({ total }) => total),
    },
    objective: best.objective,
    gap,
    nodes,
  };
}

function whyUnused(route: PreparedRoute, problem: RoutingProblem): string {
  if (route.route.health === 'DOWN') return 'VENUE_DOWN';
  if (route.minLots * route.delta > problem.delta * (1 + 1e-9)) return 'BELOW_MINIMUM';
  if (route.maxLots === 0) return 'NO_DEPTH';
  return 'DEARER_AT_THE_MARGIN';
}
