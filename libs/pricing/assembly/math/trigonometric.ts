// Sine, cosine and arc tangent of the kernel's own. Reduction by a three-part π/2 (33 bits each), exact in its leading
// products for |x| < 1.6e6, then near-minimax polynomials fitted in 60 digits. Larger arguments stay finite but lose digits.

const PIO2_1: f64 = 1.5707963267341256;
const PIO2_2: f64 = 6.077100506303966e-11;
const PIO2_3: f64 = 2.0222662487959506e-21;
export const PI: f64 = 3.141592653589793;
const PI_LOW: f64 = 1.2246467991473532e-16;

let reduced: f64 = 0;
let reducedLow: f64 = 0;

/** Quadrant of x, with the remainder left in `reduced` + `reducedLow`. */
function reduce(x: f64): i64 {
  const n = nearest<f64>(x * 0.6366197723675814);
  const a = x - n * PIO2_1;
  const w = n * PIO2_2;
  const b = a - w;
  const low = a - b - w - n * PIO2_3;
  reduced = b + low;
  reducedLow = low - (reduced - b);
  return <i64>n;
}

@inline
function sinCore(r: f64, low: f64): f64 {
  const z = r * r;
  const p =
    -0.16666666666666666 +
    z *
      (0.008333333333333331 +
        z *
          (-0.00019841269841264968 +
            z *
              (2.755731921926441e-6 +
                z * (-2.5052106206531682e-8 + z * (1.605852751943773e-10 + z * -7.586455940017973e-13)))));
  return r + (r * z * p + low * (1.0 - 0.5 * z));
}

@inline
function cosCore(r: f64, low: f64): f64 {
  const z = r * r;
  const p =
    0.041666666666666664 +
    z *
      (-0.0013888888888888887 +
        z * (2.4801587301584594e-5 + z * (-2.755731922136126e-7 + z * (2.0876755776671767e-9 + z * (-1.1470458608341428e-11 + z * 4.745737811425911e-14)))));
  const half = 0.5 * z;
  const head = 1.0 - half;
  return head + (1.0 - head - half + (z * z * p - r * low));
}

/** Sine of x radians. NaN for infinite x. */
export function sin(x: f64): f64 {
  if (!(abs(x) < Infinity)) return NaN;
  const quadrant = reduce(x) & 3;
  const value = (quadrant & 1) == 0 ? sinCore(reduced, reducedLow) : cosCore(reduced, reducedLow);
  return quadrant > 1 ? -value : value;
}

/** Cosine of x radians. NaN for infinite x. */
export function cos(x: f64): f64 {
  if (!(abs(x) < Infinity)) return NaN;
  const quadrant = reduce(x) & 3;
  const value = (quadrant & 1) == 0 ? cosCore(reduced, reducedLow) : sinCore(reduced, reducedLow);
  return quadrant == 1 || quadrant == 2 ? -value : value;
}

export function tan(x: f64): f64 {
  return sin(x) / cos(x);
}

/** Arc tangent in (-π/2, π/2). */
export function atan(x: f64): f64 {
  if (x != x) return x;
  const a = abs(x);
  let base: f64 = 0.0;
  let baseLow: f64 = 0.0;
  let r = a;
  if (a > 2.414213562373095) {
    base = 1.5707963267948966;
    baseLow = 6.123233995736766e-17;
    r = -1.0 / a;
  } else if (a > 0.41421356237309503) {
    base = 0.7853981633974483;
    baseLow = 3.061616997868383e-17;
    r = (a - 1.0) / (a + 1.0);
  }
  const z = r * r;
  const w = z * z;
  const even =
    -0.3333333333333333 +
    w * (-0.14285714285659604 + w * (-0.09090908752412959 + w * (-0.06666424321026253 + w * (-0.0523040647016232 + w * -0.03456495684189155))));
  const odd =
    0.19999999999999804 +
    w * (0.1111111110513358 + w * (0.07692296343583897 + w * (0.058789225062371914 + w * (0.04551375225747564 + w * 0.016279546458951567))));
  const value = base + (r + (r * z * (even + z * odd) + baseLow));
  return x < 0.0 ? -value : value;
}

/** Angle of the point (x, y) in (-π, π]. */
export function atan2(y: f64, x: f64): f64 {
  if (x != x || y != y) return NaN;
  if (x == 0.0) {
    if (y == 0.0) return 0.0;
    return y > 0.0 ? 1.5707963267948966 : -1.5707963267948966;
  }
  if (abs(x) == Infinity && abs(y) == Infinity) {
    const angle = x > 0.0 ? 0.7853981633974483 : 2.356194490192345;
    return y > 0.0 ? angle : -angle;
  }
  const angle = atan(abs(y / x));
  const positive = x > 0.0 ? angle : PI - (angle - PI_LOW);
  return y < 0.0 ? -positive : positive;
}
