import { Decimal } from '@evenkeel/kernel';
import type { BookExecution, ExecutionState, ObservedPrice, TradableTerms } from '../execution-state';

/**
 * USD value of a number of contracts at a price (USDT and USDC at par). Inverse contracts are sized in USD; coin-quoted
 * options count at the index. Undefined where a price is missing.
 */
export function notionalUsd(
  terms: TradableTerms,
  contracts: Decimal,
  price: ObservedPrice | undefined,
): Decimal | undefined {
  const size = contracts.abs().times(terms.contractSize);
  const { kind, inverse, underlying, quote } = terms.spec;
  if (kind === 'option' && quote === underlying) {
    return price?.index === undefined ? undefined : size.times(Decimal.parse(price.index));
  }
  if (inverse) return size;
  return price === undefined ? undefined : size.times(Decimal.parse(price.price));
}

export interface ProposedTrade {
  readonly instrument: string;
  /** Signed contracts. */
  readonly quantity: Decimal;
}

export interface GrossNotional {
  readonly before: Decimal;
  readonly after: Decimal;
  /** Instruments held or ordered that could not be valued. */
  readonly unpriced: readonly string[];
}

/**
 * Gross USD notional of a book's hedges if every open order on the worse side of each instrument were filled, without and
 * with the proposed trade. A trade that reduces a position therefore does not add to it.
 */
export function grossNotional(state: ExecutionState, book: string, trade: ProposedTrade): GrossNotional {
  const account = state.books.get(book);
  const pending = pendingOf(state, book);
  const instruments = new Set([...(account?.positions.keys() ?? []), ...pending.keys(), trade.instrument]);
  const unpriced: string[] = [];
  let before = Decimal.ZERO;
  let after = Decimal.ZERO;
  for (const instrument of instruments) {
    const position = account?.positions.get(instrument) ?? Decimal.ZERO;
    const { buys, sells } = pending.get(instrument) ?? { buys: Decimal.ZERO, sells: Decimal.ZERO };
    const worst = worstCase(position, buys, sells);
    const added = instrument === trade.instrument ? trade.quantity : Decimal.ZERO;
    const worstAfter = added.isPositive()
      ? worstCase(position, buys.plus(added), sells)
      : worstCase(position, buys, sells.minus(added));
    if (worst.isZero() && worstAfter.isZero()) continue;
    const terms = account === undefined ? undefined : termsIn(account, instrument);
    const unit = terms && notionalUsd(terms, Decimal.ONE, state.prices.get(instrument));
    if (unit === undefined) unpriced.push(instrument);
    else {
      before = before.plus(worst.times(unit));
      after = after.plus(worstAfter.times(unit));
    }
  }
  return { before, after, unpriced };
}

function worstCase(position: Decimal, buys: Decimal, sells: Decimal): Decimal {
  return position.plus(buys).abs().max(position.minus(sells).abs());
}

function pendingOf(state: ExecutionState, book: string): Map<string, { buys: Decimal; sells: Decimal }> {
  const pending = new Map<string, { buys: Decimal; sells: Decimal }>();
  for (const order of state.open.values()) {
    if (order.book !== book) continue;
    const entry = pending.get(order.instrument) ?? { buys: Decimal.ZERO, sells: Decimal.ZERO };
    if (order.side === 'buy') entry.buys = entry.buys.plus(order.remaining);
    else entry.sells = entry.sells.plus(order.remaining);
    pending.set(order.instrument, entry);
  }
  return pending;
}

export function termsIn(book: BookExecution, instrument: string): TradableTerms | undefined {
  for (const account of book.accounts.values()) {
    const terms = account.terms.get(instrument);
    if (terms !== undefined) return terms;
  }
  return undefined;
}
