import type { Decimal } from '@evenkeel/kernel';
import type { Contract } from './contract';
import { isDollar } from './currency';
import { premiumProblem } from './premium';
import { tickAt } from './tick';

/** What is known of a contract's market when a trade in it is taken in. */
export interface TradeMarket {
  /** Its newest price that is believed, in its quote unit. */
  readonly mark?: number;
  /** What one of its underlying costs, USD: the forward of an option's quote, or spot. */
  readonly underlying?: number;
}

/** An option at so many times its mark, either way, is another unit, another contract or a slip of the pen. */
const OPTION_FACTOR = 5;
/** Options are allowed to be off by this many ticks and by this part of their underlying, whatever multiple that is. */
const OPTION_TICKS = 10;
const CHEAP = 0.002;
/** Everything else trades near its underlying. */
const OFF = 0.2;

/** Why a trade cannot well have had this price; undefined where it can, and where nothing is known to hold it against. */
export function tradePriceProblem(
  contract: Contract,
  price: Decimal,
  { mark, underlying }: TradeMarket,
): string | undefined {
  const value = price.toNumber();
  if (contract.kind !== 'option') {
    const market = mark ?? (contract.kind === 'pool' || !isDollar(contract.quote) ? undefined : underlying);
    if (market === undefined || Math.abs(value / market - 1) <= OFF) return undefined;
    return `${price.toString()} is more than ${OFF * 100} % off the market's ${market}`;
  }
  const inCoin = contract.quote === contract.underlying;
  const premium = inCoin
    ? premiumProblem(contract, value, underlying)
    : premiumBeyondBound(contract, value, underlying);
  if (premium !== undefined || mark === undefined) return premium;
  const ticks = tickAt(contract, price).toNumber() * OPTION_TICKS;
  const free = Math.max(ticks, CHEAP * (inCoin ? 1 : (underlying ?? 0)));
  const near = value <= mark * OPTION_FACTOR && mark <= value * OPTION_FACTOR;
  if (near || Math.abs(value - mark) <= free) return undefined;
  return `${price.toString()} is ${Number((value / mark).toPrecision(2))} times the market's ${mark}`;
}

/** A call is worth at most its underlying, a put at most its strike. */
function premiumBeyondBound(
  { optionType, strikeNumber, quote }: Contract,
  value: number,
  underlying: number | undefined,
): string | undefined {
  const bound = optionType === 'put' ? strikeNumber : underlying;
  if (bound === undefined || value <= bound) return undefined;
  return `${value} is more than a ${optionType ?? 'call'} can be worth, ${bound} ${quote}`;
}

/** Whether a trade leaves a book that holds `held` on whole lots; one that was not before may stay so, by whole lots. */
export function isOfWholeLots({ lot }: Pick<Contract, 'lot'>, quantity: Decimal, held: Decimal): boolean {
  return quantity.abs().isMultipleOf(lot) || held.plus(quantity).abs().isMultipleOf(lot);
}
