// European options under Heston's stochastic volatility (1993). One integral along the contour half way between call and put
// (Lewis 2001), leaning where that damps oscillation (Andersen & Lake 2018): it has no pole, and its integrand in the "little trap" form (Albrecher et al. 2007) has no branch to jump.
// All Greeks in spot, expiry, rates, strike and initial variance are integrals of the same exponential with a factor.
import { exp } from '../math/exponential';
import { log, log1p } from '../math/logarithm';
import { atan2, cos, sin } from '../math/trigonometric';
import { legendreNode, legendreWeight } from './legendre';
import { writeGreek, writeVanillaPayoff } from './greeks-output';

const OUTPUTS: i32 = 15;
const sums: usize = memory.data(15 * 8);
/** Sums of absolute values: what rounding is relative to. */
const sizes: usize = memory.data(15 * 8);
const panelSums: usize = memory.data(15 * 8);
const halfSums: usize = memory.data(15 * 8);
/** No more panels than this, about thirty milliseconds; reached only where variance is all but nothing and its volatility is huge. */
const MAX_PANELS: i32 = 2000;

let t: f64 = 0;
let r: f64 = 0;
let q: f64 = 0;
let v0: f64 = 0;
let kappa: f64 = 0;
let theta: f64 = 0;
let sigma: f64 = 0;
let rho: f64 = 0;
let logForward: f64 = 0;
let logStrike: f64 = 0;
/** Slope of the contour: leaning it to the side where e^{iu ln(F/K)} decays turns oscillation into decay. */
let tilt: f64 = 0;

/** dD/dt of the last integrand. */
let slopeRe: f64 = 0;
let slopeIm: f64 = 0;
const TILT: f64 = 0.35;
/** Of a panel against its halves; the halves, which are kept, are better by many orders. */
const TOLERANCE: f64 = 1e-12;

// Results of complex helpers.
let re: f64 = 0;
let im: f64 = 0;

function complexSqrt(x: f64, y: f64): void {
  const size = sqrt(x * x + y * y);
  const a = sqrt(0.5 * (size + abs(x)));
  if (a == 0.0) {
    re = 0.0;
    im = 0.0;
    return;
  }
  const b = (0.5 * y) / a;
  if (x >= 0.0) {
    re = a;
    im = b;
  } else {
    re = abs(b);
    im = y < 0.0 ? -a : a;
  }
}

function complexDivide(a: f64, b: f64, c: f64, d: f64): void {
  const scale = 1.0 / (c * c + d * d);
  re = (a * c + b * d) * scale;
  im = (b * c - a * d) * scale;
}

/** e^{-z} with z = d t, and E = (1 - e^{-z})/d, by series near zero. */
let decayRe: f64 = 0;
let decayIm: f64 = 0;

function decayRatio(dr: f64, di: f64): void {
  const zr = dr * t;
  const zi = di * t;
  if (zr * zr + zi * zi < 1e-4) {
    // t (1 - z/2 + z^2/6 - z^3/24 + z^4/120).
    let ar = 1.0 / 120.0;
    let ai = 0.0;
    for (let n = 4; n >= 1; n--) {
      const c = n == 4 ? -1.0 / 24.0 : n == 3 ? 1.0 / 6.0 : n == 2 ? -0.5 : 1.0;
      const x = ar * zr - ai * zi + c;
      ai = ar * zi + ai * zr;
      ar = x;
    }
    re = ar * t;
    im = ai * t;
    decayRe = 1.0 - (dr * re - di * im);
    decayIm = -(dr * im + di * re);
    return;
  }
  const e = exp(-zr);
  decayRe = e * cos(zi);
  decayIm = -e * sin(zi);
  complexDivide(1.0 - decayRe, -decayIm, dr, di);
}

/** -(ln(1 - s y))/s for s >= 0, which is y where s is nothing. */
function logOver(s: f64, yr: f64, yi: f64): void {
  const zr = -s * yr;
  const zi = -s * yi;
  if (zr * zr + zi * zi < 1e-8) {
    // ln(1+z)/z = 1 - z/2 + z^2/3.
    const ar = 1.0 - 0.5 * zr + (zr * zr - zi * zi) / 3.0;
    const ai = -0.5 * zi + (2.0 * zr * zi) / 3.0;
    re = yr * ar - yi * ai;
    im = yr * ai + yi * ar;
    return;
  }
  re = (-0.5 * log1p(zr * (2.0 + zr) + zi * zi)) / s;
  im = -atan2(zi, 1.0 + zr) / s;
}

/**
 * Adds the integrands at distance x along the contour u = x (1 + i tilt), times `weight`, to the sums at `target`. With
 * p = 1/2 + iu the common factor is exp(C + D v0 + p ln F + (1 - p) ln K - rT)/(p (1 - p)).
 */
function addIntegrand(x: f64, weight: f64, target: usize): void {
  const pr = 0.5 - tilt * x;
  const pi = x;
  const mr = pr * (1.0 - pr) + pi * pi;
  const mi = pi * (1.0 - 2.0 * pr);
  const br = kappa - rho * sigma * pr;
  const bi = -rho * sigma * pi;
  const s2 = sigma * sigma;
  complexSqrt(br * br - bi * bi + s2 * mr, 2.0 * br * bi + s2 * mi);
  const dr = re;
  const di = im;
  decayRatio(dr, di);
  const er = re;
  const ei = im;
  // D = -m E/(1 + e^{-dt} + beta E).
  const fr = 1.0 + decayRe + (br * er - bi * ei);
  const fi = decayIm + (br * ei + bi * er);
  const nr = mr * er - mi * ei;
  const ni = mr * ei + mi * er;
  complexDivide(-nr, -ni, fr, fi);
  const Dr = re;
  const Di = im;
  // dD/dt = -2 m e^{-dt}/(1 + e^{-dt} + beta E)^2; the Riccati equation says the same, but by cancellation.
  complexDivide(2.0 * decayRe, 2.0 * decayIm, fr, fi);
  complexDivide(re, im, fr, fi);
  slopeRe = mi * im - mr * re;
  slopeIm = -(mr * im + mi * re);
  // C = kappa theta (-g t + 2 ln(..)/sigma^2 in stable form), g = m/(beta + d).
  let Cr = 0.0;
  let Ci = 0.0;
  if (kappa * theta > 0.0) {
    complexDivide(mr, mi, br + dr, bi + di);
    const gr = re;
    const gi = im;
    logOver(s2, 0.5 * (gr * er - gi * ei), 0.5 * (gr * ei + gi * er));
    Cr = kappa * theta * (2.0 * re - gr * t);
    Ci = kappa * theta * (2.0 * im - gi * t);
  }
  const size = weight * exp(Cr + Dr * v0 + pr * logForward + (1.0 - pr) * logStrike - r * t);
  const phase = Ci + Di * v0 + pi * (logForward - logStrike);
  const xr0 = size * cos(phase);
  const xi0 = size * sin(phase);
  complexDivide(xr0 - tilt * xi0, xi0 + tilt * xr0, mr, mi);
  addGreekIntegrands(re, im, pr, pi, Dr, Di, target);
}

/** The integrands of all outputs: the common factor X times powers of p, D and the exponent's derivative in time. */
function addGreekIntegrands(xr: f64, xi: f64, pr: f64, pi: f64, Dr: f64, Di: f64, target: usize): void {
  // C' = kappa theta D.
  const dDr = slopeRe;
  const dDi = slopeIm;
  const Tr = -r + pr * (r - q) + kappa * theta * Dr + v0 * dDr;
  const Ti = pi * (r - q) + kappa * theta * Di + v0 * dDi;
  const pxr = pr * xr - pi * xi;
  const pxi = pr * xi + pi * xr;
  const ppxr = pr * pxr - pi * pxi;
  const ppxi = pr * pxi + pi * pxr;
  const Dxr = Dr * xr - Di * xi;
  const Dxi = Dr * xi + Di * xr;
  const DDxr = Dr * Dxr - Di * Dxi;
  const DDxi = Dr * Dxi + Di * Dxr;
  const pDxr = pr * Dxr - pi * Dxi;
  const pDxi = pr * Dxi + pi * Dxr;
  add(target, 0, xr);
  add(target, 1, pxr);
  add(target, 2, ppxr);
  add(target, 3, pr * ppxr - pi * ppxi);
  add(target, 4, Tr * xr - Ti * xi);
  add(target, 5, Tr * pxr - Ti * pxi);
  add(target, 6, Tr * ppxr - Ti * ppxi);
  add(target, 7, Dxr);
  add(target, 8, DDxr);
  add(target, 9, Dr * DDxr - Di * DDxi);
  add(target, 10, pDxr);
  add(target, 11, pr * pDxr - pi * pDxi);
  add(target, 12, Tr * Dxr - Ti * Dxi + dDr * xr - dDi * xi);
  add(target, 13, xr - pxr);
  add(target, 14, xr - 2.0 * pxr + ppxr);
}

function add(target: usize, i: i32, x: f64): void {
  const at = (<usize>i) << 3;
  store<f64>(target + at, load<f64>(target + at) + x);
  store<f64>(sizes + at, load<f64>(sizes + at) + abs(x));
}

function clear(target: usize): void {
  for (let i = 0; i < OUTPUTS; i++) store<f64>(target + ((<usize>i) << 3), 0.0);
}

function panel(from: f64, to: f64, target: usize): void {
  clear(target);
  const half = 0.5 * (to - from);
  for (let i = 0; i < 32; i++)
    addIntegrand(from + half * (1.0 + legendreNode(i)), half * legendreWeight(i), target);
}

/** Largest difference between a panel and its halves, against the size of what has been integrated. */
function mismatch(a: usize, b: usize, c: usize): f64 {
  let worst = 0.0;
  for (let i = 0; i < OUTPUTS; i++) {
    const at = (<usize>i) << 3;
    const whole = load<f64>(a + at);
    const parts = load<f64>(b + at) + load<f64>(c + at);
    worst = max(worst, abs(whole - parts) / (load<f64>(sizes + at) + 1e-280));
  }
  return worst;
}

const secondHalf: usize = memory.data(15 * 8);
let panelsUsed: i32 = 0;

/** Adds the integral over [from, to], halved until two Gauss rules agree. */
function integrate(from: f64, to: f64, depth: i32): void {
  panel(from, to, panelSums);
  panelsUsed += 1;
  const middle = 0.5 * (from + to);
  panel(from, middle, halfSums);
  panel(middle, to, secondHalf);
  if (depth == 0 || panelsUsed > MAX_PANELS || mismatch(panelSums, halfSums, secondHalf) < TOLERANCE) {
    for (let i = 0; i < OUTPUTS; i++) {
      const at = (<usize>i) << 3;
      store<f64>(sums + at, load<f64>(sums + at) + load<f64>(halfSums + at) + load<f64>(secondHalf + at));
    }
    return;
  }
  integrate(from, middle, depth - 1);
  integrate(middle, to, depth - 1);
}

/** Whether the last panel [.., to] no longer changes any sum. */
function finished(before: usize): bool {
  for (let i = 0; i < OUTPUTS; i++) {
    const at = (<usize>i) << 3;
    const now = load<f64>(sums + at);
    if (abs(now - load<f64>(before + at)) > 1e-17 * load<f64>(sizes + at)) return false;
  }
  return true;
}

const previous: usize = memory.data(15 * 8);

function integrateAll(scale: f64): void {
  clear(sums);
  clear(sizes);
  panelsUsed = 0;
  let from = 0.0;
  // The pole-free kernel 1/(u^2 + 1/4) varies around one half, however far the rest reaches.
  let width = min(scale, 1.0);
  for (let i = 0; i < 200; i++) {
    for (let j = 0; j < OUTPUTS; j++)
      store<f64>(previous + ((<usize>j) << 3), load<f64>(sums + ((<usize>j) << 3)));
    integrate(from, from + width, 12);
    if ((from > scale && finished(previous)) || panelsUsed > MAX_PANELS) return;
    from += width;
    width = min(2.0 * width, max(width, 0.5 * from));
  }
}

function sum(i: i32): f64 {
  return load<f64>(sums + ((<usize>i) << 3)) * 0.3183098861837907;
}

/**
 * Value and Greeks; `vega`, `vanna`, `volga`, `zomma`, `veta`, `ultima` are with respect to sqrt(v0). Inputs: variance v0, its
 * reversion speed, long-run level, the volatility of variance `volOfVol` and correlation; total variance must not be zero.
 */
export function hestonOption(
  w: f64,
  s: f64,
  k: f64,
  expiry: f64,
  rate: f64,
  dividend: f64,
  variance: f64,
  speed: f64,
  level: f64,
  volOfVol: f64,
  correlation: f64,
): void {
  if (expiry <= 0.0) {
    writeVanillaPayoff(w, s, k);
    return;
  }
  t = expiry;
  r = rate;
  q = dividend;
  v0 = variance;
  kappa = speed;
  theta = level;
  sigma = volOfVol;
  rho = correlation;
  logForward = log(s) + (r - q) * t;
  logStrike = log(k);
  const asset = s * exp(-q * t);
  const cash = k * exp(-r * t);
  // Expected variance to expiry sets the width on which the integrand lives.
  const decay = kappa * t;
  const weight = decay < 1e-6 ? 1.0 - 0.5 * decay : (1.0 - exp(-decay)) / decay;
  const total = t * (theta + (v0 - theta) * weight);
  const moneyness = logForward - logStrike;
  // Far out the exponent tends to -(v0 + kappa theta T)/sigma u (sqrt(1 - rho^2) + i rho): lean only where both agree.
  const drift = sigma > 0.0 ? moneyness - (rho * (v0 + kappa * theta * t)) / sigma : moneyness;
  tilt = moneyness * drift > 0.0 ? (moneyness > 0.0 ? TILT : -TILT) : 0.0;
  integrateAll(1.0 / sqrt(max(total, 1e-18)));
  // Call = S e^{-qT} - I; put = K e^{-rT} - I.
  const call = w > 0.0 ? 1.0 : 0.0;
  const put = 1.0 - call;
  const x1 = sum(1);
  const x2 = sum(2);
  const x3 = sum(3);
  const root = sqrt(v0);
  const d1 = sum(7);
  const d2 = sum(8);
  writeGreek(0, max(0.0, call * asset + put * cash - sum(0)));
  writeGreek(1, call * (asset / s) - x1 / s);
  writeGreek(2, -(x2 - x1) / (s * s));
  writeGreek(3, -2.0 * root * d1);
  writeGreek(4, call * q * asset + put * r * cash + sum(4));
  writeGreek(5, -t * (put * cash - sum(0) + x1));
  writeGreek(6, -t * (call * asset - x1));
  writeGreek(7, (-2.0 * root * sum(10)) / s);
  writeGreek(8, -2.0 * d1 - 4.0 * v0 * d2);
  writeGreek(9, (call * q * asset + sum(5)) / s);
  writeGreek(10, -(x3 - 3.0 * x2 + 2.0 * x1) / (s * s * s));
  writeGreek(11, (-2.0 * root * (sum(11) - sum(10))) / (s * s));
  writeGreek(12, (sum(6) - sum(5)) / (s * s));
  writeGreek(13, 2.0 * root * sum(12));
  writeGreek(14, -12.0 * root * d2 - 8.0 * v0 * root * sum(9));
  writeGreek(15, put * (cash / k) - sum(13) / k);
  writeGreek(16, -(sum(14) - sum(13)) / (k * k));
}
