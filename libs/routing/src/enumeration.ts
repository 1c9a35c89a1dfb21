import { demand, variableCost } from './relaxation';
import type { Bounds, Prepared, PreparedRoute } from './relaxation';

/** A whole-lot split and what it comes to. */
export interface WholeSplit {
  readonly lots: Float64Array;
  readonly objective: number;
}

interface Choice {
  readonly index: number;
  readonly route: PreparedRoute;
  /** Lots that may be traded, ascending, with their costs. */
  readonly counts: readonly number[];
  readonly costs: Float64Array;
}

/** How many splits `enumerate` would try: the widest route costs nothing, its best share follows from the others. */
export function splitsWithin({ routes }: Prepared, bounds: Bounds): number {
  let product = 1;
  let widest = 1;
  for (let index = 0; index < routes.length; index += 1) {
    const count = choicesOf(routes[index], bounds, index);
    product *= count;
    widest = Math.max(widest, count);
  }
  return product / widest;
}

function choicesOf(route: PreparedRoute | undefined, { low, high }: Bounds, index: number): number {
  const from = low[index] ?? 0;
  const to = high[index] ?? 0;
  const least = Math.max(from, route?.minLots ?? 1);
  return Math.max(0, to - least + 1) + (from === 0 ? 1 : 0);
}

/** The best whole-lot split within bounds, by trying all of them; undefined when none is within reach. */
export function enumerate(prepared: Prepared, bounds: Bounds): WholeSplit | undefined {
  const { routes, groups, problem } = prepared;
  const choices = routes.map((route, index) => choiceOf(route, index, bounds));
  choices.sort((a, b) => a.counts.length - b.counts.length || a.index - b.index);
  const last = choices.pop();
  if (last === undefined || choices.some(({ counts }) => counts.length === 0)) return undefined;
  const filler = fillerOf(last, bounds, problem.residualPenalty);
  const lots = new Float64Array(routes.length);
  const room = Float64Array.from(groups);
  let best: WholeSplit | undefined;
  const slack = problem.delta * 1e-9;
  const visit = (place: number, cost: number, left: number): void => {
    const choice = choices[place];
    if (choice === undefined) {
      const filled = filler(left + slack, last.route.group < 0 ? Infinity : (room[last.route.group] ?? 0));
      if (filled === undefined) return;
      const rest = Math.max(0, left - filled.lots * last.route.delta);
      const objective = cost + filled.cost + problem.residualPenalty * rest;
      if (best !== undefined && objective >= best.objective) return;
      lots[last.index] = filled.lots;
      best = { lots: lots.slice(), objective };
      return;
    }
    const { route, counts, costs, index } = choice;
    const before = route.group < 0 ? 0 : (room[route.group] ?? 0);
    for (let at = 0; at < counts.length; at += 1) {
      const held = counts[at] ?? 0;
      const after = left - held * route.delta;
      if (after < -slack) break;
      if (route.group >= 0) {
        const free = before - held * route.notional;
        if (free < -before * 1e-9) break;
        room[route.group] = free;
      }
      lots[index] = held;
      visit(place + 1, cost + (costs[at] ?? 0), after);
    }
    if (route.group >= 0) room[route.group] = before;
    lots[index] = 0;
  };
  visit(0, 0, problem.delta);
  return best;
}

function choiceOf(route: PreparedRoute, index: number, { low, high }: Bounds): Choice {
  const from = low[index] ?? 0;
  const to = high[index] ?? 0;
  const counts: number[] = from === 0 ? [0] : [];
  for (let count = Math.max(from, route.minLots); count <= to; count += 1) counts.push(count);
  return { index, route, counts, costs: Float64Array.from(counts, (count) => costOfLots(route, count)) };
}

function costOfLots(route: PreparedRoute, lots: number): number {
  return lots === 0 ? 0 : variableCost(route, lots) + route.fixed;
}

type Filler = (left: number, room: number) => { readonly lots: number; readonly cost: number } | undefined;

/** What the widest route should take of what the others leave: its cost is convex, so no search is needed. */
function fillerOf({ route, index }: Choice, { low, high }: Bounds, penalty: number): Filler {
  const from = low[index] ?? 0;
  const to = high[index] ?? 0;
  const worth = penalty * route.delta;
  const wanted = demand(route, worth, 0, to);
  const gain = (lots: number): number => costOfLots(route, lots) - worth * lots;
  return (left, room) => {
    const most = Math.min(
      to,
      Math.floor(left / route.delta),
      room === Infinity ? Infinity : Math.floor((room / route.notional) * (1 + 1e-9) + 1e-9),
    );
    const options = from === 0 ? [0] : [];
    for (const lots of [Math.floor(wanted), Math.ceil(wanted)]) {
      const clamped = Math.max(from, route.minLots, Math.min(most, lots));
      if (clamped <= most) options.push(clamped);
    }
    let best: number | undefined;
    for (const lots of options) if (best === undefined || gain(lots) < gain(best)) best = lots;
    return best === undefined ? undefined : { lots: best, cost: costOfLots(route, best) };
  };
}
