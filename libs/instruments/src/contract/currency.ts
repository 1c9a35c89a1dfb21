import type { InstrumentKind } from '../symbols/symbol-terms';

/** Digits that venues book amounts to, and that values and payoffs which do not terminate are rounded to, in any currency. */
export const AMOUNT_DIGITS = 8;

const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC']);

/** Currencies counted as one US dollar each. A limit of this release: stablecoins are taken at par. */
export function isDollar(currency: string): boolean {
  return DOLLARS.has(currency);
}

/** Why a contract's own price cannot be a price of its underlying; undefined where it can. Options are no such source. */
export function priceSourceProblem(id: string, kind: InstrumentKind, quote: string): string | undefined {
  if (kind === 'option' || isDollar(quote)) return undefined;
  return `prices of ${id} are in ${quote}, and nothing here says what that is worth in dollars`;
}
