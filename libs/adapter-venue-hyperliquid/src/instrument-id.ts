/** Our id of a coin: a perpetual, unless the name is one of a spot pair (`@107`, `PURR/USDC`). */
export function instrumentIdOf(symbol: string): string {
  return symbol.startsWith('@') || symbol.includes('/')
    ? `${symbol}@hyperliquid`
    : `${symbol}-PERP@hyperliquid`;
}
