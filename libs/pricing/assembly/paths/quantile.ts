// Inverse of the standard normal distribution function by Wichura's rational approximations (Applied Statistics 1988, AS 241,
// PPND16; about 1e-16 relative): several times quicker than `normInv`, whose last digits a simulation has no use for.
import { log } from '../math/logarithm';
import { pairAt } from '../math/lanes';

/** Half the width of the middle, where six draws in seven fall. */
const CENTRE: f64 = 0.425;
const CENTRE_SQUARED: f64 = 0.180625;

const C_P7: f64 = 2509.0809287301227;
const C_P6: f64 = 33430.57558358813;
const C_P5: f64 = 67265.7709270087;
const C_P4: f64 = 45921.95393154987;
const C_P3: f64 = 13731.69376550946;
const C_P2: f64 = 1971.5909503065513;
const C_P1: f64 = 133.14166789178438;
const C_P0: f64 = 3.3871328727963665;
const C_Q7: f64 = 5226.495278852854;
const C_Q6: f64 = 28729.085735721943;
const C_Q5: f64 = 39307.89580009271;
const C_Q4: f64 = 21213.794301586597;
const C_Q3: f64 = 5394.196021424751;
const C_Q2: f64 = 687.1870074920579;
const C_Q1: f64 = 42.31333070160091;

const C_P7_2: usize = memory.data<f64>([C_P7, C_P7], 16);
const C_P6_2: usize = memory.data<f64>([C_P6, C_P6], 16);
const C_P5_2: usize = memory.data<f64>([C_P5, C_P5], 16);
const C_P4_2: usize = memory.data<f64>([C_P4, C_P4], 16);
const C_P3_2: usize = memory.data<f64>([C_P3, C_P3], 16);
const C_P2_2: usize = memory.data<f64>([C_P2, C_P2], 16);
const C_P1_2: usize = memory.data<f64>([C_P1, C_P1], 16);
const C_P0_2: usize = memory.data<f64>([C_P0, C_P0], 16);
const C_Q7_2: usize = memory.data<f64>([C_Q7, C_Q7], 16);
const C_Q6_2: usize = memory.data<f64>([C_Q6, C_Q6], 16);
const C_Q5_2: usize = memory.data<f64>([C_Q5, C_Q5], 16);
const C_Q4_2: usize = memory.data<f64>([C_Q4, C_Q4], 16);
const C_Q3_2: usize = memory.data<f64>([C_Q3, C_Q3], 16);
const C_Q2_2: usize = memory.data<f64>([C_Q2, C_Q2], 16);
const C_Q1_2: usize = memory.data<f64>([C_Q1, C_Q1], 16);
const ONE_2: usize = memory.data<f64>([1.0, 1.0], 16);
const HALF_2: usize = memory.data<f64>([0.5, 0.5], 16);
const CENTRE_2: usize = memory.data<f64>([CENTRE, CENTRE], 16);
const CENTRE_SQUARED_2: usize = memory.data<f64>([CENTRE_SQUARED, CENTRE_SQUARED], 16);

/** Beyond the centre, r = √(-log p) - 1.6. */
function middle(r: f64): f64 {
  return (
    (((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r + 1.2704582524523684) * r + 3.6478483247632045) * r + 5.769497221460691) * r + 4.630337846156546) * r + 1.4234371107496835) /
    (((((((1.0507500716444169e-09 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r + 0.14810397642748008) * r + 0.6897673349851) * r + 1.6763848301838038) * r + 2.053191626637759) * r + 1.0)
  );
}

/** Beyond e^-25, r = √(-log p) - 5. */
function far(r: f64): f64 {
  return (
    (((((((2.0103343992922881e-07 * r + 2.7115555687434876e-05) * r + 0.0012426609473880784) * r + 0.026532189526576124) * r + 0.29656057182850487) * r + 1.7848265399172913) * r + 5.463784911164114) * r + 6.657904643501103) /
    (((((((2.0442631033899397e-15 * r + 1.421511758316446e-07) * r + 1.8463183175100548e-05) * r + 0.0007868691311456133) * r + 0.014875361290850615) * r + 0.1369298809227358) * r + 0.599832206555888) * r + 1.0)
  );
}

/** The quantile of a p beyond the centre, q = p - 1/2. */
function tailQuantile(p: f64, q: f64): f64 {
  const r = sqrt<f64>(-log(q < 0.0 ? p : 1.0 - p));
  const x = r <= 5.0 ? middle(r - 1.6) : far(r - 5.0);
  return q < 0.0 ? -x : x;
}

/** The quantile of one p strictly between 0 and 1. */
export function pathQuantile(p: f64): f64 {
  const q = p - 0.5;
  if (abs(q) > CENTRE) return tailQuantile(p, q);
  const both = centre2Lanes(f64x2.splat(q));
  return f64x2.extract_lane(both, 0);
}

@inline
function step(sum: v128, r: v128, constant: usize): v128 {
  return f64x2.add(f64x2.mul(sum, r), pairAt(constant));
}

@inline
function centre2Lanes(q: v128): v128 {
  const r = f64x2.sub(pairAt(CENTRE_SQUARED_2), f64x2.mul(q, q));
  let above = step(pairAt(C_P7_2), r, C_P6_2);
  let below = step(pairAt(C_Q7_2), r, C_Q6_2);
  above = step(above, r, C_P5_2);
  below = step(below, r, C_Q5_2);
  above = step(above, r, C_P4_2);
  below = step(below, r, C_Q4_2);
  above = step(above, r, C_P3_2);
  below = step(below, r, C_Q3_2);
  above = step(above, r, C_P2_2);
  below = step(below, r, C_Q2_2);
  above = step(above, r, C_P1_2);
  below = step(below, r, C_Q1_2);
  above = step(above, r, C_P0_2);
  below = step(below, r, ONE_2);
  return f64x2.div(f64x2.mul(q, above), below);
}

// Offsets of uniforms beyond the centre, and those uniforms.
const TAILS: usize = memory.data(4 * 68, 16);
const TAIL_VALUES: usize = memory.data(8 * 68, 16);

/** Replaces `count` uniforms at `at`, at most 64 and a multiple of two, by their quantiles. */
function blockOfQuantiles(at: usize, count: i32): void {
  let tails = 0;
  for (let i: usize = 0, n = <usize>count << 3; i < n; i += 16) {
    const p = v128.load(at + i);
    const q = f64x2.sub(p, pairAt(HALF_2));
    // Noted without a branch: of two pairs in seven some lane is a tail.
    const beyond = i64x2.bitmask(f64x2.gt(f64x2.abs(q), pairAt(CENTRE_2)));
    store<u32>(TAILS + (tails << 2), <u32>i);
    v128.store64_lane(TAIL_VALUES + (tails << 3), p, 0);
    tails += beyond & 1;
    store<u32>(TAILS + (tails << 2), <u32>i + 8);
    v128.store64_lane(TAIL_VALUES + (tails << 3), p, 1);
    tails += beyond >> 1;
    v128.store(at + i, centre2Lanes(q));
  }
  for (let j = 0; j < tails; j++) {
    const p = load<f64>(TAIL_VALUES + (j << 3));
    store<f64>(at + load<u32>(TAILS + (j << 2)), tailQuantile(p, p - 0.5));
  }
}

/** Replaces `count` uniforms, a multiple of two, by their quantiles. */
export function quantiles(at: usize, count: i32): void {
  for (let i = 0; i < count; i += 64) blockOfQuantiles(at + ((<usize>i) << 3), min(64, count - i));
}
