import { contractsHeld } from './route';
import type { Route, RouteCurve, RoutingProblem } from './route';

/** A route with its numbers read once: marginal cost is a + slope of the level + 1.5·k·√q + b·q. */
export interface PreparedRoute {
  readonly route: Route;
  readonly lot: number;
  /** In lots. */
  readonly minLots: number;
  readonly maxLots: number;
  /** Delta and notional per lot. */
  readonly delta: number;
  readonly notional: number;
  /** Cost per lot that does not depend on size: fee and funding. */
  readonly linear: number;
  /** Per lot^1.5 and per lot² (½·b·q²). */
  readonly impact: number;
  readonly quadratic: number;
  readonly fixed: number;
  /** Upper end of each depth level, in lots, and its slippage per lot. */
  readonly ends: readonly number[];
  readonly slopes: readonly number[];
  /** In place of the levels: a pool's, with the factor on its costs. */
  readonly curve: RouteCurve | undefined;
  readonly factor: number;
  /** Index into the venue limits shared with other routes; −1 for none. */
  readonly group: number;
}

export interface Prepared {
  readonly problem: RoutingProblem;
  readonly routes: readonly PreparedRoute[];
  /** Notional left at each venue that several routes share. */
  readonly groups: readonly number[];
}

const LOTS_MAX = 1e12;

export function prepare(problem: RoutingProblem): Prepared {
  const groups: number[] = [];
  const routes = problem.routes.map((route) => {
    const limit = problem.venueLimits.find(({ venue }) => venue === route.venue);
    return prepareRoute(problem, route, limit?.maxNotional ?? Infinity);
  });
  const grouped = routes.map((prepared) => ({ ...prepared, group: -1 }));
  for (const { venue, maxNotional } of problem.venueLimits) {
    const members = grouped.filter(({ route, maxLots }) => route.venue === venue && maxLots > 0);
    if (members.length < 2) continue;
    for (const member of members) member.group = groups.length;
    groups.push(maxNotional);
  }
  return { problem, routes: grouped, groups };
}

function prepareRoute(problem: RoutingProblem, route: Route, venueNotional: number): PreparedRoute {
  const lot = route.lot.toNumber();
  const factor = route.health === 'DEGRADED' ? problem.degradedFactor : 1;
  const notional = route.notionalPerContract * lot;
  const minLots = Math.max(1, Math.ceil(route.minQuantity.toNumber() / lot - 1e-9));
  const most = Math.min(
    route.maxQuantity?.toNumber() ?? Infinity,
    contractsHeld(route),
    venueNotional / route.notionalPerContract,
    problem.delta / route.deltaPerContract,
  );
  const maxLots =
    route.health === 'DOWN' || !(most > 0) ? 0 : Math.min(LOTS_MAX, Math.floor(most / lot + 1e-9));
  let end = 0;
  const ends = route.depth.map((level) => (end += level.contracts / lot));
  return {
    route,
    lot,
    minLots,
    maxLots: maxLots < minLots ? 0 : maxLots,
    delta: route.deltaPerContract * lot,
    notional,
    linear: (route.feeRate * route.notionalPerContract + route.fundingPerContract) * lot,
    impact: factor * route.impactCoefficient * lot * Math.sqrt(lot),
    quadratic:
      (problem.riskAversion * route.basisVariance + 2 * factor * (route.linearImpactCoefficient ?? 0)) *
      lot *
      lot,
    fixed: route.fixedCost,
    ends,
    slopes: route.depth.map((level) => factor * level.slippage * lot),
    curve: route.curve,
    factor,
    group: -1,
  };
}

/** Cost of `lots`, which need not be whole, without the fixed part. */
export function variableCost(route: PreparedRoute, lots: number): number {
  const beyond =
    route.curve === undefined ? walked(route, lots) : route.factor * route.curve.cost(lots * route.lot);
  return (
    beyond + route.linear * lots + route.impact * lots * Math.sqrt(lots) + 0.5 * route.quadratic * lots * lots
  );
}

function walked(route: PreparedRoute, lots: number): number {
  let from = 0;
  let cost = 0;
  for (let level = 0; from < lots && level < route.ends.length; level += 1) {
    const to = Math.min(lots, route.ends[level] ?? 0);
    cost += (to - from) * (route.slopes[level] ?? 0);
    from = to;
  }
  return cost;
}

/** What the first lot costs at the margin beyond what is linear. */
function firstSlope(route: PreparedRoute): number {
  return route.curve === undefined
    ? (route.slopes[0] ?? 0)
    : route.factor * route.lot * route.curve.marginal(0);
}

/** Lots in [low, high] where the marginal cost reaches `price`, per lot. */
export function demand(route: PreparedRoute, price: number, low: number, high: number): number {
  if (route.curve !== undefined) return alongCurve(route, route.curve, price, low, high);
  let from = 0;
  for (let level = 0; level < route.ends.length; level += 1) {
    const end = route.ends[level] ?? 0;
    const room = price - route.linear - (route.slopes[level] ?? 0);
    // Below the level's first lot the price is already reached; above its last lot it is not yet.
    const reached = inverseMarginal(route, room);
    if (reached <= from) return Math.min(high, Math.max(low, from));
    if (reached < end) return Math.min(high, Math.max(low, reached));
    from = end;
    if (from >= high) return high;
  }
  return Math.min(high, Math.max(low, from));
}

const CURVE_ROUNDS = 80;

/** The same along a curve: in closed form where nothing else grows, else by false position below that. */
function alongCurve(
  route: PreparedRoute,
  curve: RouteCurve,
  price: number,
  low: number,
  high: number,
): number {
  const { lot, factor, linear, impact, quadratic } = route;
  const room = price - linear;
  let above = Math.min(high, curve.contractsAt(room / (factor * lot)) / lot);
  if ((impact === 0 && quadratic === 0) || above <= low) return Math.max(low, above);
  const over = (lots: number): number =>
    factor * lot * curve.marginal(lots * lot) + 1.5 * impact * Math.sqrt(lots) + quadratic * lots - room;
  let below = low;
  let [overBelow, overAbove] = [over(below), over(above)];
  if (overBelow >= 0) return below;
  if (overAbove <= 0) return above;
  // Illinois: an end that stays twice counts half, so that both ends close in.
  for (let round = 0, stayed = 0; round < CURVE_ROUNDS && above - below > 1e-13 * above; round += 1) {
    const next = Math.min(
      above,
      Math.max(below, above - (overAbove * (above - below)) / (overAbove - overBelow)),
    );
    const found = over(next);
    if (found === 0) return next;
    if (found > 0) {
      [above, overAbove] = [next, found];
      if (stayed === 1) overBelow /= 2;
      stayed = 1;
    } else {
      [below, overBelow] = [next, found];
      if (stayed === -1) overAbove /= 2;
      stayed = -1;
    }
  }
  return below;
}

/** q with 1.5·k·√q + b·q = room; infinite where nothing grows. */
function inverseMarginal(route: PreparedRoute, room: number): number {
  if (room <= 0) return 0;
  const k = 1.5 * route.impact;
  const b = route.quadratic;
  if (b === 0) return k === 0 ? Infinity : (room / k) * (room / k);
  const root = (2 * room) / (k + Math.sqrt(k * k + 4 * b * room));
  return root * root;
}

export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export interface Relaxed {
  /** Lots, not whole; meaningless where the bound reaches the cutoff. */
  readonly lots: Float64Array;
  /** No allocation within the bounds costs less. */
  readonly bound: number;
  /** Price of a unit of delta there: where to look first next time. */
  readonly price: number;
}

const ROUNDS = 200;
const INNER_ROUNDS = 100;
const FIRST_STEP = 1 / 64;
const STEP_GROWTH = 8;

/**
 * The best allocation within bounds when lots need not be whole: the Lagrangian dual of the delta constraint, one price per
 * unit of delta found by bisection (from `hint` on), with one more per shared venue limit. Every price gives a lower bound, so
 * the search ends as soon as one reaches `cutoff`. Undefined where the lower bounds alone are too much.
 */
export function relax(
  prepared: Prepared,
  bounds: Bounds,
  cutoff = Infinity,
  hint?: number,
): Relaxed | undefined {
  if (!withinReach(prepared, bounds)) return undefined;
  const { problem } = prepared;
  const bracketed = bracket(prepared, bounds, hint);
  if ('bound' in bracketed) return bracketed;
  let { cheap, dear } = bracketed;
  for (let round = 0; round < ROUNDS && Math.max(cheap.dual, dear.dual) < cutoff; round += 1) {
    const { price, predicted } = nextPrice(cheap, dear, problem.delta, round);
    if (!(price > cheap.price) || !(price < dear.price)) break;
    const next = allocate(prepared, bounds, price);
    if (next.delta > problem.delta) dear = next;
    else cheap = next;
    // The dual is concave: where it reaches the tangents' crossing, nothing lies higher.
    if (next.dual >= predicted - 1e-13 * Math.abs(predicted)) break;
  }
  const span = dear.delta - cheap.delta;
  const share = span > 0 ? (problem.delta - cheap.delta) / span : 0;
  const lots = cheap.lots.map((lot, index) => lot + share * ((dear.lots[index] ?? lot) - lot));
  return { lots, bound: Math.max(cheap.dual, dear.dual), price: cheap.price };
}

function withinReach({ routes, groups, problem }: Prepared, { low }: Bounds): boolean {
  let least = 0;
  const used = new Float64Array(groups.length);
  for (let index = 0; index < routes.length; index += 1) {
    const route = routes[index];
    const held = low[index] ?? 0;
    if (route === undefined || held === 0) continue;
    least += route.delta * held;
    if (route.group >= 0) used[route.group] = (used[route.group] ?? 0) + route.notional * held;
  }
  const slack = 1 + 1e-9;
  if (least > problem.delta * slack) return false;
  return groups.every((limit, group) => (used[group] ?? 0) <= limit * slack);
}

/** Two prices between which demand passes the wanted delta; the allocation itself where demand stays below it at any price. */
function bracket(
  prepared: Prepared,
  bounds: Bounds,
  hint: number | undefined,
): { readonly cheap: Allocation; readonly dear: Allocation } | Relaxed {
  const { delta, residualPenalty } = prepared.problem;
  const ceiling = (): Allocation => allocate(prepared, bounds, residualPenalty);
  const whole = (top: Allocation): Relaxed => ({ lots: top.lots, bound: top.dual, price: top.price });
  if (hint === undefined || !(hint < residualPenalty)) {
    const top = ceiling();
    if (top.delta <= delta) return whole(top);
    return { cheap: allocate(prepared, bounds, floorPrice(prepared)), dear: top };
  }
  const floor = floorPrice(prepared);
  const start = allocate(prepared, bounds, hint);
  let step = Math.max(Math.abs(hint), 1e-9) * FIRST_STEP;
  if (start.delta > delta) {
    for (let dear = start; ; step *= STEP_GROWTH) {
      const price = Math.max(floor, hint - step);
      const cheap = allocate(prepared, bounds, price);
      if (cheap.delta <= delta || price === floor) return { cheap, dear };
      dear = cheap;
    }
  }
  for (let cheap = start; ; step *= STEP_GROWTH) {
    const price = Math.min(residualPenalty, hint + step);
    const dear = price === residualPenalty ? ceiling() : allocate(prepared, bounds, price);
    if (dear.delta > delta) return { cheap, dear };
    if (price === residualPenalty) return whole(dear);
    cheap = dear;
  }
}

/**
 * The price at which the tangents of the concave dual at both ends cross, with their value there: exact for depth alone. Every
 * third time the middle, so that curved costs converge as well.
 */
function nextPrice(
  cheap: Allocation,
  dear: Allocation,
  delta: number,
  round: number,
): { readonly price: number; readonly predicted: number } {
  const width = dear.price - cheap.price;
  const rise = delta - cheap.delta;
  const fall = dear.delta - delta;
  const offset = (dear.dual + fall * width - cheap.dual) / (rise + fall);
  const crossing = cheap.price + offset;
  if (round % 3 === 2 || !(offset > 0) || !(offset < width))
    return { price: cheap.price + width / 2, predicted: Infinity };
  return { price: crossing, predicted: cheap.dual + rise * offset };
}

/** Below every first marginal cost: nothing is traded at this price. */
function floorPrice({ routes }: Prepared): number {
  let price = Infinity;
  for (const route of routes) {
    if (route.maxLots === 0) continue;
    price = Math.min(price, (route.linear + firstSlope(route)) / route.delta);
  }
  return Number.isFinite(price) ? price - Math.max(1, Math.abs(price)) : 0;
}

interface Allocation {
  readonly price: number;
  readonly lots: Float64Array;
  readonly delta: number;
  /** Value of the dual at this price: a lower bound of the cost. */
  readonly dual: number;
}

function allocate(prepared: Prepared, bounds: Bounds, price: number): Allocation {
  const { routes, groups, problem } = prepared;
  const lots = new Float64Array(routes.length);
  for (let index = 0; index < routes.length; index += 1) {
    const route = routes[index];
    if (route !== undefined && route.group < 0) lots[index] = lotsAt(route, index, bounds, price, 0);
  }
  for (let group = 0; group < groups.length; group += 1) shareVenue(prepared, bounds, price, group, lots);
  let dual = price * problem.delta;
  let delta = 0;
  for (let index = 0; index < routes.length; index += 1) {
    const route = routes[index];
    const held = lots[index] ?? 0;
    if (route === undefined || held === 0) continue;
    delta += route.delta * held;
    const fixed = (bounds.low[index] ?? 0) > 0 ? route.fixed : 0;
    dual += variableCost(route, held) + fixed - price * route.delta * held;
  }
  return { price, lots, delta, dual };
}

function lotsAt(route: PreparedRoute, index: number, bounds: Bounds, price: number, rent: number): number {
  const high = bounds.high[index] ?? 0;
  if (high === 0) return 0;
  return demand(route, price * route.delta - rent * route.notional, bounds.low[index] ?? 0, high);
}

/** Allocates the routes of one shared venue limit: at the smallest rent per unit of notional at which they fit. */
function shareVenue(
  prepared: Prepared,
  bounds: Bounds,
  price: number,
  group: number,
  lots: Float64Array,
): void {
  const limit = prepared.groups[group] ?? 0;
  const members = prepared.routes.flatMap((route, index) =>
    route.group === group ? [{ route, index }] : [],
  );
  const take = (rent: number): number => {
    let notional = 0;
    for (const { route, index } of members) {
      const held = lotsAt(route, index, bounds, price, rent);
      lots[index] = held;
      notional += route.notional * held;
    }
    return notional;
  };
  const snapshot = (): number[] => members.map(({ index }) => lots[index] ?? 0);
  let wide = take(0);
  if (wide <= limit) return;
  let wideLots = snapshot();
  let low = 0;
  let high = Math.max(...members.map(({ route }) => rentCeiling(route, price)));
  for (let round = 0; round < INNER_ROUNDS && high - low > 1e-15 * high; round += 1) {
    const rent = low + (high - low) / 2;
    const notional = take(rent);
    if (notional > limit) {
      low = rent;
      wide = notional;
      wideLots = snapshot();
    } else high = rent;
  }
  const narrow = take(high);
  const part = wide > narrow ? (limit - narrow) / (wide - narrow) : 0;
  members.forEach(({ index }, place) => {
    const held = lots[index] ?? 0;
    lots[index] = held + part * ((wideLots[place] ?? held) - held);
  });
}

/** At this rent the route takes no more than it must. */
function rentCeiling(route: PreparedRoute, price: number): number {
  const reach = Math.abs(price) * route.delta + Math.abs(route.linear) + Math.max(0, -firstSlope(route));
  return (2 * reach) / route.notional + 1;
}
