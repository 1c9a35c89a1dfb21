import type { SymbolTerms } from '../symbols/symbol-terms';

/**
 * Why `price` cannot be the premium of this option, quoted in its own coin; undefined where it can, and for every other contract.
 * A call gives at most the coin itself. A put pays at most its strike, which is strike ÷ forward coin; without a `forward` (USD)
 * nothing is said of puts. A bound for what somebody pays or a model says, not for asks: those may be anything.
 */
export function premiumProblem(
  terms: Pick<SymbolTerms, 'kind' | 'underlying' | 'quote' | 'optionType' | 'strike'>,
  price: number,
  forward?: number,
): string | undefined {
  const { kind, underlying, quote, optionType, strike } = terms;
  if (kind !== 'option' || quote !== underlying) return undefined;
  const given = `${price} looks like a premium in USD: a ${optionType} quoted in ${quote} is worth`;
  if (optionType === 'call') return price < 1 ? undefined : `${given} less than 1 ${quote}`;
  if (forward === undefined || strike === undefined || price <= strike.toNumber() / forward) return undefined;
  return `${given} at most strike ÷ forward, ${(strike.toNumber() / forward).toFixed(4)} ${quote}`;
}
