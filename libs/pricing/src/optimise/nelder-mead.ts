/** Where the search stopped. `converged` is false when the evaluation budget ran out first. */
export interface SimplexResult {
  readonly point: readonly number[];
  readonly value: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

export interface SimplexOptions {
  /** Edge of the first simplex along each coordinate, in the coordinate's own unit. */
  readonly steps: readonly number[];
  /** The search ends when the simplex' values span less than this, relative to the best one (default 1e-12). */
  readonly relativeTolerance?: number;
  /** And when its corners lie within this of the best, per coordinate and relative to the first step (default 1e-7). */
  readonly sizeTolerance?: number;
  readonly evaluationsMax?: number;
}

interface Vertex {
  readonly point: number[];
  readonly value: number;
}

/**
 * Nelder–Mead minimisation (Lagarias et al. 1998 coefficients): no derivatives, no randomness, ties kept in order, so the
 * same start gives the same bytes. NaN counts as +∞, which lets an objective refuse a point.
 */
export function minimiseSimplex(
  objective: (point: readonly number[]) => number,
  start: readonly number[],
  options: SimplexOptions,
): SimplexResult {
  const evaluationsMax = options.evaluationsMax ?? 400 * start.length;
  const relativeTolerance = options.relativeTolerance ?? 1e-12;
  const sizeTolerance = options.sizeTolerance ?? 1e-7;
  let evaluations = 0;
  const at = (point: number[]): Vertex => {
    evaluations++;
    const value = objective(point);
    return { point, value: Number.isNaN(value) ? Infinity : value };
  };
  let simplex = [
    at([...start]),
    ...start.map((_, axis) => at(start.map((x, i) => (i === axis ? x + step(axis) : x)))),
  ];
  function step(axis: number): number {
    return options.steps[axis] ?? 0.1;
  }
  let converged = false;
  while (evaluations < evaluationsMax) {
    simplex = sorted(simplex);
    const best = simplex[0] as Vertex; // a simplex has n + 1 ≥ 2 corners
    const worst = simplex[simplex.length - 1] as Vertex;
    const flat = worst.value - best.value <= relativeTolerance * Math.abs(best.value) + 1e-300;
    const small = simplex.every((vertex) =>
      vertex.point.every(
        (x, i) => Math.abs(x - (best.point[i] as number)) <= sizeTolerance * Math.abs(step(i)),
      ),
    );
    if (small || (flat && worst.value < Infinity && evaluations > 4 * start.length)) {
      converged = true;
      break;
    }
    simplex = nextSimplex(simplex, at);
  }
  const best = sorted(simplex)[0] as Vertex;
  return { point: best.point, value: best.value, evaluations, converged };
}

function nextSimplex(simplex: readonly Vertex[], at: (point: number[]) => Vertex): Vertex[] {
  const best = simplex[0] as Vertex;
  const worst = simplex[simplex.length - 1] as Vertex;
  const secondWorst = simplex[simplex.length - 2] as Vertex;
  const kept = simplex.slice(0, -1);
  const centre = best.point.map(
    (_, i) => kept.reduce((sum, vertex) => sum + (vertex.point[i] as number), 0) / kept.length,
  );
  const along = (t: number): number[] => centre.map((c, i) => c + t * (c - (worst.point[i] as number)));
  const reflected = at(along(1));
  if (reflected.value < best.value) {
    const expanded = at(along(2));
    return [...kept, expanded.value < reflected.value ? expanded : reflected];
  }
  if (reflected.value < secondWorst.value) return [...kept, reflected];
  const contracted = reflected.value < worst.value ? at(along(0.5)) : at(along(-0.5));
  if (contracted.value < Math.min(reflected.value, worst.value)) return [...kept, contracted];
  return simplex.map((vertex, index) =>
    index === 0
      ? vertex
      : at(vertex.point.map((x, i) => (best.point[i] as number) + 0.5 * (x - (best.point[i] as number)))),
  );
}

function sorted(simplex: readonly Vertex[]): Vertex[] {
  return [...simplex].sort((left, right) => (left.value === right.value ? 0 : left.value - right.value));
}
