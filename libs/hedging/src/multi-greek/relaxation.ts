import { solveConvexProgram } from './convex-program';
import type { ConvexProgram } from './convex-program';
import type { Breach, HedgeForm } from './hedge-problem';
import { greekAt, judge, marginAt, readLimits } from './hedge-problem';

// Taken once: these are the hot loops.
const { abs, max, min, sqrt } = Math;

/** A part of an instrument's trade over which cost and capital are linear. */
interface Segment {
  readonly choice: number;
  readonly sign: 1 | -1;
  /** Contracts. */
  readonly width: number;
  /** Numeraire per contract: fee, spread, signed carry, cost of capital. */
  readonly slope: number;
  readonly capital: number;
}

export interface Relaxed {
  /** Contracts, not yet lots. */
  readonly x: readonly number[];
  /** Score of x by the true cost: the least that any trade inside the box can score. */
  readonly score: number;
}

const IMPACT_ROUNDS = 12;
const IMPACT_SETTLED = 1e-7;

/**
 * The best trade in contracts between `lower` and `upper`, lots aside. L1 costs by splitting buys from sells; margin by
 * splitting at flat; the square-root impact |x|^1.5 by tangents in x² (it is concave there, so that each round can only improve).
 * Undefined when no trade in the box keeps the limits.
 */
export function relax(
  form: HedgeForm,
  lower: readonly number[],
  upper: readonly number[],
): Relaxed | undefined {
  const fixed = lower.map((low, i) => (low === upper[i] ? low : 0));
  const segments = segmentsOf(form, lower, upper);
  if (segments.length === 0) {
    const x = [...fixed];
    return { x, score: judge(form, x).score };
  }
  let tangent: readonly number[] | undefined;
  const rough = form.problem.choices.some(({ cost }) => cost.impactSquareRoot > 0);
  let best: Relaxed | undefined;
  for (let round = 0; round < (rough ? IMPACT_ROUNDS : 1); round += 1) {
    const x = solveOnce(form, segments, fixed, lower, tangent);
    if (x === undefined) return best;
    const score = judge(form, x).score;
    const settled = best !== undefined && best.score - score <= IMPACT_SETTLED * abs(best.score);
    if (best === undefined || score < best.score) best = { x, score };
    if (settled) break;
    tangent = x;
  }
  return best;
}

function segmentsOf(form: HedgeForm, lower: readonly number[], upper: readonly number[]): Segment[] {
  return form.problem.choices.flatMap((choice, i) => {
    const [low, high] = [lower[i] ?? 0, upper[i] ?? 0];
    if (low === high) return [];
    const { cost, position } = choice;
    const way = cost.fee + cost.spread;
    const points = [low, 0, -position, high].filter((point) => point >= low && point <= high);
    const cuts = [...new Set(points)].sort((a, b) => a - b);
    const pieces: Segment[] = [];
    for (let k = 0; k + 1 < cuts.length; k += 1) {
      const [from, to] = [cuts[k] ?? 0, cuts[k + 1] ?? 0];
      const middle = (from + to) / 2;
      const sign = middle >= 0 ? 1 : -1;
      const long = position + middle >= 0;
      const capital = sign * (long ? cost.capitalLong : -cost.capitalShort);
      pieces.push({
        choice: i,
        sign,
        width: to - from,
        slope: way + sign * cost.carry + cost.capitalCost * capital,
        capital,
      });
    }
    return pieces;
  });
}

/** Where the segments start from: the trade nearest to nothing that the box allows. */
function baseOf(lower: readonly number[], fixed: readonly number[], segments: readonly Segment[]): number[] {
  const moving = new Set(segments.map(({ choice }) => choice));
  return lower.map((low, i) => {
    if (!moving.has(i)) return fixed[i] ?? 0;
    const span = segments.filter(({ choice }) => choice === i);
    const buys = span.some(({ sign }) => sign === 1);
    const sells = span.some(({ sign }) => sign === -1);
    if (buys && sells) return 0;
    return buys ? low : low + span.reduce((sum, { width }) => sum + width, 0);
  });
}

interface Scaled {
  readonly program: ConvexProgram;
  readonly units: readonly number[];
}

function solveOnce(
  form: HedgeForm,
  segments: readonly Segment[],
  fixed: readonly number[],
  lower: readonly number[],
  tangent: readonly number[] | undefined,
): number[] | undefined {
  const base = baseOf(lower, fixed, segments);
  const { program, units } = scaledProgram(form, segments, base, tangent);
  const solution = solveConvexProgram(program);
  if (!solution.converged) return undefined;
  const x = [...base];
  segments.forEach(({ choice, sign, width }, k) => {
    const moved = min(width, max(0, (solution.x[k] ?? 0) * (units[k] ?? 1)));
    x[choice] = (x[choice] ?? 0) + sign * moved;
  });
  return x;
}

function scaledProgram(
  form: HedgeForm,
  segments: readonly Segment[],
  base: readonly number[],
  tangent: readonly number[] | undefined,
): Scaled {
  const { problem } = form;
  const quadratic = form.quadratic.map((row, i) =>
    row.map((value, j) => value + (i === j ? curvatureOfImpact(form, i, tangent) : 0)),
  );
  const sizes = segments.map(({ choice }) => quadratic[choice]?.[choice] ?? 0);
  const objective = max(problem.riskAversion * form.variance, 1e-9);
  // One unit of a variable changes the objective by about its size; bounded by the segment itself.
  const units = segments.map(({ width }, k) => {
    const curved = (sizes[k] ?? 0) > 0 ? sqrt(objective / (sizes[k] ?? 1)) : Infinity;
    return min(curved, width);
  });
  const rows: number[][] = [];
  const limits: number[] = [];
  for (const limit of problem.greekLimits) {
    const row = segments.map(
      ({ choice, sign }, k) => sign * (limit.perContract[choice] ?? 0) * (units[k] ?? 1),
    );
    const now = greekAt(limit, base);
    rows.push(
      row,
      row.map((value) => -value),
    );
    const room = wide(limit.limit);
    limits.push(room - now, room + now);
  }
  if (Number.isFinite(problem.marginMax)) {
    rows.push(segments.map(({ capital }, k) => capital * (units[k] ?? 1)));
    limits.push(wide(problem.marginMax) - marginAt(problem, base));
  }
  const gradient = form.linear.map(
    (value, i) => value + (quadratic[i] ?? []).reduce((sum, q, j) => sum + q * (base[j] ?? 0), 0),
  );
  return {
    units,
    program: {
      quadratic: segments.map((a, k) =>
        segments.map(
          (b, l) =>
            (a.sign * b.sign * (quadratic[a.choice]?.[b.choice] ?? 0) * (units[k] ?? 1) * (units[l] ?? 1)) /
            objective,
        ),
      ),
      linear: segments.map(
        ({ choice, sign, slope }, k) =>
          ((sign * (gradient[choice] ?? 0) + slope) * (units[k] ?? 1)) / objective,
      ),
      rows,
      limits,
      lower: segments.map(() => 0),
      upper: segments.map(({ width }, k) => width / (units[k] ?? 1)),
    },
  };
}

/** A box may leave a single point of the limit's inside: the bound is let out a little; lots are held to the limit itself. */
function wide(limit: number): number {
  return limit * (1 + 1e-6) + 1e-9;
}

/** Second derivative of the quadratic that touches s|x|^1.5 at the tangent point, below a lot at a lot. */
function curvatureOfImpact(form: HedgeForm, i: number, tangent: readonly number[] | undefined): number {
  const choice = form.problem.choices[i];
  if (choice === undefined || choice.cost.impactSquareRoot === 0 || tangent === undefined) return 0;
  const at = max(abs(tangent[i] ?? 0), choice.lot);
  return (1.5 * choice.cost.impactSquareRoot) / sqrt(at);
}

/**
 * Which limits stand in each other's way: the trade that oversteps them least (in squares of each one's share), and those
 * that it still oversteps. Empty when all can be met at once.
 */
export function irreconcilable(
  form: HedgeForm,
  lower: readonly number[],
  upper: readonly number[],
): Breach[] {
  const { problem } = form;
  const { choices, greekLimits } = problem;
  const units = choices.map((_, i) => max(abs(lower[i] ?? 0), abs(upper[i] ?? 0), 1e-12));
  const n = choices.length;
  const hasMargin = Number.isFinite(problem.marginMax);
  const slacks = greekLimits.length + (hasMargin ? 1 : 0);
  // Long and short positions as variables of their own, so that capital is linear: position + x = long − short.
  const size = 3 * n + slacks;
  const blank = (): number[] => new Array<number>(size).fill(0);
  const rows: number[][] = [];
  const limits: number[] = [];
  const two = (row: number[], bound: number, other: number): void => {
    rows.push(
      row,
      row.map((value, k) => (k >= 3 * n ? value : -value)),
    );
    limits.push(bound, other);
  };
  greekLimits.forEach((limit, k) => {
    const row = blank();
    const share = max(limit.limit, 1e-9);
    choices.forEach((_, i) => (row[i] = ((limit.perContract[i] ?? 0) * (units[i] ?? 1)) / share));
    row[3 * n + k] = -1;
    two(row, (limit.limit - limit.current) / share, (limit.limit + limit.current) / share);
  });
  if (hasMargin) {
    const row = blank();
    choices.forEach(({ cost }, i) => {
      row[n + i] = (cost.capitalLong * (units[i] ?? 1)) / problem.marginMax;
      row[2 * n + i] = (cost.capitalShort * (units[i] ?? 1)) / problem.marginMax;
    });
    row[size - 1] = -1;
    rows.push(row);
    limits.push((problem.marginMax - problem.marginOther) / problem.marginMax);
    choices.forEach(({ position }, i) => {
      const link = blank();
      link[i] = 1;
      link[n + i] = -1;
      link[2 * n + i] = 1;
      const held = position / (units[i] ?? 1);
      two(link, -held + 1e-9, held + 1e-9);
    });
  }
  const solution = solveConvexProgram({
    quadratic: blank().map((_, i) => blank().map((__, j) => (i === j ? (i >= 3 * n ? 2 : 1e-9) : 0))),
    linear: blank().map((_, i) => (i >= 3 * n ? 1e-3 : 0)),
    rows,
    limits,
    lower: blank().map((_, i) => (i < n ? (lower[i] ?? 0) / (units[i] ?? 1) : 0)),
    upper: blank().map((_, i) => (i < n ? (upper[i] ?? 0) / (units[i] ?? 1) : Infinity)),
  });
  const x = choices.map((_, i) => (solution.x[i] ?? 0) * (units[i] ?? 1));
  // What the continuous solver leaves, not what whole lots may.
  return readLimits(problem, x, 1e-5).flatMap(({ held, ...reading }) => (held ? [] : [reading]));
}
