/** A complex number as a pair. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** 2c/(b + √(b² - 4ac)) for complex b and c, real a: the root of a x² - b x + c that is c/b where a is nothing. */
export function smallRoot(a: number, br: number, bi: number, cr: number, ci: number): [number, number] {
  const [dr, di] = complexSqrt(br * br - bi * bi - 4 * a * cr, 2 * br * bi - 4 * a * ci);
  // Of the two roots of the square the one on b's side: nothing cancels.
  const side = dr * br + di * bi >= 0 ? 1 : -1;
  const [nr, ni] = [br + side * dr, bi + side * di];
  const size = nr * nr + ni * ni;
  return [(2 * (cr * nr + ci * ni)) / size, (2 * (ci * nr - cr * ni)) / size];
}

function complexSqrt(x: number, y: number): [number, number] {
  const a = Math.sqrt(0.5 * (Math.sqrt(x * x + y * y) + Math.abs(x)));
  if (a === 0) return [0, 0];
  const b = (0.5 * y) / a;
  if (x >= 0) return [a, b];
  return [Math.abs(b), y < 0 ? -a : a];
}
