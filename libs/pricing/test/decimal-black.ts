import { Decimal } from 'decimal.js';

// Black–Scholes in 45 digits, by formulas that share nothing with the kernel: the reference of the cross-checks.
const D = Decimal.clone({ precision: 45, toExpNeg: -500, toExpPos: 500 });
const HALF = new D('0.5');
const PI = D.acos(-1);
const INV_SQRT_2PI = new D(1).div(PI.mul(2).sqrt());

/** The double itself, not the shortest decimal that rounds to it, which is what the constructor would take. */
export function exactly(value: number): Decimal {
  let scaled = value;
  let halvings = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    halvings += 1;
  }
  return new D(scaled).div(new D(2).pow(halvings));
}

function density(x: Decimal): Decimal {
  return INV_SQRT_2PI.mul(x.mul(x).mul(-HALF).exp());
}

/** N(x): Marsaglia's series near zero, the continued fraction of Mills' ratio in the tails. */
export function normalCdf(x: Decimal): Decimal {
  if (x.abs().lt(5)) {
    let term = x;
    let sum = x;
    for (let n = 3; term.abs().gt(1e-45); n += 2) {
      term = term.mul(x).mul(x).div(n);
      sum = sum.add(term);
    }
    return HALF.add(density(x).mul(sum));
  }
  const a = x.abs();
  let fraction = a;
  for (let n = 240; n >= 1; n -= 1) fraction = a.add(new D(n).div(fraction));
  const tail = density(a).div(fraction);
  return x.lt(0) ? tail : new D(1).sub(tail);
}

export interface DecimalInputs {
  readonly type: 'call' | 'put';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly sigma: number;
  readonly r: number;
  readonly q: number;
}

/** Value and first Greeks with the size of the largest term of each: what a relative error has to be measured against. */
export function decimalEuropean(
  inputs: DecimalInputs,
): Record<'value' | 'delta' | 'gamma' | 'vega' | 'theta' | 'rho', { exact: Decimal; scale: Decimal }> {
  const [S, K, T, sigma, r, q] = [inputs.S, inputs.K, inputs.T, inputs.sigma, inputs.r, inputs.q].map(
    exactly,
  ) as [Decimal, Decimal, Decimal, Decimal, Decimal, Decimal]; // six in, six out
  const w = new D(inputs.type === 'call' ? 1 : -1);
  const deviation = sigma.mul(T.sqrt());
  const dfq = q.mul(T).neg().exp();
  const dfr = r.mul(T).neg().exp();
  const A = S.mul(dfq);
  const B = K.mul(dfr);
  const d1 = S.div(K).ln().add(r.sub(q).mul(T)).div(deviation).add(deviation.mul(HALF));
  const d2 = d1.sub(deviation);
  const n1 = normalCdf(w.mul(d1));
  const n2 = normalCdf(w.mul(d2));
  const phi = density(d1);
  const itself = (exact: Decimal): { exact: Decimal; scale: Decimal } => ({ exact, scale: exact.abs() });
  const decay = A.mul(phi).mul(sigma).div(T.sqrt().mul(2));
  const rateTerm = w.mul(r).mul(B).mul(n2);
  const yieldTerm = w.mul(q).mul(A).mul(n1);
  return {
    value: itself(w.mul(A.mul(n1).sub(B.mul(n2)))),
    delta: itself(w.mul(dfq).mul(n1)),
    gamma: itself(dfq.mul(phi).div(S.mul(deviation))),
    vega: itself(A.mul(phi).mul(T.sqrt())),
    theta: {
      exact: yieldTerm.sub(rateTerm).sub(decay),
      scale: D.max(decay, rateTerm.abs(), yieldTerm.abs()),
    },
    rho: itself(w.mul(B).mul(T).mul(n2)),
  };
}
