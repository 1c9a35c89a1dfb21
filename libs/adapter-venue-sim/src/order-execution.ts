import type { VenueOrder } from '@evenkeel/execution';
import type { Mark, VenueReport } from '@evenkeel/facts';
import { isOnTick } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, formatInstant, parseDuration } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Fate } from './fates';
import { takeLevels } from './market-model';
import type { BookLevel } from './market-model';
import { crosses, feeOf, touch } from '@evenkeel/venues';
import type { VenueReportRecord } from './records';

const SPLIT_DELAY = parseDuration('50ms');

/** What an order meets at the venue. */
export interface Encounter {
  readonly contract: Contract | undefined;
  readonly mark: Mark | undefined;
  /** Contracts shown at the touch; unlimited where absent. */
  readonly displayed: string | undefined;
  /** The book a taker meets; absent: any size at the touch. */
  readonly levels?: readonly BookLevel[] | undefined;
  /** Why the exchange turns it away whatever it is. */
  readonly turnedAway?: string;
  readonly fate: Fate;
  readonly venueOrderId: string;
  /** When the venue answers. */
  readonly at: Instant;
}

export interface Execution {
  readonly resting: Decimal;
  readonly reports: readonly VenueReportRecord[];
}

/** What becomes of an order that arrives: its reports, and what is left resting. */
export function execute(order: VenueOrder, encounter: Encounter): Execution {
  const { clientOrderId } = order;
  const { contract, mark, displayed, levels, fate, venueOrderId, at } = encounter;
  const refusal =
    encounter.turnedAway ??
    (fate.arrival === 'rejected' ? 'SEEDED_REJECT' : refusalOf(order, contract, mark));
  if (refusal !== undefined || contract === undefined || mark === undefined) {
    return {
      resting: Decimal.ZERO,
      reports: [report(order, 'rejected', at, { kind: 'rejected', clientOrderId, reason: refusal ?? '' })],
    };
  }
  const reports = [report(order, 'ack', at, { kind: 'acknowledged', clientOrderId, venueOrderId })];
  const quantity = Decimal.parse(order.quantity);
  const price = touch(mark, contract, order.side);
  const marketable = crosses(order.side, Decimal.parse(order.limitPrice), price);
  const wanted = marketable ? available(displayed, contract, quantity, fate) : Decimal.ZERO;
  const limit = Decimal.parse(order.limitPrice);
  const met: readonly BookLevel[] =
    levels === undefined
      ? pieces(wanted, contract.lot, fate).map((contracts) => ({ contracts, price }))
      : takeLevels(levels, order.side, limit, wanted);
  let last = at;
  met.forEach((piece, index) => {
    if (levels === undefined) last = at + SPLIT_DELAY * BigInt(index);
    const terms = { quantity: piece.contracts, price: piece.price, liquidity: 'taker' } as const;
    reports.push(fill(order, contract, mark, terms, `fill-${index + 1}`, last));
  });
  const found = met.reduce((sum, piece) => sum.plus(piece.contracts), Decimal.ZERO);
  const rest = quantity.minus(found);
  if (rest.isZero() || order.timeInForce !== 'IOC') return { resting: rest, reports };
  const end: VenueReport = found.isZero()
    ? { kind: 'expired', clientOrderId }
    : { kind: 'cancelled', clientOrderId, reason: 'IOC_REMAINDER' };
  reports.push(report(order, 'end', last, end));
  return { resting: Decimal.ZERO, reports };
}

/** Why the venue turns an order away. */
function refusalOf(
  order: VenueOrder,
  contract: Contract | undefined,
  mark: Mark | undefined,
): string | undefined {
  if (contract === undefined) return 'UNKNOWN_INSTRUMENT';
  if (mark === undefined) return 'NO_MARKET';
  // Its fee is a part of the underlying.
  if (contract.kind === 'option' && !contract.coinSettled && mark.index === undefined) return 'NO_INDEX';
  const quantity = Decimal.tryParse(order.quantity);
  const limit = Decimal.tryParse(order.limitPrice);
  if (quantity === undefined || !quantity.isPositive() || !quantity.isMultipleOf(contract.lot))
    return 'INVALID_QUANTITY';
  if (quantity.lessThan(contract.minQuantity)) return 'INVALID_QUANTITY';
  if (limit === undefined || !limit.isPositive() || !isOnTick(contract, limit)) return 'INVALID_PRICE';
  const wouldTrade = crosses(order.side, limit, touch(mark, contract, order.side));
  return order.timeInForce === 'POST_ONLY' && wouldTrade ? 'POST_ONLY_WOULD_TRADE' : undefined;
}

/** What can be had at once: the displayed size, and of that only a part where the seed says so; whole lots. */
function available(
  displayed: string | undefined,
  contract: Contract,
  quantity: Decimal,
  fate: Fate,
): Decimal {
  const most = displayed === undefined ? quantity : quantity.min(Decimal.parse(displayed));
  const lot = contract.lot;
  if (!fate.partial || !most.greaterThan(lot)) return most.roundToStep(lot, 'floor');
  return most.times(Decimal.ofNumber(fate.fraction, 6)).roundToStep(lot, 'floor').max(lot);
}

function pieces(found: Decimal, lot: Decimal, fate: Fate): Decimal[] {
  if (found.isZero()) return [];
  if (!fate.split || !found.greaterThan(lot)) return [found];
  const first = found.times(Decimal.ofNumber(fate.fraction, 6)).roundToStep(lot, 'floor').max(lot);
  return first.lessThan(found) ? [first, found.minus(first)] : [found];
}

export interface FillTerms {
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly liquidity: 'maker' | 'taker';
}

export function fill(
  order: VenueOrder,
  contract: Contract,
  mark: Mark,
  { quantity, price, liquidity }: FillTerms,
  name: string,
  at: Instant,
): VenueReportRecord {
  const index = mark.index === undefined ? undefined : Decimal.parse(mark.index);
  return report(order, name, at, {
    kind: 'filled',
    clientOrderId: order.clientOrderId,
    fillId: `${order.clientOrderId}/${name}`,
    quantity: quantity.toString(),
    price: price.toString(),
    fee: feeOf(contract, quantity, price, liquidity, index),
    liquidity,
  });
}

export function report(
  order: VenueOrder,
  name: string,
  at: Instant,
  content: VenueReport,
): VenueReportRecord {
  return { id: `${order.clientOrderId}/${name}`, at: formatInstant(at), report: content };
}
