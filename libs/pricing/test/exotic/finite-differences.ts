/** Central differences of eighth order; independent of how the kernel differentiates. */
type Function1 = (x: number) => number;

export function firstDerivative(f: Function1, x: number, h: number): number {
  const d = (n: number): number => f(x + n * h) - f(x - n * h);
  return (0.8 * d(1) - 0.2 * d(2) + (4 / 105) * d(3) - (1 / 280) * d(4)) / h;
}

export function secondDerivative(f: Function1, x: number, h: number): number {
  const s = (n: number): number => f(x + n * h) + f(x - n * h);
  return ((-205 / 72) * f(x) + 1.6 * s(1) - 0.2 * s(2) + (8 / 315) * s(3) - (1 / 560) * s(4)) / (h * h);
}

export interface GreekPoint {
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly r: number;
  readonly q: number;
  readonly sigma: number;
}

type PointValuation = Readonly<Record<string, number>>;

/**
 * Every Greek by differencing the next lower one that the model reports, so each check loses only a few digits:
 * pairs of [name, reported, differenced].
 */
export function differencedGreeks(
  price: (point: GreekPoint) => PointValuation,
  at: GreekPoint,
  step = 0.01,
  /** Distance from S to where the value has a kink; the differences stay on this side of it. */
  clearance = Infinity,
  /** Only these Greeks; all where absent. */
  only?: readonly string[],
): [name: string, reported: number, differenced: number][] {
  const of =
    (greek: string, input: keyof GreekPoint): Function1 =>
    (x) =>
      price({ ...at, [input]: x })[greek] as number;
  const base = price(at);
  const hS = Math.min(step * at.S * Math.max(0.02, Math.min(0.5, at.sigma * Math.sqrt(at.T))), clearance / 6);
  const hV = step * at.sigma;
  const hT = step * at.T;
  const hR = step * 0.3;
  const hK = (hS * at.K) / at.S;
  const checks: [string, string, keyof GreekPoint, number, number][] = [
    ['delta', 'value', 'S', hS, 1],
    ['gamma', 'delta', 'S', hS, 1],
    ['speed', 'gamma', 'S', hS, 1],
    ['vega', 'value', 'sigma', hV, 1],
    ['volga', 'vega', 'sigma', hV, 1],
    ['ultima', 'volga', 'sigma', hV, 1],
    ['vanna', 'delta', 'sigma', hV, 1],
    ['zomma', 'gamma', 'sigma', hV, 1],
    ['theta', 'value', 'T', hT, -1],
    ['charm', 'delta', 'T', hT, -1],
    ['colour', 'gamma', 'T', hT, -1],
    ['veta', 'vega', 'T', hT, -1],
    ['rho', 'value', 'r', hR, 1],
    ['dividendRho', 'value', 'q', hR, 1],
    ['dualDelta', 'value', 'K', hK, 1],
    ['dualGamma', 'dualDelta', 'K', hK, 1],
  ];
  const wanted = checks.filter(([name]) => only === undefined || only.includes(name));
  return wanted.map(([name, of0, input, h, sign]) => [
    name,
    base[name] as number,
    sign * firstDerivative(of(of0, input), at[input], h),
  ]);
}

/** A Greek's natural size, so that tolerances mean the same for every one. */
export function greekScale(name: string, at: GreekPoint, size: number): number {
  const x = at.S * Math.max(0.02, Math.min(0.5, at.sigma * Math.sqrt(at.T)));
  const scales: Record<string, number> = {
    delta: 1 / x,
    gamma: 1 / x ** 2,
    speed: 1 / x ** 3,
    vega: 1 / at.sigma,
    volga: 1 / at.sigma ** 2,
    ultima: 1 / at.sigma ** 3,
    vanna: 1 / x / at.sigma,
    zomma: 1 / x ** 2 / at.sigma,
    theta: 1 / at.T,
    charm: 1 / x / at.T,
    colour: 1 / x ** 2 / at.T,
    veta: 1 / at.sigma / at.T,
    rho: Math.max(1, at.T),
    dividendRho: Math.max(1, at.T),
    dualDelta: at.S / at.K / x,
    dualGamma: (at.S / at.K / x) ** 2,
  };
  return (scales[name] as number) * size;
}
