import type { BalanceValuation, ProfitAndLoss } from '@evenkeel/facts';
import { Decimal, sum } from '@evenkeel/kernel';
import { isDollar } from './contract-terms';
import { AMOUNT_DIGITS } from './position';
import type { BookState, CashByCurrency, RiskState } from './state';

/** Numeraire per unit of a currency, as exactly as the marks are; undefined when a price is missing. */
export type Conversion = (currency: string, amount: Decimal) => Decimal | undefined;

const EXACT_DIGITS = 24;

/** Converts at the composite spots, half-even to 24 digits where a coin numeraire makes a quotient of it. */
export function conversionInto(state: RiskState, numeraire: string): Conversion {
  const prices = new Map<string, Decimal>();
  const priceOf = (currency: string): Decimal | undefined => {
    if (isDollar(currency)) return Decimal.ONE;
    const known = prices.get(currency);
    if (known !== undefined) return known;
    const spot = state.spots[currency];
    if (spot === undefined) return undefined;
    const price = Decimal.parse(spot.mark.price);
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

/** What live legs are worth, in the numeraire, apart for the book's options and for everything else. */
export interface LiveValue {
  readonly options: number;
  readonly hedge: number;
}

/**
 * The five lines and their sums, each line rounded half-even to 8 digits, the sums exact sums of the lines. Coin cash is
 * revalued at today's spot in the line that it came from; only payoffs are fixed at their delivery price, and what the
 * coin paid then has gained or lost since belongs to `options`.
 */
export function profitAndLossOf(book: BookState, live: LiveValue, convert: Conversion): ProfitAndLoss {
  const lineOf = (cash: CashByCurrency): Decimal =>
    sum(
      Object.keys(cash).map(
        (currency) => convert(currency, Decimal.parse(cash[currency] ?? '0')) ?? Decimal.ZERO,
      ),
    );
  const { cash } = book;
  const settled = Decimal.parse(book.settled);
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

/** Balances with their worth in the numeraire; a currency without any price is worth 0 here and named in the snapshot's reasons. */
export function balanceValuations(
  balances: ReadonlyMap<string, Decimal>,
  convert: Conversion,
): BalanceValuation[] {
  return [...balances].map(([currency, amount]) => ({
    currency,
    amount: amount.toString(),
    value: convert(currency, amount)?.toNumber() ?? 0,
  }));
}
