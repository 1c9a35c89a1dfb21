// Truncated Taylor arithmetic: a number that carries every partial derivative a Greek is made of, so that a closed
// form written once yields its value and its Greeks exactly (to rounding), without differences.
import { exp, expm1 } from '../math/exponential';
import { log, log1p } from '../math/logarithm';
import { mills, normCdf, normPdf } from '../math/normal';

/** Bytes of one jet. */
const JET_BYTES: usize = 17 * 8;
/** Room for this many jets at once; loops give theirs back with `mark` and `release`. */
const ARENA_JETS: usize = 4096;

const arena: usize = memory.data(4096 * 17 * 8);
let arenaTop: usize = 0;

/** The number of jets in use; pass to `release` to give back all made since. */
export function mark(): usize {
  return arenaTop;
}

export function release(position: usize): void {
  arenaTop = position;
}

/**
 * Taylor coefficients (not derivatives) in spot s, volatility v, expiry t, rate r, dividend rate q and strike k:
 * the smallest set closed under multiplication that holds all sixteen Greeks.
 */
@unmanaged
export class Jet {
  one: f64;
  s: f64;
  ss: f64;
  sss: f64;
  v: f64;
  vv: f64;
  vvv: f64;
  sv: f64;
  ssv: f64;
  t: f64;
  st: f64;
  sst: f64;
  vt: f64;
  r: f64;
  q: f64;
  k: f64;
  kk: f64;

  @operator('+')
  add(o: Jet): Jet {
    const c = make();
    c.one = this.one + o.one;
    c.s = this.s + o.s;
    c.ss = this.ss + o.ss;
    c.sss = this.sss + o.sss;
    c.v = this.v + o.v;
    c.vv = this.vv + o.vv;
    c.vvv = this.vvv + o.vvv;
    c.sv = this.sv + o.sv;
    c.ssv = this.ssv + o.ssv;
    c.t = this.t + o.t;
    c.st = this.st + o.st;
    c.sst = this.sst + o.sst;
    c.vt = this.vt + o.vt;
    c.r = this.r + o.r;
    c.q = this.q + o.q;
    c.k = this.k + o.k;
    c.kk = this.kk + o.kk;
    return c;
  }

  @operator('-')
  sub(o: Jet): Jet {
    return this.add(o.times(-1.0));
  }

  @operator('*')
  mul(o: Jet): Jet {
    const c = make();
    const a0 = this.one;
    const b0 = o.one;
    c.one = a0 * b0;
    c.s = a0 * o.s + this.s * b0;
    c.ss = a0 * o.ss + this.s * o.s + this.ss * b0;
    c.sss = a0 * o.sss + this.s * o.ss + this.ss * o.s + this.sss * b0;
    c.v = a0 * o.v + this.v * b0;
    c.vv = a0 * o.vv + this.v * o.v + this.vv * b0;
    c.vvv = a0 * o.vvv + this.v * o.vv + this.vv * o.v + this.vvv * b0;
    c.sv = a0 * o.sv + this.s * o.v + this.v * o.s + this.sv * b0;
    c.ssv = a0 * o.ssv + this.s * o.sv + this.v * o.ss + this.ss * o.v + this.sv * o.s + this.ssv * b0;
    c.t = a0 * o.t + this.t * b0;
    c.st = a0 * o.st + this.s * o.t + this.t * o.s + this.st * b0;
    c.sst = a0 * o.sst + this.s * o.st + this.t * o.ss + this.ss * o.t + this.st * o.s + this.sst * b0;
    c.vt = a0 * o.vt + this.v * o.t + this.t * o.v + this.vt * b0;
    c.r = a0 * o.r + this.r * b0;
    c.q = a0 * o.q + this.q * b0;
    c.k = a0 * o.k + this.k * b0;
    c.kk = a0 * o.kk + this.k * o.k + this.kk * b0;
    return c;
  }

  @operator('/')
  div(o: Jet): Jet {
    return this.mul(reciprocal(o));
  }

  /** This plus a plain number. */
  plus(x: f64): Jet {
    const c = copy(this);
    c.one += x;
    return c;
  }

  /** This times a plain number. */
  times(x: f64): Jet {
    const c = make();
    c.one = this.one * x;
    c.s = this.s * x;
    c.ss = this.ss * x;
    c.sss = this.sss * x;
    c.v = this.v * x;
    c.vv = this.vv * x;
    c.vvv = this.vvv * x;
    c.sv = this.sv * x;
    c.ssv = this.ssv * x;
    c.t = this.t * x;
    c.st = this.st * x;
    c.sst = this.sst * x;
    c.vt = this.vt * x;
    c.r = this.r * x;
    c.q = this.q * x;
    c.k = this.k * x;
    c.kk = this.kk * x;
    return c;
  }
}

/** An uninitialised jet from the arena; running out traps instead of overwriting. */
function make(): Jet {
  if (arenaTop >= ARENA_JETS) unreachable();
  const jet = changetype<Jet>(arena + arenaTop * JET_BYTES);
  arenaTop += 1;
  return jet;
}

/** Overwrites `target` with `source`. */
export function assign(target: Jet, source: Jet): void {
  const to = changetype<usize>(target);
  const from = changetype<usize>(source);
  for (let i: usize = 0; i < JET_BYTES; i += 8) store<f64>(to + i, load<f64>(from + i));
}

/** Adds `term` to `target` in place: sums in loops without growing the arena. */
export function accumulate(target: Jet, term: Jet): void {
  const to = changetype<usize>(target);
  const from = changetype<usize>(term);
  for (let i: usize = 0; i < JET_BYTES; i += 8) store<f64>(to + i, load<f64>(to + i) + load<f64>(from + i));
}

function copy(a: Jet): Jet {
  const c = make();
  assign(c, a);
  return c;
}

/** A number all of whose derivatives are zero. */
export function constant(x: f64): Jet {
  const c = make();
  const at = changetype<usize>(c);
  for (let i: usize = 8; i < JET_BYTES; i += 8) store<f64>(at + i, 0.0);
  c.one = x;
  return c;
}

/** f(a) from f and its first three derivatives at a. */
export function compose(a: Jet, f0: f64, f1: f64, f2: f64, f3: f64): Jet {
  const d = copy(a);
  d.one = 0.0;
  let p = d.times(f3 / 6.0);
  p.one = 0.5 * f2;
  p = p.mul(d);
  p.one += f1;
  p = p.mul(d);
  p.one += f0;
  return p;
}

export function reciprocal(a: Jet): Jet {
  const y = 1.0 / a.one;
  return compose(a, y, -y * y, 2.0 * y * y * y, -6.0 * y * y * y * y);
}

export function jetExp(a: Jet): Jet {
  const y = exp(a.one);
  return compose(a, y, y, y, y);
}

export function jetExpm1(a: Jet): Jet {
  const y = exp(a.one);
  return compose(a, expm1(a.one), y, y, y);
}

export function jetLog1p(a: Jet): Jet {
  const y = 1.0 / (1.0 + a.one);
  return compose(a, log1p(a.one), y, -y * y, 2.0 * y * y * y);
}

export function jetLog(a: Jet): Jet {
  const y = 1.0 / a.one;
  return compose(a, log(a.one), y, -y * y, 2.0 * y * y * y);
}

export function jetSqrt(a: Jet): Jet {
  const y = sqrt(a.one);
  const i = 1.0 / a.one;
  return compose(a, y, 0.5 * y * i, -0.25 * y * i * i, 0.375 * y * i * i * i);
}

export function jetNormCdf(a: Jet): Jet {
  const x = a.one;
  const g = normPdf(x);
  return compose(a, normCdf(x), g, -x * g, (x * x - 1.0) * g);
}

/** (e^x - 1)/x, smooth through zero. */
export function jetExpm1Ratio(a: Jet): Jet {
  const x = a.one;
  if (abs(x) > 1.0) return jetExp(a).plus(-1.0).div(a);
  // Derivatives of the Taylor series sum x^n/(n+1)!.
  let f0 = 0.0;
  let f1 = 0.0;
  let f2 = 0.0;
  let f3 = 0.0;
  for (let n = 24; n >= 0; n--) {
    const m = <f64>n;
    const c = inverseFactorial(n + 1);
    f0 = f0 * x + c;
    if (n >= 1) f1 = f1 * x + m * c;
    if (n >= 2) f2 = f2 * x + m * (m - 1.0) * c;
    if (n >= 3) f3 = f3 * x + m * (m - 1.0) * (m - 2.0) * c;
  }
  return compose(a, f0, f1, f2, f3);
}

function inverseFactorial(n: i32): f64 {
  let y = 1.0;
  for (let i = 2; i <= n; i++) y /= <f64>i;
  return y;
}

/**
 * e^a N(x) without overflow or loss when e^a is huge and N(x) tiny: the reflected terms of barrier formulas at small
 * volatility.
 */
export function expTimesNormCdf(a: Jet, x: Jet): Jet {
  const x0 = x.one;
  const g = exp(a.one - 0.5 * x0 * x0) * 0.3989422804014327;
  const value = x0 >= 0.0 ? exp(a.one) * normCdf(x0) : g * mills(-x0);
  const da = copy(a);
  da.one = 0.0;
  return jetExp(da).mul(compose(x, value, g, -x0 * g, (x0 * x0 - 1.0) * g));
}
