// The same work in plain JavaScript over typed arrays with the host's Math: what the kernel is measured next to. West's (2005) form of
// Hart's normal distribution, sharing its exponential with the density. Not used by any library: its bits depend on the engine.
function tailOverDensity(x) {
  // (1 - N(x))·√(2π)·e^(x²/2) for 0 <= x < 7.07, else the continued fraction.
  if (x < 7.07106781186547) {
    let top = 3.52624965998911e-2 * x + 0.700383064443688;
    top = top * x + 6.37396220353165;
    top = top * x + 33.912866078383;
    top = top * x + 112.079291497871;
    top = top * x + 221.213596169931;
    top = top * x + 220.206867912376;
    let bottom = 8.83883476483184e-2 * x + 1.75566716318264;
    bottom = bottom * x + 16.064177579207;
    bottom = bottom * x + 86.7807322029461;
    bottom = bottom * x + 296.564248779674;
    bottom = bottom * x + 637.333633378831;
    bottom = bottom * x + 793.826512519948;
    bottom = bottom * x + 440.413735824752;
    return top / bottom;
  }
  return 1 / ((x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))))) * 2.506628274631);
}

/** Value, delta, gamma, vega, theta of `n` legs, columns in and out. */
export function plainGreeks(n, legs, out) {
  const { S, K, T, sigma, r, q, isCall } = legs;
  for (let i = 0; i < n; i += 1) {
    const w = isCall[i] ? 1 : -1;
    const root = Math.sqrt(T[i]);
    const deviation = sigma[i] * root;
    const d1 = (Math.log(S[i] / K[i]) + (r[i] - q[i]) * T[i]) / deviation + 0.5 * deviation;
    const d2 = d1 - deviation;
    const dfq = Math.exp(-q[i] * T[i]);
    const dfr = Math.exp(-r[i] * T[i]);
    const e1 = Math.exp(-0.5 * d1 * d1);
    const e2 = Math.exp(-0.5 * d2 * d2);
    const t1 = e1 * tailOverDensity(Math.abs(d1));
    const t2 = e2 * tailOverDensity(Math.abs(d2));
    const n1 = w * d1 > 0 ? 1 - t1 : t1;
    const n2 = w * d2 > 0 ? 1 - t2 : t2;
    const phi = 0.3989422804014327 * e1;
    const a = S[i] * dfq;
    const b = K[i] * dfr;
    out.value[i] = w * (a * n1 - b * n2);
    out.delta[i] = w * dfq * n1;
    out.gamma[i] = (dfq * phi) / (S[i] * deviation);
    out.vega[i] = a * phi * root;
    out.theta[i] = (-a * phi * sigma[i]) / (2 * root) - w * (r[i] * b * n2 - q[i] * a * n1);
  }
}

/** Book totals over spot shocks and volatility factors, without discounting. */
export function plainGrid(n, legs, quantity, spotShocks, volFactors, out) {
  const { S, K, T, sigma, isCall } = legs;
  out.fill(0);
  for (let i = 0; i < n; i += 1) {
    const w = isCall[i] ? 1 : -1;
    const root = Math.sqrt(T[i]);
    for (let s = 0, cell = 0; s < spotShocks.length; s += 1) {
      const spot = S[i] * (1 + spotShocks[s]);
      const x = Math.log(spot / K[i]);
      for (let v = 0; v < volFactors.length; v += 1, cell += 1) {
        const deviation = sigma[i] * volFactors[v] * root;
        const d1 = x / deviation + 0.5 * deviation;
        const d2 = d1 - deviation;
        const t1 = Math.exp(-0.5 * d1 * d1) * tailOverDensity(Math.abs(d1));
        const t2 = Math.exp(-0.5 * d2 * d2) * tailOverDensity(Math.abs(d2));
        out[cell] +=
          quantity[i] * w * (spot * (w * d1 > 0 ? 1 - t1 : t1) - K[i] * (w * d2 > 0 ? 1 - t2 : t2));
      }
    }
  }
}

/** Implied volatilities of undiscounted out-of-the-money prices by safeguarded Newton steps to 1e-12. */
export function plainImplied(n, legs, prices, out) {
  const { S, K, T, isCall } = legs;
  for (let i = 0; i < n; i += 1) {
    const w = isCall[i] ? 1 : -1;
    const x = Math.log(S[i] / K[i]);
    let low = 0;
    let high = 20;
    // The inflection point of the price is where Newton's method converges from.
    let s = Math.max(Math.sqrt(2 * Math.abs(x)), 1e-3);
    for (let step = 0; step < 100; step += 1) {
      const d1 = x / s + 0.5 * s;
      const d2 = d1 - s;
      const e1 = Math.exp(-0.5 * d1 * d1);
      const t1 = e1 * tailOverDensity(Math.abs(d1));
      const t2 = Math.exp(-0.5 * d2 * d2) * tailOverDensity(Math.abs(d2));
      const gap = w * (S[i] * (w * d1 > 0 ? 1 - t1 : t1) - K[i] * (w * d2 > 0 ? 1 - t2 : t2)) - prices[i];
      if (gap > 0) high = s;
      else low = s;
      let next = s - gap / (S[i] * 0.3989422804014327 * e1);
      if (!(next > low && next < high)) next = 0.5 * (low + high);
      const moved = Math.abs(next - s);
      s = next;
      if (moved <= 1e-12 * s) break;
    }
    out[i] = s / Math.sqrt(T[i]);
  }
}
