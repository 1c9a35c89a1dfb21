import type { Decimal } from '@evenkeel/kernel';
import type { OptionType, SymbolTerms } from '../symbols/symbol-terms';

/** What a premium is held against. */
export type PremiumTerms = Pick<SymbolTerms, 'kind' | 'underlying' | 'quote'> & {
  readonly optionType?: OptionType | undefined;
  readonly strike?: Decimal | undefined;
};

/**
 * Why `price` cannot be the premium of this option, quoted in its own coin; undefined where it can, and for every other contract.
 * A call gives at most the coin itself. A put pays at most its strike, which is strike ÷ forward coin; without a `forward` (USD)
 * nothing is said of puts. A bound for what somebody pays or a model says, not for asks: those may be anything.
 */
export function premiumProblem(terms: PremiumTerms, price: number, forward?: number): string | undefined {
  const { kind, underlying, quote, optionType, strike } = terms;
  if (kind !== 'option' || quote !== underlying) return undefined;
  const bound = optionType === 'call' ? 1 : boundOfPut(strike, forward);
  if (bound === undefined || price < bound || (optionType === 'put' && price === bound)) return undefined;
  const worth = optionType === 'call' ? 'less than 1' : `at most strike ÷ forward, ${bound.toFixed(4)}`;
  return `${price} looks like a premium in USD: a ${optionType} quoted in ${quote} is worth ${worth} ${quote}`;
}

function boundOfPut(strike: Decimal | undefined, forward: number | undefined): number | undefined {
  return strike === undefined || forward === undefined ? undefined : strike.toNumber() / forward;
}
