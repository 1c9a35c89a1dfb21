/** An American option on a Leisen-Reimer binomial tree (1996): an oracle that shares nothing with the kernel. */
export interface TreeTerms {
  readonly w: 1 | -1;
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly r: number;
  readonly q: number;
  readonly sigma: number;
}

function peizerPratt(z: number, n: number): number {
  const a = z / (n + 1 / 3 + 0.1 / (n + 1));
  return 0.5 + Math.sign(z) * Math.sqrt(0.25 - 0.25 * Math.exp(-a * a * (n + 1 / 6)));
}

/** One tree with an odd number of steps. */
export function leisenReimer({ w, S, K, T, r, q, sigma }: TreeTerms, steps: number): number {
  const deviation = sigma * Math.sqrt(T);
  const d2 = (Math.log(S / K) + (r - q - (sigma * sigma) / 2) * T) / deviation;
  const p = peizerPratt(d2, steps);
  const pUp = peizerPratt(d2 + deviation, steps);
  const dt = T / steps;
  const growth = Math.exp((r - q) * dt);
  const up = (growth * pUp) / p;
  const down = (growth * (1 - pUp)) / (1 - p);
  const discount = Math.exp(-r * dt);
  const values = new Float64Array(steps + 1);
  const ratio = up / down;
  let s = S * down ** steps;
  for (let i = 0; i <= steps; i += 1, s *= ratio) values[i] = Math.max(0, w * (s - K));
  for (let n = steps - 1; n >= 0; n -= 1) {
    s = S * down ** n;
    for (let i = 0; i <= n; i += 1, s *= ratio) {
      const held = discount * (p * (values[i + 1] as number) + (1 - p) * (values[i] as number));
      values[i] = Math.max(held, w * (s - K));
    }
  }
  return values[0] as number;
}

/** Two trees extrapolated: their error falls with the number of steps. */
export function extrapolatedTree(terms: TreeTerms, steps: number): number {
  const coarse = leisenReimer(terms, steps);
  const fine = leisenReimer(terms, 2 * steps + 1);
  return fine + (fine - coarse);
}
