/** Variance units that gain `vega` per 1.00 of volatility at the swap's strike: vega ÷ 2K. */
export function varianceUnitsOfVega(vega: number, strikeVolatility: number): number {
  return vega / (2 * strikeVolatility);
}
