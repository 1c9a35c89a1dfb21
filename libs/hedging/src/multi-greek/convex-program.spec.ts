import fc from 'fast-check';
import { solveConvexProgram } from './convex-program';
import type { ConvexProgram } from './convex-program';

/** Every set of active constraints tried: the least feasible stationary point, slow and obviously right. */
function byEnumeration(program: ConvexProgram): number {
  const n = program.linear.length;
  const rows = [
    ...program.rows.map((row, k) => ({ row, bound: program.limits[k] ?? 0 })),
    ...program.lower.map((low, i) => ({ row: unit(n, i, -1), bound: -low })),
    ...program.upper.map((high, i) => ({ row: unit(n, i, 1), bound: high })),
  ];
  let best = Infinity;
  for (let mask = 0; mask < 1 << rows.length; mask += 1) {
    const active = rows.filter((_, k) => (mask >> k) & 1);
    if (active.length > n) continue;
    const x = stationary(program, active);
    if (x === undefined) continue;
    if (rows.some(({ row, bound }) => dot(row, x) > bound + 1e-7)) continue;
    best = Math.min(best, valueOf(program, x));
  }
  return best;
}

interface Row {
  readonly row: readonly number[];
  readonly bound: number;
}

/** Solves [Q Aᵀ; A 0][x; y] = [−c; b] by elimination; undefined when singular. */
function stationary(program: ConvexProgram, active: readonly Row[]): number[] | undefined {
  const n = program.linear.length;
  const size = n + active.length;
  const m = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size + 1 }, (__, j) => {
      if (i < n && j < n) return program.quadratic[i]?.[j] ?? 0;
      if (i < n && j < size) return active[j - n]?.row[i] ?? 0;
      if (i < n) return -(program.linear[i] ?? 0);
      if (j < n) return active[i - n]?.row[j] ?? 0;
      return j < size ? 0 : (active[i - n]?.bound ?? 0);
    }),
  );
  for (let k = 0; k < size; k += 1) {
    let pivot = k;
    for (let i = k; i < size; i += 1) if (Math.abs(m[i]?.[k] ?? 0) > Math.abs(m[pivot]?.[k] ?? 0)) pivot = i;
    if (Math.abs(m[pivot]?.[k] ?? 0) < 1e-10) return undefined;
    [m[k], m[pivot]] = [m[pivot] ?? [], m[k] ?? []];
    for (let i = 0; i < size; i += 1) {
      if (i === k) continue;
      const factor = (m[i]?.[k] ?? 0) / (m[k]?.[k] ?? 1);
      for (let j = k; j <= size; j += 1) (m[i] ?? [])[j] = (m[i]?.[j] ?? 0) - factor * (m[k]?.[j] ?? 0);
    }
  }
  return program.linear.map((_, i) => (m[i]?.[size] ?? 0) / (m[i]?.[i] ?? 1));
}

const unit = (n: number, at: number, value: number): number[] =>
  Array.from({ length: n }, (_, i) => (i === at ? value : 0));
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const valueOf = ({ quadratic, linear }: ConvexProgram, x: readonly number[]): number =>
  dot(linear, x) + 0.5 * quadratic.reduce((sum, row, i) => sum + (x[i] ?? 0) * dot(row, x), 0);

const value = fc.integer({ min: -200, max: 200 }).map((hundredths) => hundredths / 100);
const programs = fc.integer({ min: 1, max: 3 }).chain((n) =>
  fc
    .record({
      factors: fc.array(fc.array(value, { minLength: n, maxLength: n }), { minLength: n, maxLength: n }),
      linear: fc.array(value, { minLength: n, maxLength: n }),
      rows: fc.array(fc.array(value, { minLength: n, maxLength: n }), { maxLength: 2 }),
      room: fc.array(fc.double({ min: 0.05, max: 2, noNaN: true }), { minLength: 2, maxLength: 2 }),
    })
    .map(({ factors, linear, rows, room }): ConvexProgram => {
      const quadratic = factors.map((a, i) => factors.map((b, j) => dot(a, b) + (i === j ? 0.01 : 0)));
      return {
        quadratic,
        linear,
        rows,
        limits: room.slice(0, rows.length),
        lower: linear.map(() => -1),
        upper: linear.map(() => 1),
      };
    }),
);

describe('the convex solver', () => {
  it('finds what trying every set of active constraints finds', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const { converged, value: least, x } = solveConvexProgram(program);
        expect(converged).toBe(true);
        expect(least).toBeLessThanOrEqual(byEnumeration(program) + 1e-6);
        for (const [k, row] of program.rows.entries())
          expect(dot(row, x)).toBeLessThanOrEqual((program.limits[k] ?? 0) + 1e-7);
        for (const part of x) expect(Math.abs(part)).toBeLessThanOrEqual(1 + 1e-7);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('solves a program without curvature: a linear one', () => {
    const solution = solveConvexProgram({
      quadratic: [
        [0, 0],
        [0, 0],
      ],
      linear: [-1, -2],
      rows: [[1, 1]],
      limits: [1.5],
      lower: [0, 0],
      upper: [1, 1],
    });
    expect(solution.converged).toBe(true);
    expect(solution.x[0]).toBeCloseTo(0.5, 6);
    expect(solution.x[1]).toBeCloseTo(1, 6);
  });

  it('says so when no point keeps the limits', () => {
    const solution = solveConvexProgram({
      quadratic: [[1]],
      linear: [0],
      rows: [[1], [-1]],
      limits: [-1, -1],
      lower: [-5],
      upper: [5],
    });
    expect(solution.converged).toBe(false);
  });

  it('gives the same bits twice', () => {
    fc.assert(
      fc.property(programs, (program) => {
        expect(solveConvexProgram(program)).toEqual(solveConvexProgram(program));
      }),
      { seed: 11, numRuns: 20 },
    );
  });
});
