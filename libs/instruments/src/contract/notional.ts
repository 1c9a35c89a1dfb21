import type { Decimal } from '@evenkeel/kernel';
import type { Contract } from './contract';

/** Prices that a notional may need: the contract's own in its quote unit, and the underlying's in USD. */
export interface NotionalPrices<Amount> {
  readonly price: Amount | undefined;
  readonly underlyingUsd: Amount | undefined;
}

type Sized = Pick<Contract, 'kind' | 'payoff'>;

/**
 * What multiplies the size: nothing for inverse contracts, which are sized in USD; the underlying's price for options,
 * whatever they are quoted in (a premium says little about what is at stake); its own price for everything else.
 */
function counts({ kind, payoff }: Sized): 'face' | 'underlying' | 'price' {
  if (kind === 'option') return 'underlying';
  return payoff === 'inverse' ? 'face' : 'price';
}

/**
 * Unsigned USD value of what `quantity` contracts stand for; USDT and USDC at par. Fees, spreads, limits and turnover are
 * fractions of it. Exact; undefined while the price that it needs is missing.
 */
export function notionalUsd(
  contract: Sized & Pick<Contract, 'size'>,
  quantity: Decimal,
  prices: NotionalPrices<Decimal>,
): Decimal | undefined {
  const size = quantity.abs().times(contract.size);
  const basis = counts(contract);
  if (basis === 'face') return size;
  const price = basis === 'underlying' ? prices.underlyingUsd : prices.price;
  return price === undefined ? undefined : size.times(price);
}

/** `notionalUsd` of one contract in doubles, for analytics. */
export function notionalUsdNumber(
  contract: Sized & Pick<Contract, 'sizeNumber'>,
  { price, underlyingUsd }: { readonly price: number; readonly underlyingUsd: number },
): number {
  const basis = counts(contract);
  if (basis === 'face') return contract.sizeNumber;
  return contract.sizeNumber * (basis === 'underlying' ? underlyingUsd : price);
}
