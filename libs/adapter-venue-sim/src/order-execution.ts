import type { VenueOrder } from '@evenkeel/execution';
import type { Mark, VenueReport } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, formatInstant, parseDuration } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Fate } from './fates';
import { takeLevels } from './market-model';
import type { BookLevel } from './market-model';
import { crosses, feeOf, touch } from './matching';
import type { VenueReportRecord } from './records';

const SPLIT_DELAY = parseDuration('50ms');

/** What an order meets at the venue. */
export interface Encounter {
  readonly spec: InstrumentSpec | undefined;
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
  const { spec, mark, displayed, levels, fate, venueOrderId, at } = encounter;
  const refusal =
    encounter.turnedAway ?? (fate.arrival === 'rejected' ? 'SEEDED_REJECT' : refusalOf(order, spec, mark));
  if (refusal !== undefined || spec === undefined || mark === undefined) {
    return {
      resting: Decimal.ZERO,
      reports: [report(order, 'rejected', at, { kind: 'rejected', clientOrderId, reason: refusal ?? '' })],
    };
  }
  const reports = [report(order, 'ack', at, { kind: 'acknowledged', clientOrderId, venueOrderId })];
  const quantity = Decimal.parse(order.quantity);
  const price = touch(mark, spec, order.side);
  const marketable = crosses(order.side, Decimal.parse(order.limitPrice), price);
  const wanted = marketable ? available(displayed, spec, quantity, fate) : Decimal.ZERO;
  const limit = Decimal.parse(order.limitPrice);
  const met: readonly BookLevel[] =
    levels === undefined
      ? pieces(wanted, Decimal.parse(spec.lotSize), fate).map((contracts) => ({ contracts, price }))
      : takeLevels(levels, order.side, limit, wanted);
  let last = at;
  met.forEach((piece, index) => {
    if (levels === undefined) last = at + SPLIT_DELAY * BigInt(index);
    reports.push(fill(order, spec, piece.contracts, piece.price, 'taker', `fill-${index + 1}`, last));
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
  spec: InstrumentSpec | undefined,
  mark: Mark | undefined,
): string | undefined {
  if (spec === undefined) return 'UNKNOWN_INSTRUMENT';
  if (mark === undefined) return 'NO_MARKET';
  const quantity = Decimal.tryParse(order.quantity);
  const limit = Decimal.tryParse(order.limitPrice);
  if (quantity === undefined || !quantity.isPositive() || !quantity.isMultipleOf(Decimal.parse(spec.lotSize)))
    return 'INVALID_QUANTITY';
  if (quantity.lessThan(Decimal.parse(spec.minQuantity))) return 'INVALID_QUANTITY';
  if (limit === undefined || !limit.isPositive() || !limit.isMultipleOf(Decimal.parse(spec.tickSize)))
    return 'INVALID_PRICE';
  const wouldTrade = crosses(order.side, limit, touch(mark, spec, order.side));
  return order.timeInForce === 'POST_ONLY' && wouldTrade ? 'POST_ONLY_WOULD_TRADE' : undefined;
}

/** What can be had at once: the displayed size, and of that only a part where the seed says so; whole lots. */
function available(
  displayed: string | undefined,
  spec: InstrumentSpec,
  quantity: Decimal,
  fate: Fate,
): Decimal {
  const most = displayed === undefined ? quantity : quantity.min(Decimal.parse(displayed));
  const lot = Decimal.parse(spec.lotSize);
  if (!fate.partial || !most.greaterThan(lot)) return most.roundToStep(lot, 'floor');
  return most.times(Decimal.ofNumber(fate.fraction, 6)).roundToStep(lot, 'floor').max(lot);
}

function pieces(found: Decimal, lot: Decimal, fate: Fate): Decimal[] {
  if (found.isZero()) return [];
  if (!fate.split || !found.greaterThan(lot)) return [found];
  const first = found.times(Decimal.ofNumber(fate.fraction, 6)).roundToStep(lot, 'floor').max(lot);
  return first.lessThan(found) ? [first, found.minus(first)] : [found];
}

export function fill(
  order: VenueOrder,
  spec: InstrumentSpec,
  quantity: Decimal,
  price: Decimal,
  liquidity: 'maker' | 'taker',
  name: string,
  at: Instant,
): VenueReportRecord {
  return report(order, name, at, {
    kind: 'filled',
    clientOrderId: order.clientOrderId,
    fillId: `${order.clientOrderId}/${name}`,
    quantity: quantity.toString(),
    price: price.toString(),
    fee: feeOf(spec, quantity, price, liquidity),
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
