// Raw SVI: total implied variance as a function of log-moneyness k = ln(K/F), its derivatives, and Gatheral's density factor.

/** `w(k) = a + b[ρ(k-m) + √((k-m)²+σ²)]`, total variance (volatility² × years). */
export function sviTotalVariance(a: f64, b: f64, rho: f64, m: f64, sigma: f64, k: f64): f64 {
  const y = k - m;
  return a + b * (rho * y + sqrt(y * y + sigma * sigma));
}

/** `∂w/∂k`. */
export function sviSlope(b: f64, rho: f64, m: f64, sigma: f64, k: f64): f64 {
  const y = k - m;
  return b * (rho + y / sqrt(y * y + sigma * sigma));
}

/** `∂²w/∂k²`. */
export function sviCurvature(b: f64, m: f64, sigma: f64, k: f64): f64 {
  const y = k - m;
  const square = y * y + sigma * sigma;
  return (b * sigma * sigma) / (square * sqrt(square));
}

/** `g(k) = (1 - k w'/2w)² - (w'²/4)(1/w + ¼) + w''/2`: the implied density is g times a positive number. */
export function densityFactor(k: f64, w: f64, slope: f64, curvature: f64): f64 {
  const lean = 1.0 - (0.5 * k * slope) / w;
  return lean * lean - 0.25 * slope * slope * (1.0 / w + 0.25) + 0.5 * curvature;
}

/** `g(k)` of a raw SVI slice. */
export function sviDensityFactor(a: f64, b: f64, rho: f64, m: f64, sigma: f64, k: f64): f64 {
  const y = k - m;
  const square = y * y + sigma * sigma;
  const root = sqrt(square);
  return densityFactor(k, a + b * (rho * y + root), b * (rho + y / root), (b * sigma * sigma) / (square * root));
}

/** Total variance at `count` points: reads k from `points`, writes w to `variances` (addresses of doubles). */
export function sviTotalVariances(
  a: f64,
  b: f64,
  rho: f64,
  m: f64,
  sigma: f64,
  points: usize,
  variances: usize,
  count: i32,
): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    store<f64>(variances + (i << 3), sviTotalVariance(a, b, rho, m, sigma, load<f64>(points + (i << 3))));
  }
}

/** Density factor g at `count` points, as `sviTotalVariances`. */
export function sviDensityFactors(
  a: f64,
  b: f64,
  rho: f64,
  m: f64,
  sigma: f64,
  points: usize,
  factors: usize,
  count: i32,
): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    store<f64>(factors + (i << 3), sviDensityFactor(a, b, rho, m, sigma, load<f64>(points + (i << 3))));
  }
}
