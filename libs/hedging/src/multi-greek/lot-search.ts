import type { HedgeForm } from './hedge-problem';
import { breaches, judge, tradeRange } from './hedge-problem';
import { irreconcilable, relax } from './relaxation';
import type { Breach } from './hedge-problem';

// Taken once: these are the hot loops.
const { abs, floor, max, min, round, trunc } = Math;

export interface LotOptimum {
  /** Whole lots of each choice. */
  readonly lots: readonly number[];
  readonly contracts: readonly number[];
  readonly score: number;
  /** No trade in lots can score less than this. */
  readonly bound: number;
  readonly nodes: number;
}

export type LotOutcome =
  | { readonly ok: true; readonly optimum: LotOptimum }
  /** The limits that cannot be met together. */
  | { readonly ok: false; readonly limits: readonly Breach[] };

export interface SearchEffort {
  /** Boxes to look into at most. */
  readonly nodesMax: number;
  /** Stop when the best trade is within this share of what the continuous optimum gains over doing nothing. */
  readonly gap: number;
}

export const DEFAULT_EFFORT: SearchEffort = { nodesMax: 60, gap: 1e-3 };

interface Box {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly bound: number;
  readonly x: readonly number[];
}

/**
 * The best trade in whole lots: branch and bound over boxes of lots with the convex relaxation as the bound, starting from
 * the neighbourhood of the continuous optimum. Orders below the smallest size and fees per order are settled by branching too,
 * so that with `gap` 0 and nodes enough the result is the optimum of the whole grid.
 */
export function bestLots(form: HedgeForm, effort: SearchEffort = DEFAULT_EFFORT): LotOutcome {
  const { choices } = form.problem;
  const ranges = choices.map(tradeRange);
  const blocked = choices.flatMap((choice, i) =>
    ranges[i] === undefined
      ? [
          {
            name: `position ${choice.instrument.id}, trade ${choice.instrument.id}`,
            limit: choice.positionMax,
            observed: choice.position,
          },
        ]
      : [],
  );
  if (blocked.length > 0) return { ok: false, limits: blocked };
  const lower = choices.map(({ lot }, i) => -floor(-(ranges[i]?.lower ?? 0) / lot + 1e-9) + 0);
  const upper = choices.map(({ lot }, i) => floor((ranges[i]?.upper ?? 0) / lot + 1e-9));
  const empty = choices.flatMap(({ instrument, positionMax, position }, i) =>
    (lower[i] ?? 0) > (upper[i] ?? 0)
      ? [{ name: `position ${instrument.id}, lot`, limit: positionMax, observed: position }]
      : [],
  );
  if (empty.length > 0) return { ok: false, limits: empty };
  const root = boxOf(form, lower, upper);
  if (root === undefined) {
    const named = irreconcilable(form, scaled(form, lower), scaled(form, upper));
    return {
      ok: false,
      limits:
        named.length > 0
          ? named
          : breaches(
              form.problem,
              choices.map(() => 0),
            ),
    };
  }
  return search(form, root, effort);
}

function search(form: HedgeForm, root: Box, effort: SearchEffort): LotOutcome {
  const nothing = form.problem.choices.map(() => 0);
  let best = incumbentFrom(form, root, nothing);
  const idle = judge(form, nothing).score;
  const tolerance = effort.gap * max(0, idle - root.bound) + 1e-9 * abs(idle);
  const open: Box[] = [root];
  let nodes = 0;
  while (open.length > 0 && nodes < effort.nodesMax) {
    const box = takeLowest(open);
    if (best !== undefined && box.bound >= best.score - tolerance) {
      open.push(box);
      break;
    }
    nodes += 1;
    const split = branchOf(form, box);
    if (split === undefined) {
      const candidate = scored(
        form,
        box.x.map((value, i) => round(value / lotOf(form, i))),
      );
      if (candidate !== undefined && (best === undefined || candidate.score < best.score)) best = candidate;
      continue;
    }
    for (const [from, to] of split.spans) {
      const lower = box.lower.map((value, i) => (i === split.index ? from : value));
      const upper = box.upper.map((value, i) => (i === split.index ? to : value));
      const child = boxOf(form, lower, upper);
      if (child === undefined) continue;
      if (best === undefined || child.bound < best.score - tolerance) open.push(child);
      if (best === undefined) best = incumbentFrom(form, child, nothing);
    }
  }
  if (best === undefined) {
    return { ok: false, limits: [{ name: 'lots', limit: 0, observed: nodes }] };
  }
  const bound = open.reduce((least, box) => min(least, box.bound), best.score);
  const { lots, score } = best;
  return { ok: true, optimum: { lots, contracts: scaled(form, lots), score, bound, nodes } };
}

/** Best first; of equals the oldest. */
function takeLowest(open: Box[]): Box {
  let at = 0;
  for (let k = 1; k < open.length; k += 1)
    if ((open[k]?.bound ?? Infinity) < (open[at]?.bound ?? Infinity)) at = k;
  const [box] = open.splice(at, 1);
  if (box === undefined) throw new RangeError('no box left');
  return box;
}

function lotOf(form: HedgeForm, i: number): number {
  return form.problem.choices[i]?.lot ?? 1;
}

function scaled(form: HedgeForm, lots: readonly number[]): number[] {
  return lots.map((count, i) => count * lotOf(form, i));
}

/** Fees per order count where the box forces a trade; elsewhere the bound leaves them out. */
function boxOf(form: HedgeForm, lower: readonly number[], upper: readonly number[]): Box | undefined {
  const relaxed = relax(form, scaled(form, lower), scaled(form, upper));
  if (relaxed === undefined) return undefined;
  let bound = relaxed.score;
  relaxed.x.forEach((contracts, i) => {
    const forced = (lower[i] ?? 0) > 0 || (upper[i] ?? 0) < 0;
    if (contracts !== 0 && !forced) bound -= form.problem.choices[i]?.cost.gas ?? 0;
  });
  return { lower, upper, bound, x: relaxed.x };
}

const WHOLE = 1e-6;

interface Split {
  readonly index: number;
  readonly spans: readonly (readonly [number, number])[];
}

/** What is undecided in a box: a trade below the smallest order or with a fee of its own, then the most fractional one. */
function branchOf(form: HedgeForm, box: Box): Split | undefined {
  let index = -1;
  let most = WHOLE;
  for (let i = 0; i < box.x.length; i += 1) {
    const choice = form.problem.choices[i];
    const [low, high] = [box.lower[i] ?? 0, box.upper[i] ?? 0];
    if (choice === undefined || low === high) continue;
    const lots = (box.x[i] ?? 0) / choice.lot;
    const least = max(1, choice.lotsMin);
    const forced = low >= least || high <= -least;
    const small = abs(lots) > WHOLE && abs(lots) < least - WHOLE;
    const fee = choice.cost.gas > 0 && abs(lots) > WHOLE;
    if (!forced && (small || fee)) {
      const spans: [number, number][] = [];
      if (low <= 0 && high >= 0) spans.push([0, 0]);
      if (low <= -least) spans.push([low, min(high, -least)]);
      if (high >= least) spans.push([max(low, least), high]);
      return { index: i, spans };
    }
    const away = abs(lots - round(lots));
    if (away > most) {
      most = away;
      index = i;
    }
  }
  if (index < 0) return undefined;
  const lots = (box.x[index] ?? 0) / lotOf(form, index);
  const below = floor(lots);
  return {
    index,
    spans: [
      [box.lower[index] ?? 0, below],
      [below + 1, box.upper[index] ?? 0],
    ],
  };
}

interface Scored {
  readonly lots: readonly number[];
  readonly score: number;
}

function scored(form: HedgeForm, lots: readonly number[]): Scored | undefined {
  const { choices } = form.problem;
  for (let i = 0; i < lots.length; i += 1) {
    const size = abs(lots[i] ?? 0);
    if (size > 0 && size < (choices[i]?.lotsMin ?? 1)) return undefined;
  }
  const contracts = scaled(form, lots);
  if (breaches(form.problem, contracts).length > 0) return undefined;
  return { lots: lots.map((count) => count + 0), score: judge(form, contracts).score };
}

const PASSES_MAX = 40;

/** Rounds the relaxation and walks to the best neighbour, one lot of one or two instruments at a time. */
function incumbentFrom(form: HedgeForm, box: Box, nothing: readonly number[]): Scored | undefined {
  const near = box.x.map((value, i) => value / lotOf(form, i));
  const least = form.problem.choices.map(({ lotsMin }) => max(1, lotsMin));
  const whole = near.map((lots, i) => (abs(lots) < (least[i] ?? 1) / 2 ? 0 : round(lots)));
  const starts = [whole, near.map(trunc), nothing].map((lots) =>
    scored(
      form,
      lots.map((count, i) => (abs(count) < (least[i] ?? 1) ? 0 : count) + 0),
    ),
  );
  let best: Scored | undefined;
  for (const start of starts)
    if (start !== undefined && (best === undefined || start.score < best.score)) best = start;
  if (best === undefined) return undefined;
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const better = bestNeighbour(form, best, least);
    if (better === undefined) break;
    best = better;
  }
  return best;
}

function bestNeighbour(form: HedgeForm, from: Scored, least: readonly number[]): Scored | undefined {
  let best: Scored | undefined;
  const consider = (lots: readonly number[]): void => {
    const next = scored(form, lots);
    const beaten = best?.score ?? from.score;
    if (next !== undefined && next.score < beaten - 1e-12 * abs(beaten)) best = next;
  };
  const n = from.lots.length;
  const step = (i: number, by: number): number => {
    const now = from.lots[i] ?? 0;
    const small = least[i] ?? 1;
    if (now === 0) return by * small;
    return abs(now + by) < small ? 0 : now + by;
  };
  for (let i = 0; i < n; i += 1) {
    for (const by of [1, -1]) {
      const one = [...from.lots];
      one[i] = step(i, by);
      consider(one);
      for (let j = i + 1; j < n; j += 1) {
        for (const other of [1, -1]) {
          const two = [...one];
          two[j] = step(j, other);
          consider(two);
        }
      }
    }
  }
  return best;
}
