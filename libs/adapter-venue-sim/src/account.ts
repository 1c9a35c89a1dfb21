import type { VenueOrder } from '@evenkeel/execution';
import type { OrderReport, VenueReport } from '@evenkeel/facts';
import { bookFill, emptyLedger } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { holdingsReport } from '@evenkeel/venues';
import type { VenueReportRecord } from './records';

/** Something that moved an account without an order of ours: what tests and drills plant. */
export interface Adjustment {
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  /** Signed contracts. */
  readonly quantity: string;
}

export interface AccountOrder {
  readonly order: VenueOrder;
  readonly resting: Decimal;
  readonly reports: readonly VenueReportRecord[];
}

export interface AccountQuestion {
  readonly book: string;
  readonly venue: string;
  readonly requestId: string;
  /** When the answer is given; what happens later is not in it. */
  readonly at: Instant;
}

/** What the exchange holds for a book at one of its venues, from every fill up to then, told or not. */
export function accountReport(
  question: AccountQuestion,
  orders: Iterable<AccountOrder>,
  contracts: ReadonlyMap<string, Contract>,
  adjustments: readonly Adjustment[],
): VenueReport {
  const { book, venue, requestId, at } = question;
  const ledger = emptyLedger();
  const openOrders: { clientOrderId: string; instrument: string; remaining: string }[] = [];
  for (const { order, resting, reports } of orders) {
    if (order.book !== book || order.venue !== venue) continue;
    const contract = contracts.get(order.instrument);
    if (contract === undefined) continue;
    const { clientOrderId, instrument } = order;
    if (!resting.isZero()) openOrders.push({ clientOrderId, instrument, remaining: resting.toString() });
    for (const fill of standingFills(reports, at)) {
      const quantity = Decimal.parse(fill.quantity);
      const signed = order.side === 'buy' ? quantity : quantity.negated();
      const price = Decimal.parse(fill.price);
      bookFill(ledger, fill.fillId, { contract, quantity: signed, price, fee: fill.fee, at });
    }
  }
  const moved = adjustments
    .filter((adjustment) => adjustment.book === book && adjustment.venue === venue)
    .map(({ instrument, quantity }) => [instrument, Decimal.parse(quantity)] as const);
  return holdingsReport({ book, venue, requestId, openOrders, moved }, ledger);
}

function standingFills(
  reports: readonly VenueReportRecord[],
  at: Instant,
): Extract<OrderReport, { kind: 'filled' }>[] {
  const known = reports.filter((record) => parseInstant(record.at) <= at).map(({ report }) => report);
  const busted = new Set(known.flatMap((report) => (report.kind === 'busted' ? [report.fillId] : [])));
  return known.flatMap((report) => (report.kind === 'filled' && !busted.has(report.fillId) ? [report] : []));
}
