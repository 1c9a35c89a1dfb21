import type { HedgeForm, Judged } from './hedge-problem';
import { breaches, hedgeFormOf, judge, tradeRange } from './hedge-problem';
import { bestLots } from './lot-search';
import { relax } from './relaxation';

// Taken once: these are the hot loops.
const { abs, sqrt } = Math;

export interface EqualRiskHedge {
  readonly contracts: readonly number[];
  readonly judged: Judged;
}

const HALVINGS = 40;
/** Rounding may leave a little more risk than the continuous optimum: then the next dearer one is rounded. */
const LEVELS = [1, 1.03, 1.1, 1.4] as const;
const EFFORT = { nodesMax: 12, gap: 1e-3 };

/**
 * The cheapest trade in lots whose residual risk is at most `riskMax`: the joint program at the risk aversion that just buys that
 * risk, rounded, then walked to cheaper neighbours. Undefined when the limits or the instruments do not allow so little risk.
 */
export function cheapestAtRisk(form: HedgeForm, riskMax: number): EqualRiskHedge | undefined {
  const { problem } = form;
  const ranges = problem.choices.map(tradeRange);
  if (ranges.some((range) => range === undefined)) return undefined;
  const lower = ranges.map((range) => range?.lower ?? 0);
  const upper = ranges.map((range) => range?.upper ?? 0);
  const riskAt = (aversion: number): number => {
    const at = hedgeFormOf({ ...problem, riskAversion: aversion });
    const relaxed = relax(at, lower, upper);
    return relaxed === undefined ? Infinity : judge(at, relaxed.x).risk;
  };
  let [low, high] = [problem.riskAversion * 1e-6, problem.riskAversion * 1e6];
  if (riskAt(high) > riskMax) return undefined;
  for (let step = 0; step < HALVINGS && high / low > 1.001; step += 1) {
    const middle = sqrt(low * high);
    if (riskAt(middle) > riskMax) low = middle;
    else high = middle;
  }
  for (const level of LEVELS) {
    const outcome = bestLots(hedgeFormOf({ ...problem, riskAversion: high * level }), EFFORT);
    if (!outcome.ok) continue;
    const found = polished(form, outcome.optimum.lots, riskMax);
    if (found !== undefined) return found;
  }
  return undefined;
}

const PASSES_MAX = 30;

/** Walks one lot of one or two instruments at a time while that is cheaper and keeps the risk. */
function polished(form: HedgeForm, lots: readonly number[], riskMax: number): EqualRiskHedge | undefined {
  const { choices } = form.problem;
  const at = (counts: readonly number[]): EqualRiskHedge | undefined => {
    const small = counts.some((count, i) => count !== 0 && abs(count) < (choices[i]?.lotsMin ?? 1));
    const contracts = counts.map((count, i) => count * (choices[i]?.lot ?? 1));
    const judged = judge(form, contracts);
    const kept = !small && judged.risk <= riskMax && breaches(form.problem, contracts).length === 0;
    return kept ? { contracts, judged } : undefined;
  };
  let counts = lots;
  let best = at(counts);
  if (best === undefined) return undefined;
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    let next: readonly number[] | undefined;
    for (const neighbour of neighbours(counts)) {
      const found = at(neighbour);
      if (found !== undefined && found.judged.cost.total < best.judged.cost.total - 1e-9)
        [best, next] = [found, neighbour];
    }
    if (next === undefined) break;
    counts = next;
  }
  return best;
}

function neighbours(counts: readonly number[]): number[][] {
  const found: number[][] = [];
  const moved = (from: readonly number[], i: number, by: number): number[] =>
    from.map((count, k) => (k === i ? count + by : count));
  for (let i = 0; i < counts.length; i += 1) {
    for (const by of [1, -1, 10, -10]) {
      const one = moved(counts, i, by);
      found.push(one);
      for (let j = i + 1; j < counts.length; j += 1)
        for (const other of [1, -1, 10, -10]) found.push(moved(one, j, other));
    }
  }
  return found;
}
