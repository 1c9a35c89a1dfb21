/** Digits that venues book amounts to, and that values and payoffs which do not terminate are rounded to, in any currency. */
export const AMOUNT_DIGITS = 8;

const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC']);

/** Currencies counted as one US dollar each. A limit of this release: stablecoins are taken at par. */
export function isDollar(currency: string): boolean {
  return DOLLARS.has(currency);
}
