import { impliedVolatility } from '../door/implied-volatility';
import type { OptionType } from '../door/valuation';
import { PricingError } from '../errors';

/**
 * Black volatility of an undiscounted price, or undefined when the price is at or below intrinsic or at or above its bound:
 * such a quote carries no volatility.
 */
export function impliedBlackVolatility(
  type: OptionType,
  forward: number,
  strike: number,
  years: number,
  price: number,
): number | undefined {
  try {
    const volatility = impliedVolatility('black76', { type, F: forward, K: strike, T: years, price });
    return volatility > 0 ? volatility : undefined;
  } catch (error) {
    if (error instanceof PricingError && UNINFORMATIVE.has(error.code)) return undefined;
    throw error;
  }
}

const UNINFORMATIVE = new Set(['PRICING.BELOW_INTRINSIC', 'PRICING.ABOVE_BOUND']);
