import { priceBlack76 } from '../door/black76';
import type { OptionType } from '../door/valuation';

/**
 * Black volatility of an undiscounted price, or undefined when the price is at or below intrinsic or at or above its bound:
 * such a quote carries no volatility.
 */
export function impliedBlackVolatility(
  type: OptionType,
  F: number,
  K: number,
  T: number,
  price: number,
): number | undefined {
  const intrinsic = Math.max(0, type === 'call' ? F - K : K - F);
  const bound = type === 'call' ? F : K;
  if (!(price > intrinsic) || !(price < bound)) return undefined;
  let low = 1e-6;
  let high = 60 / Math.sqrt(T);
  let sigma = Math.min(Math.max(0.5, low), high);
  for (let i = 0; i < 100; i++) {
    const { value, vega } = priceBlack76({ type, F, K, T, sigma });
    if (value < price) low = sigma;
    else high = sigma;
    const newton = sigma - (value - price) / vega;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - sigma) < 1e-12 * sigma) return next;
    sigma = next;
  }
  return sigma;
}
