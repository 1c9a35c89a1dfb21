/**
 * What the market says about one strike: Black volatilities (1.00 = 100 %) of its bid and ask. Both is a two-sided quote;
 * one alone bounds the smile from its side.
 */
export interface VolatilityQuote {
  /** The caller's name for it, carried into reports. */
  readonly id?: string;
  readonly strike: number;
  readonly bidVolatility?: number;
  readonly askVolatility?: number;
  /** Multiplies the squared residual; 1 by default. */
  readonly weight?: number;
}

/** The quotes of one expiry. */
export interface ExpiryQuotes {
  readonly expiry: string;
  /** ACT/365 years to expiry, positive. */
  readonly years: number;
  /** Forward of the expiry in the underlying's currency, positive. */
  readonly forward: number;
  readonly quotes: readonly VolatilityQuote[];
}

/** A quote on the line of log-moneyness, with what a residual is measured in. */
export interface FitPoint {
  readonly k: number;
  /** Mid volatility of a two-sided quote, otherwise the bound. */
  readonly target: number;
  /** Half the spread in volatility, floored; the unit of the residual. */
  readonly half: number;
  readonly side: 'both' | 'at-most' | 'at-least';
  readonly rootWeight: number;
}
