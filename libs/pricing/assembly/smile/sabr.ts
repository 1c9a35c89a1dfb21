// SABR expansions: Hagan et al. 2002 (lognormal and normal), Obloj 2008 and Andersen–Brotherton-Ratcliffe (the form of
// Le Floc'h & Kennedy 2014). Strike and forward arrive already shifted; parameters are checked by the typed door.
import { expm1 } from '../math/exponential';
import { log, log1p, logRatio } from '../math/logarithm';
import { pow } from '../math/power';

/** `z / χ(z)`, `χ(z) = ln[(√(1-2ρz+z²) + z - ρ)/(1-ρ)]`, without cancellation at either end; 1 at z = 0. */
function moneynessRatio(z: f64, rho: f64): f64 {
  if (z == 0.0) return 1.0;
  const root = sqrt(1.0 + z * (z - 2.0 * rho));
  const tilt = (z - 2.0 * rho) / (root + 1.0);
  const chi = z > 0.0 ? log1p((z * (1.0 + tilt)) / (1.0 - rho)) : -log1p((-z * (1.0 - tilt)) / (1.0 + rho));
  return z / chi;
}

/** `expm1(u)/u`, 1 at u = 0. */
function growth(u: f64): f64 {
  return u == 0.0 ? 1.0 : expm1(u) / u;
}

/** Black volatility, Hagan et al. 2002 eq. 2.17a. */
export function sabrHaganVolatility(f: f64, k: f64, t: f64, alpha: f64, beta: f64, nu: f64, rho: f64): f64 {
  const c = 1.0 - beta;
  const x = logRatio(f, k);
  const geometric = pow(f * k, c);
  const root = sqrt(geometric);
  const z = (nu / alpha) * root * x;
  const cx2 = c * c * x * x;
  const denominator = root * (1.0 + cx2 / 24.0 + (cx2 * cx2) / 1920.0);
  const inTime =
    (c * c * alpha * alpha) / (24.0 * geometric) +
    (rho * beta * nu * alpha) / (4.0 * root) +
    ((2.0 - 3.0 * rho * rho) * nu * nu) / 24.0;
  return (alpha / denominator) * moneynessRatio(z, rho) * (1.0 + t * inTime);
}

/** Leading order of Obloj (Berestycki–Busca–Florent): `ν x / χ(ζ)`, `ζ = ν (F^{1-β} - K^{1-β}) / (α(1-β))`. */
function leadingOrder(x: f64, k: f64, alpha: f64, beta: f64, nu: f64, rho: f64): f64 {
  const c = 1.0 - beta;
  const width = growth(c * x) * pow(k, c);
  return (alpha / width) * moneynessRatio((nu / alpha) * width * x, rho);
}

/** Black volatility with Obloj's leading term and Hagan's first order in time: no spurious density at low strikes and β < 1. */
export function sabrOblojVolatility(f: f64, k: f64, t: f64, alpha: f64, beta: f64, nu: f64, rho: f64): f64 {
  const c = 1.0 - beta;
  const geometric = pow(f * k, c);
  const inTime =
    (c * c * alpha * alpha) / (24.0 * geometric) +
    (rho * beta * nu * alpha) / (4.0 * sqrt(geometric)) +
    ((2.0 - 3.0 * rho * rho) * nu * nu) / 24.0;
  return leadingOrder(logRatio(f, k), k, alpha, beta, nu, rho) * (1.0 + t * inTime);
}

/** Inside this log-moneyness the Andersen form is 0/0 and a quartic through five exact points replaces it. */
const NEAR: f64 = 4e-3;

/** Black volatility, Andersen–Brotherton-Ratcliffe expansion as in Le Floc'h & Kennedy 2014. */
export function sabrAndersenVolatility(f: f64, k: f64, t: f64, alpha: f64, beta: f64, nu: f64, rho: f64): f64 {
  const x = logRatio(k, f);
  if (abs(x) >= NEAR) return andersenAway(f, k, t, alpha, beta, nu, rho);
  const centre = sabrOblojVolatility(f, f, t, alpha, beta, nu, rho);
  const low2 = andersenAway(f, f * (1.0 + expm1(-2.0 * NEAR)), t, alpha, beta, nu, rho);
  const low1 = andersenAway(f, f * (1.0 + expm1(-NEAR)), t, alpha, beta, nu, rho);
  const high1 = andersenAway(f, f * (1.0 + expm1(NEAR)), t, alpha, beta, nu, rho);
  const high2 = andersenAway(f, f * (1.0 + expm1(2.0 * NEAR)), t, alpha, beta, nu, rho);
  const u = x / NEAR;
  const a = u + 2.0;
  const b = u + 1.0;
  const d = u - 1.0;
  const e = u - 2.0;
  return (
    (low2 * (b * u * d * e)) / 24.0 -
    (low1 * (a * u * d * e)) / 6.0 +
    (centre * (a * b * d * e)) / 4.0 -
    (high1 * (a * b * u * e)) / 6.0 +
    (high2 * (a * b * u * d)) / 24.0
  );
}

function andersenAway(f: f64, k: f64, t: f64, alpha: f64, beta: f64, nu: f64, rho: f64): f64 {
  const x = logRatio(f, k);
  const leading = leadingOrder(x, k, alpha, beta, nu, rho);
  const path = x / leading; // ∫ dF / D(F) from strike to forward
  const y = -growth((1.0 - beta) * x) * pow(k, 1.0 - beta) * x; // (K^{1-β} - F^{1-β}) / (1-β)
  const diffusionSquared = alpha * alpha + nu * y * (2.0 * alpha * rho + nu * y);
  // ln[Ω₀ √(FK) / √(D(F) D(K))]: powers of F and K enter as logarithms so that nothing over- or underflows.
  const spread = log(leading / alpha) - 0.25 * log(diffusionSquared / (alpha * alpha)) + 0.5 * (1.0 - beta) * (log(f) + log(k));
  const drift = (pow(k, beta) - pow(f, beta)) / (k - f);
  return leading * (1.0 + t * (0.25 * rho * nu * alpha * drift - spread / (path * path)));
}

/** Normal (Bachelier) volatility, Hagan et al. 2002 eq. A.59, for positive (shifted) forward and strike. */
export function sabrNormalVolatility(f: f64, k: f64, t: f64, alpha: f64, beta: f64, nu: f64, rho: f64): f64 {
  const c = 1.0 - beta;
  const x = logRatio(f, k);
  const x2 = x * x;
  const geometric = pow(f * k, c);
  const root = sqrt(geometric);
  const z = (nu / alpha) * root * x;
  const scale =
    (pow(f * k, 0.5 * beta) * (1.0 + x2 / 24.0 + (x2 * x2) / 1920.0)) /
    (1.0 + (c * c * x2) / 24.0 + (c * c * c * c * x2 * x2) / 1920.0);
  const inTime =
    (-beta * (2.0 - beta) * alpha * alpha) / (24.0 * geometric) +
    (rho * beta * nu * alpha) / (4.0 * root) +
    ((2.0 - 3.0 * rho * rho) * nu * nu) / 24.0;
  return alpha * scale * moneynessRatio(z, rho) * (1.0 + t * inTime);
}

/** Normal volatility of normal SABR (β = 0): forward and strike of any sign. */
export function sabrNormalBackboneVolatility(f: f64, k: f64, t: f64, alpha: f64, nu: f64, rho: f64): f64 {
  const z = (nu / alpha) * (f - k);
  return alpha * moneynessRatio(z, rho) * (1.0 + (t * (2.0 - 3.0 * rho * rho) * nu * nu) / 24.0);
}
