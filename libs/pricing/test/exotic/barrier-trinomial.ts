/**
 * An American knock-out on a trinomial lattice with a layer of nodes on the barrier: independent of the kernel's grid in
 * spacing, time stepping and treatment of the obstacle. Exercise just before touching is allowed.
 */
export interface KnockOutTerms {
  readonly w: 1 | -1;
  readonly eta: 1 | -1;
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly r: number;
  readonly q: number;
  readonly sigma: number;
  readonly barrier: number;
  readonly rebate: number;
}

/** `layers` between spot and barrier set the spacing. */
export function americanKnockOut(terms: KnockOutTerms, layers: number): number {
  const { w, eta, S, K, T, r, q, sigma, barrier, rebate } = terms;
  const dx = Math.abs(Math.log(S / barrier)) / layers;
  const steps = Math.ceil((3 * sigma * sigma * T) / (dx * dx));
  const dt = T / steps;
  const spread = (sigma * sigma * dt) / (dx * dx);
  const drift = ((r - q - (sigma * sigma) / 2) * dt) / dx;
  const up = 0.5 * (spread + drift * drift + drift);
  const down = 0.5 * (spread + drift * drift - drift);
  const discount = Math.exp(-r * dt);
  const count = layers + Math.ceil((6 * sigma * Math.sqrt(T)) / dx);
  const spots = Array.from({ length: count + 1 }, (_, i) => barrier * Math.exp(eta * i * dx));
  const payoff = spots.map((s) => w * (s - K));
  let values = payoff.map((p) => Math.max(0, p));
  const touch = Math.max(rebate, payoff[0] as number);
  for (let n = 0; n < steps; n += 1) {
    values[0] = touch;
    const next = values.slice();
    for (let i = 1; i < count; i += 1) {
      const [near, far] = [values[i - 1] as number, values[i + 1] as number];
      const [below, above] = eta > 0 ? [near, far] : [far, near];
      const held = discount * (up * above + down * below + (1 - up - down) * (values[i] as number));
      next[i] = Math.max(held, payoff[i] as number);
    }
    values = next;
  }
  return values[layers] as number;
}
