/** Where exposure may lie without a trade, units of the underlying, relative to a delta of nought at the marked volatility. */
export interface HedgeBand {
  readonly lower: number;
  readonly upper: number;
}
