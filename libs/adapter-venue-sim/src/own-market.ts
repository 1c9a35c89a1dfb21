import type { VenueOrder } from '@evenkeel/execution';
import { Decimal } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { levelsFor, missingNow } from './market-model';
import type { BookLevel } from './market-model';
import { crosses, touch } from '@evenkeel/venues';
import type { Venue, VenueOrderState } from './venue-state';

/** The book that an order meets as a taker; undefined without depth. */
export function bookFor(venue: Venue, order: VenueOrder, now: Instant): BookLevel[] | undefined {
  const shape = venue.rules?.shapeOf(order.instrument);
  const contract = venue.contracts.get(order.instrument);
  const mark = venue.marks.get(order.instrument);
  if (venue.rules === undefined || shape === undefined || contract === undefined || mark === undefined)
    return undefined;
  const takings = venue.takings.get(takingKey(order)) ?? [];
  return levelsFor(shape, mark, contract, order.side, missingNow(takings, now, venue.rules.recovery));
}

/** An own resting order that this one would trade with. */
export function selfTradeOf(venue: Venue, order: VenueOrder): string | undefined {
  if (venue.rules?.selfTradePrevention !== true) return undefined;
  const limit = Decimal.tryParse(order.limitPrice);
  if (limit === undefined) return undefined;
  for (const { order: own } of venue.resting) {
    if (own.book !== order.book || own.instrument !== order.instrument || own.side === order.side) continue;
    if (crosses(order.side, limit, Decimal.parse(own.limitPrice))) return 'SELF_TRADE';
  }
  return undefined;
}

/** Who joins the touch stands behind what is there; who betters it stands first. */
export function queueFor(
  venue: Venue,
  order: VenueOrder,
  resting: Decimal,
): { readonly queueAhead?: string } {
  const shape = venue.rules?.shapeOf(order.instrument);
  const contract = venue.contracts.get(order.instrument);
  const mark = venue.marks.get(order.instrument);
  if (shape === undefined || contract === undefined || mark === undefined || resting.isZero()) return {};
  const near = touch(mark, contract, order.side === 'buy' ? 'sell' : 'buy');
  const better = !crosses(order.side, near, Decimal.parse(order.limitPrice));
  return { queueAhead: better ? '0' : shape.first };
}

/** What a taker took is missing from the book for a while. */
export function noteTaking(venue: Venue, { order, at, reports }: VenueOrderState): void {
  if (venue.rules === undefined) return;
  let contracts = Decimal.ZERO;
  for (const { report: said } of reports)
    if (said.kind === 'filled' && said.liquidity === 'taker')
      contracts = contracts.plus(Decimal.parse(said.quantity));
  if (contracts.isZero()) return;
  const { recovery } = venue.rules;
  const key = takingKey(order);
  const recent = (venue.takings.get(key) ?? []).filter((taking) => taking.at + recovery > at);
  venue.takings.set(key, [...recent, { at, contracts }]);
}

const takingKey = ({ book, instrument, side }: VenueOrder): string => `${book}/${instrument}/${side}`;
