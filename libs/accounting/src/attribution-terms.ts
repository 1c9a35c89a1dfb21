/** Where a change of P&L came from. Decimal strings in the numeraire, 8 digits; they add up to the total exactly. */
export interface AttributionTerms {
  /** Spot moving, at the delta of the interval's beginning; coin balances are part of it. */
  readonly delta: string;
  readonly gamma: string;
  readonly theta: string;
  readonly vega: string;
  /** Forward and volatility moving together. */
  readonly vanna: string;
  readonly volga: string;
  /** The delta that time took or gave, on the move of the forward. */
  readonly charm: string;
  /** Third-order terms of options, and volatility with time: speed, zomma, ultima, colour, veta. */
  readonly cross: string;
  /** The discount rate moving. */
  readonly rates: string;
  /** Forwards and contract prices moving against spot: what being financed through them cost or brought. */
  readonly basis: string;
  readonly funding: string;
  readonly fees: string;
  /** Fills against the price their decision saw, up to the touch: half spread and the wait. Paid is negative. */
  readonly slippage: string;
  /** Fills beyond the touch: what the order's own size cost. */
  readonly impact: string;
  /** Trades of the interval, from the price their decision saw (adopted positions: their own) to the mark at its end. */
  readonly newTrades: string;
  /** Expiring contracts, from their last valuation to the delivery price. */
  readonly settlement: string;
  /** What no term explains. */
  readonly residual: string;
}

export type AttributionTerm = keyof AttributionTerms;

export const ATTRIBUTION_TERMS: readonly AttributionTerm[] = [
  'delta',
  'gamma',
  'theta',
  'vega',
  'vanna',
  'volga',
  'charm',
  'cross',
  'rates',
  'basis',
  'funding',
  'fees',
  'slippage',
  'impact',
  'newTrades',
  'settlement',
  'residual',
];

export type ExplainedTerm = Exclude<AttributionTerm, 'residual'>;

export const EXPLAINED_TERMS = ATTRIBUTION_TERMS.filter((name): name is ExplainedTerm => name !== 'residual');

/** Explained amounts as they are added up, numeraire. */
export type ExplainedSums = Record<ExplainedTerm, number>;

export function noSums(): ExplainedSums {
  // One entry per explained term.
  return Object.fromEntries(EXPLAINED_TERMS.map((name) => [name, 0])) as ExplainedSums;
}
