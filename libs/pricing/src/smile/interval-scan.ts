/** A stretch of log-moneyness where a function is negative, and the deepest point in it. */
export interface NegativeInterval {
  /** -Infinity or Infinity where the function stays negative to the end of the line. */
  readonly from: number;
  readonly to: number;
  readonly worstAt: number;
  readonly worst: number;
}

/** Points of the line that no feature of the slices can hide between: `centre + width · sinh(u)`, u even. */
export interface ScanGrid {
  readonly centre: number;
  readonly width: number;
}

const HALF_COUNT = 160;
const REACH = 12; // e^12/2 ≈ 81,000 widths to either side

/**
 * Where `f < -tolerance`, on the union of the grids; each dip between grid points is sought by golden section around
 * every local minimum, and the ends of each interval are bisected to 1e-12 relative. `sinh` is the kernel's.
 */
export function negativeIntervals(
  f: (k: number) => number,
  grids: readonly ScanGrid[],
  sinh: (u: number) => number,
  tolerance: number,
): NegativeInterval[] {
  const points = scanPoints(grids, sinh);
  const values = points.map(f);
  const found: NegativeInterval[] = [];
  const last = points.length - 1;
  for (let i = 0; i <= last; i++) {
    const here = values[i] as number; // i and its neighbours below are in range throughout
    if (here < -tolerance) {
      let end = i;
      while (end < last && (values[end + 1] as number) < -tolerance) end++;
      const from = i === 0 ? -Infinity : crossing(f, points[i - 1] as number, points[i] as number, tolerance);
      const to =
        end === last ? Infinity : crossing(f, points[end + 1] as number, points[end] as number, tolerance);
      let deepest = i;
      for (let j = i; j <= end; j++) if ((values[j] as number) < (values[deepest] as number)) deepest = j;
      const lowest = goldenMinimum(
        f,
        points[Math.max(deepest - 1, 0)] as number,
        points[Math.min(deepest + 1, last)] as number,
      );
      found.push({ from, to, worstAt: lowest.at, worst: lowest.value });
      i = end;
    } else if (i > 0 && i < last && here <= (values[i - 1] as number) && here <= (values[i + 1] as number)) {
      const lowest = goldenMinimum(f, points[i - 1] as number, points[i + 1] as number);
      if (lowest.value < -tolerance) {
        found.push({
          from: crossing(f, points[i - 1] as number, lowest.at, tolerance),
          to: crossing(f, points[i + 1] as number, lowest.at, tolerance),
          worstAt: lowest.at,
          worst: lowest.value,
        });
      }
    }
  }
  return found;
}

function scanPoints(grids: readonly ScanGrid[], sinh: (u: number) => number): number[] {
  const points: number[] = [0];
  for (const grid of grids) {
    for (let i = -HALF_COUNT; i <= HALF_COUNT; i++)
      points.push(grid.centre + grid.width * sinh((REACH * i) / HALF_COUNT));
  }
  points.sort((left, right) => left - right);
  return points.filter((point, index) => index === 0 || point > (points[index - 1] as number));
}

/** The point between a good `outside` and a bad `inside` where f crosses -tolerance. */
function crossing(f: (k: number) => number, outside: number, inside: number, tolerance: number): number {
  let good = outside;
  let bad = inside;
  for (let i = 0; i < 100; i++) {
    const middle = (good + bad) / 2;
    if (middle === good || middle === bad) break;
    if (f(middle) < -tolerance) bad = middle;
    else good = middle;
  }
  return bad;
}

const GOLDEN = 0.6180339887498949;

function goldenMinimum(f: (k: number) => number, low: number, high: number): { at: number; value: number } {
  let a = low;
  let b = high;
  let left = b - GOLDEN * (b - a);
  let right = a + GOLDEN * (b - a);
  let atLeft = f(left);
  let atRight = f(right);
  for (let i = 0; i < 60 && b - a > 1e-13 * (1 + Math.abs(a)); i++) {
    if (atLeft <= atRight) {
      b = right;
      right = left;
      atRight = atLeft;
      left = b - GOLDEN * (b - a);
      atLeft = f(left);
    } else {
      a = left;
      left = right;
      atLeft = atRight;
      right = a + GOLDEN * (b - a);
      atRight = f(right);
    }
  }
  return atLeft <= atRight ? { at: left, value: atLeft } : { at: right, value: atRight };
}
