import { notionalUsd } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { contractIn } from '../execution-state';
import type { BookExecution, ExecutionState, ObservedPrice } from '../execution-state';
import type { HedgeOrder } from '../hedge-order/state';
import { livingOf } from '../living-orders';
import { NOTHING_PENDING } from '../pending';
import type { Pending } from '../pending';

/** USD notional of contracts at the last price seen, options at the index on it; undefined where that is missing. */
export function notionalAt(
  contract: Contract,
  contracts: Decimal,
  seen: ObservedPrice | undefined,
): Decimal | undefined {
  const read = (text: string | undefined): Decimal | undefined =>
    text === undefined ? undefined : Decimal.parse(text);
  return notionalUsd(contract, contracts, { price: read(seen?.price), underlyingUsd: read(seen?.index) });
}

export interface ProposedTrade {
  readonly instrument: string;
  readonly venue: string;
  /** Signed contracts. */
  readonly quantity: Decimal;
  /** The order that this would change: it no longer counts by itself. */
  readonly replaces?: HedgeOrder | undefined;
}

/** Without and with the trade. */
export interface TradeExposure {
  readonly before: Decimal;
  readonly after: Decimal;
}

export interface BookExposure {
  /** USD, over the whole book. */
  readonly gross: TradeExposure;
  /** USD, at the trade's venue. */
  readonly atVenue: TradeExposure;
  /** Absolute contracts of the trade's instrument. */
  readonly position: TradeExposure;
  /** Instruments held or ordered that could not be valued. */
  readonly unpriced: readonly string[];
}

/**
 * What a book has at stake if every open order on the worse side of each instrument were filled, without and with the proposed
 * trade. A trade that reduces a position therefore does not add to it.
 */
export function exposureOf(state: ExecutionState, book: string, trade: ProposedTrade): BookExposure {
  const account = state.books.get(book);
  const unpriced = new Set<string>();
  let gross: TradeExposure = NOTHING;
  let atVenue: TradeExposure = NOTHING;
  let own: TradeExposure = NOTHING;
  const add = (instrument: string): void => {
    const isOwn = instrument === trade.instrument;
    const held = account?.positions.get(instrument) ?? Decimal.ZERO;
    const pending = pendingIn(account, instrument, trade.replaces);
    const worst = worstOf(held, pending, isOwn ? trade.quantity : Decimal.ZERO);
    if (isOwn) own = worst;
    if (worst.before.isZero() && worst.after.isZero()) return;
    const contract = account === undefined ? undefined : contractIn(account, instrument);
    const unit = contract && notionalAt(contract, Decimal.ONE, state.prices.get(instrument));
    if (contract === undefined || unit === undefined) {
      unpriced.add(instrument);
      return;
    }
    gross = plus(gross, worst, unit);
    if (contract.venue === trade.venue) atVenue = plus(atVenue, worst, unit);
  };
  add(trade.instrument);
  for (const instrument of account?.positions.keys() ?? [])
    if (instrument !== trade.instrument) add(instrument);
  for (const instrument of account?.pending.keys() ?? [])
    if (instrument !== trade.instrument && account?.positions.has(instrument) !== true) add(instrument);
  return {
    gross,
    atVenue,
    position: own,
    unpriced: unpriced.size < 2 ? [...unpriced] : namedIn(account, unpriced),
  };
}

const NOTHING: TradeExposure = { before: Decimal.ZERO, after: Decimal.ZERO };

function plus(total: TradeExposure, worst: TradeExposure, unit: Decimal): TradeExposure {
  return {
    before: total.before.plus(worst.before.times(unit)),
    after: total.after.plus(worst.after.times(unit)),
  };
}

function worstOf(position: Decimal, { buys, sells }: Pending, added: Decimal): TradeExposure {
  const before = worstCase(position, buys, sells);
  const after = added.isPositive()
    ? worstCase(position, buys.plus(added), sells)
    : worstCase(position, buys, sells.minus(added));
  return { before, after };
}

function worstCase(position: Decimal, buys: Decimal, sells: Decimal): Decimal {
  return position.plus(buys).abs().max(position.minus(sells).abs());
}

/** What the book's open orders in an instrument could still trade, without the one that is to be replaced. */
function pendingIn(
  book: BookExecution | undefined,
  instrument: string,
  replaced: HedgeOrder | undefined,
): Pending {
  const pending = book?.pending.get(instrument) ?? NOTHING_PENDING;
  if (replaced === undefined || replaced.instrument !== instrument) return pending;
  const { buys, sells } = pending;
  return replaced.side === 'buy'
    ? { buys: buys.minus(replaced.counted), sells }
    : { buys, sells: sells.minus(replaced.counted) };
}

/** Instruments in the order in which they are told: those held, those ordered as their orders came, the trade's own. */
function namedIn(book: BookExecution | undefined, instruments: ReadonlySet<string>): string[] {
  const held = book?.positions.keys() ?? [];
  const ordered = book === undefined ? [] : livingOf(book).map(({ instrument }) => instrument);
  return [...new Set([...held, ...ordered, ...instruments])].filter((name) => instruments.has(name));
}
