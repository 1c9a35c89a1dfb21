import type { InstrumentKind } from '../symbols/symbol-terms';

/** Digits that venues book amounts to, and that values and payoffs which do not terminate are rounded to, in any currency. */
export const AMOUNT_DIGITS = 8;

const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC']);

/** Currencies counted as one US dollar each. A limit of this release: stablecoins are taken at par. */
export function isDollar(currency: string): boolean {
  return DOLLARS.has(currency);
}

/** Why a book cannot be counted in a currency; undefined where it can. `priced`: the underlyings that have a price. */
export function numeraireProblem(numeraire: string, priced: Iterable<string>): string | undefined {
  const named = new Set(priced);
  if (isDollar(numeraire) || named.has(numeraire)) return undefined;
  return `nothing prices ${numeraire}, so no position could be valued in it: a book is counted in ${[...DOLLARS, ...named].join(', ')}`;
}

/** Why a contract's own price cannot be a price of its underlying; undefined where it can. Options are no such source. */
export function priceSourceProblem(id: string, kind: InstrumentKind, quote: string): string | undefined {
  if (kind === 'option' || isDollar(quote)) return undefined;
  return `prices of ${id} are in ${quote}, and nothing here says what that is worth in dollars`;
}
