import { notionalUsd } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { contractIn, livingOrders } from '../execution-state';
import type { ExecutionState, ObservedPrice } from '../execution-state';
import { workingOf } from '../hedge-order/queries';

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
  /** Client order id of the order that this would change: it no longer counts by itself. */
  readonly replaces?: string;
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
  const pending = pendingOf(state, book, trade.replaces);
  const instruments = new Set([...(account?.positions.keys() ?? []), ...pending.keys(), trade.instrument]);
  const unpriced: string[] = [];
  let gross: TradeExposure = NOTHING;
  let atVenue: TradeExposure = NOTHING;
  let own: TradeExposure = NOTHING;
  for (const instrument of instruments) {
    const isOwn = instrument === trade.instrument;
    const held = account?.positions.get(instrument) ?? Decimal.ZERO;
    const worst = worstOf(held, pending.get(instrument), isOwn ? trade.quantity : Decimal.ZERO);
    if (isOwn) own = worst;
    if (worst.before.isZero() && worst.after.isZero()) continue;
    const contract = account === undefined ? undefined : contractIn(account, instrument);
    const unit = contract && notionalAt(contract, Decimal.ONE, state.prices.get(instrument));
    if (contract === undefined || unit === undefined) {
      unpriced.push(instrument);
      continue;
    }
    gross = plus(gross, worst, unit);
    if (contract.venue === trade.venue) atVenue = plus(atVenue, worst, unit);
  }
  return { gross, atVenue, position: own, unpriced };
}

const NOTHING: TradeExposure = { before: Decimal.ZERO, after: Decimal.ZERO };

function plus(total: TradeExposure, worst: TradeExposure, unit: Decimal): TradeExposure {
  return {
    before: total.before.plus(worst.before.times(unit)),
    after: total.after.plus(worst.after.times(unit)),
  };
}

interface Pending {
  buys: Decimal;
  sells: Decimal;
}

function worstOf(position: Decimal, pending: Pending | undefined, added: Decimal): TradeExposure {
  const { buys, sells } = pending ?? { buys: Decimal.ZERO, sells: Decimal.ZERO };
  const before = worstCase(position, buys, sells);
  const after = added.isPositive()
    ? worstCase(position, buys.plus(added), sells)
    : worstCase(position, buys, sells.minus(added));
  return { before, after };
}

function worstCase(position: Decimal, buys: Decimal, sells: Decimal): Decimal {
  return position.plus(buys).abs().max(position.minus(sells).abs());
}

function pendingOf(state: ExecutionState, book: string, replaces: string | undefined): Map<string, Pending> {
  const pending = new Map<string, Pending>();
  for (const order of livingOrders(state)) {
    if (order.book !== book || order.clientOrderId === replaces) continue;
    const entry = pending.get(order.instrument) ?? { buys: Decimal.ZERO, sells: Decimal.ZERO };
    if (order.side === 'buy') entry.buys = entry.buys.plus(workingOf(order));
    else entry.sells = entry.sells.plus(workingOf(order));
    pending.set(order.instrument, entry);
  }
  return pending;
}
