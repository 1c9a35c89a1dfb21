import { math } from '../math';

/** Weights of three neighbouring nodes at every inner node of a non-uniform axis; zero on both edges. */
export interface Stencil {
  readonly down: Float64Array;
  readonly centre: Float64Array;
  readonly up: Float64Array;
}

/** Three-point second derivative. */
export function secondDerivative(axis: Float64Array): Stencil {
  return stencil(axis, (below, above) => [
    2 / (below * (below + above)),
    -2 / (below * above),
    2 / (above * (below + above)),
  ]);
}

/** Three-point first derivative, of second order. */
export function firstDerivative(axis: Float64Array): Stencil {
  return stencil(axis, (below, above) => [
    -above / (below * (below + above)),
    (above - below) / (below * above),
    below / (above * (below + above)),
  ]);
}

/** Nodes from `start` to `end`, `start + …` spaced by sinh so that they crowd around `centre` at the scale `width`. */
export function sinhAxis(
  start: number,
  end: number,
  centre: number,
  width: number,
  count: number,
): Float64Array {
  const low = asinh((start - centre) / width);
  const high = asinh((end - centre) / width);
  const axis = Float64Array.from(
    { length: count },
    (_, i) => centre + width * math.sinh(low + ((high - low) * i) / (count - 1)),
  );
  axis[0] = start;
  return axis;
}

/** Lagrange cubic through the four nodes around `x`. */
export function cubicAt(axis: Float64Array, values: Float64Array, x: number): number {
  let first = 0;
  while (first < axis.length - 4 && (axis[first + 2] as number) <= x) first++;
  let sum = 0;
  for (let i = first; i < first + 4; i++) {
    let weight = 1;
    for (let j = first; j < first + 4; j++) {
      if (j !== i) weight *= (x - (axis[j] as number)) / ((axis[i] as number) - (axis[j] as number));
    }
    sum += weight * (values[i] as number);
  }
  return sum;
}

function stencil(
  axis: Float64Array,
  weights: (below: number, above: number) => readonly [number, number, number],
): Stencil {
  const down = new Float64Array(axis.length);
  const centre = new Float64Array(axis.length);
  const up = new Float64Array(axis.length);
  for (let i = 1; i < axis.length - 1; i++) {
    const here = axis[i] as number; // in range, as are its neighbours
    const [d, c, u] = weights(here - (axis[i - 1] as number), (axis[i + 1] as number) - here);
    down[i] = d;
    centre[i] = c;
    up[i] = u;
  }
  return { down, centre, up };
}

function asinh(x: number): number {
  const size = Math.abs(x);
  return Math.sign(x) * math.log1p(size + (size * size) / (1 + Math.sqrt(1 + size * size)));
}
