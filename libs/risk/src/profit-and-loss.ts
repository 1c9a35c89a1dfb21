import type { BalanceValuation, ProfitAndLoss, UnpricedLeg } from '@evenkeel/facts';
import { AMOUNT_DIGITS, isDollar } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, sum } from '@evenkeel/kernel';
import type { CashLine, OpenBook } from './open-book';
import type { BookState, RiskState } from './state';

/** Numeraire per unit of a currency, as exactly as the marks are; undefined when a price is missing. */
export type Conversion = (currency: string, amount: Decimal) => Decimal | undefined;

const EXACT_DIGITS = 24;

/** Converts at the composite spots that a state has. */
export function conversionInto(state: RiskState, numeraire: string): Conversion {
  return conversionAt((currency) => state.spots[currency]?.mark.price, numeraire);
}

/** Converts at spots in USD, half-even to 24 digits where a coin numeraire makes a quotient of it. */
export function conversionAt(
  spotOf: (currency: string) => string | undefined,
  numeraire: string,
): Conversion {
  const prices = new Map<string, Decimal>();
  const priceOf = (currency: string): Decimal | undefined => {
    if (isDollar(currency)) return Decimal.ONE;
    const known = prices.get(currency);
    if (known !== undefined) return known;
    const spot = spotOf(currency);
    if (spot === undefined) return undefined;
    const price = Decimal.parse(spot);
    prices.set(currency, price);
    return price;
  };
  return (currency, amount) => {
    if (currency === numeraire || (isDollar(currency) && isDollar(numeraire))) return amount;
    const from = priceOf(currency);
    const into = priceOf(numeraire);
    if (from === undefined || into === undefined) return undefined;
    const dollars = amount.times(from);
    return isDollar(numeraire) ? dollars : dollars.dividedBy(into, EXACT_DIGITS);
  };
}

/**
 * A payoff in the numeraire, 8 digits: at the delivery price where that is what converts it, otherwise at the composite spots.
 * Undefined while one of those is missing; until then nothing is settled.
 */
export function payoffInNumeraire(
  state: RiskState,
  { numeraire }: BookState,
  { settlement, underlying }: Contract,
  cash: Decimal,
  delivery: Decimal,
): Decimal | undefined {
  if (settlement === numeraire) return cash;
  if (settlement === underlying && isDollar(numeraire))
    return cash.times(delivery).round(AMOUNT_DIGITS, 'half-even');
  if (isDollar(settlement) && numeraire === underlying)
    return cash.dividedBy(delivery, AMOUNT_DIGITS, 'half-even');
  return conversionInto(state, numeraire)(settlement, cash)?.round(AMOUNT_DIGITS, 'half-even');
}

/** What live legs are worth, in the numeraire, apart for the book's options and for everything else. */
export interface LiveValue {
  readonly options: number;
  readonly hedge: number;
}

/**
 * The five lines and their sums, each line rounded half-even to 8 digits, the sums exact sums of the lines. Coin cash is
 * revalued at today's spot in the line that it came from; only payoffs are fixed at their delivery price, and what the
 * coin paid then has gained or lost since belongs to `options`. Cash in a currency that has no price yet is in no line; the
 * snapshot names it among what is unpriced.
 */
export function profitAndLossOf(
  { cash, settled }: Pick<OpenBook, 'cash' | 'settled'>,
  live: LiveValue,
  convert: Conversion,
): ProfitAndLoss {
  const lineOf = (line: CashLine): Decimal => {
    let total = Decimal.ZERO;
    for (const [currency, amount] of line) total = total.plus(convert(currency, amount) ?? Decimal.ZERO);
    return total;
  };
  const paidSince = lineOf(cash.settlement).minus(settled);
  const round = (amount: Decimal): Decimal => amount.round(AMOUNT_DIGITS, 'half-even');
  const settlement = round(settled);
  const options = round(
    lineOf(cash.options).plus(paidSince).plus(Decimal.ofNumber(live.options, AMOUNT_DIGITS)),
  );
  const hedge = round(lineOf(cash.hedge).plus(Decimal.ofNumber(live.hedge, AMOUNT_DIGITS)));
  const fees = round(lineOf(cash.fees));
  const funding = round(lineOf(cash.funding));
  const unhedged = options.plus(settlement);
  return {
    unhedged: unhedged.toString(),
    hedged: sum([unhedged, hedge, fees, funding]).toString(),
    options: options.toString(),
    hedge: hedge.toString(),
    fees: fees.toString(),
    funding: funding.toString(),
    settlement: settlement.toString(),
  };
}

/** Balances that have a price, with their worth in the numeraire. */
export function balanceValuations(
  balances: ReadonlyMap<string, Decimal>,
  convert: Conversion,
): BalanceValuation[] {
  return [...balances].flatMap(([currency, amount]) => {
    const value = convert(currency, amount);
    return value === undefined ? [] : [{ currency, amount: amount.toString(), value: value.toNumber() }];
  });
}

/** Coins held without any price yet: in no total, and said so. */
export function unpricedBalances(balances: ReadonlyMap<string, Decimal>, convert: Conversion): UnpricedLeg[] {
  return [...balances]
    .filter(([currency, amount]) => !amount.isZero() && convert(currency, amount) === undefined)
    .map(([currency, amount]) => ({
      instrument: currency,
      quantity: amount.toString(),
      code: 'RISK.NO_SPOT',
      message: `no spot price of ${currency} yet`,
    }));
}
