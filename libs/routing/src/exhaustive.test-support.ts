import { costOf } from './route';
import type { Route, RoutingProblem } from './route';

export interface ExhaustiveSplit {
  readonly objective: number;
  readonly lots: readonly number[];
  readonly visited: number;
}

/** Tries every whole-lot split there is. For small books only; the judge of `routeSplit`. */
export function searchExhaustively(problem: RoutingProblem): ExhaustiveSplit {
  const most = problem.routes.map((route) =>
    route.health === 'DOWN'
      ? 0
      : Math.floor(
          Math.min(route.maxQuantity?.toNumber() ?? Infinity, problem.delta / route.deltaPerContract) /
            route.lot.toNumber() +
            1e-9,
        ),
  );
  let best = { objective: problem.delta * problem.residualPenalty, lots: most.map(() => 0) };
  let visited = 0;
  const lots = most.map(() => 0);
  const visit = (index: number): void => {
    const route = problem.routes[index];
    if (route === undefined) {
      visited += 1;
      const objective = objectiveOf(problem, lots);
      if (objective < best.objective) best = { objective, lots: [...lots] };
      return;
    }
    for (let count = 0; count <= (most[index] ?? 0); count += 1) {
      if (count > 0 && count * route.lot.toNumber() < route.minQuantity.toNumber() - 1e-12) continue;
      lots[index] = count;
      visit(index + 1);
    }
    lots[index] = 0;
  };
  visit(0);
  return { ...best, visited };
}

function objectiveOf(problem: RoutingProblem, lots: readonly number[]): number {
  let cost = 0;
  let delta = 0;
  const added = new Map<string, number>();
  problem.routes.forEach((route: Route, index) => {
    const contracts = (lots[index] ?? 0) * route.lot.toNumber();
    cost += costOf(problem, route, contracts).total;
    delta += contracts * route.deltaPerContract;
    added.set(route.venue, (added.get(route.venue) ?? 0) + contracts * route.notionalPerContract);
  });
  if (delta > problem.delta * (1 + 1e-9)) return Infinity;
  for (const { venue, maxNotional } of problem.venueLimits)
    if ((added.get(venue) ?? 0) > maxNotional * (1 + 1e-9)) return Infinity;
  return cost + problem.residualPenalty * Math.max(0, problem.delta - delta);
}
