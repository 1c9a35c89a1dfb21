import type { DomainEvent, EventPayloads, FillBusted, PlannedPosition } from '@evenkeel/facts';
import {
  AMOUNT_DIGITS,
  deliveryFee,
  fundingPayment,
  optionPayoff,
  unrealisedPnlNumber,
} from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, parseInstant, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { contractIn, openBookOf } from './open-book';
import { NOT_HELD, tradeOn } from './position';
import { payoffInNumeraire } from './profit-and-loss';
import type {
  BookState,
  DueFill,
  DueForeignTrade,
  DueFunding,
  InstrumentMark,
  Position,
  RiskState,
} from './state';

export function deliveryKey(venue: string, underlying: string, expiry: Instant): string {
  return `${venue}/${underlying}/${expiry.toString()}`;
}

/** Planned positions whose time has come, as facts at `at`, in order of their time. Each sees the ones before it. */
export function adoptions(book: BookState, now: Instant, at: string): DomainEvent[] {
  // A millisecond of slack keeps the double out of the exact comparison below.
  if (Number(now) / 1e6 + 1 < book.nextAdoptionMs) return [];
  const running = new Map<string, Decimal>();
  const events: DomainEvent[] = [];
  for (const index of book.adoptionOrder.slice(book.adopted)) {
    const planned = required(book.planned[index], `planned position ${index}`);
    if (parseInstant(planned.at) > now) break;
    const contract = contractIn(book, planned.instrument);
    const quantity = Decimal.parse(planned.quantity);
    const held = Decimal.parse((book.positions[planned.instrument] ?? NOT_HELD).quantity);
    const after = (running.get(planned.instrument) ?? held).plus(quantity);
    running.set(planned.instrument, after);
    events.push({
      type: 'PositionAdopted',
      payload: { ...adopted(book, contract, planned, after, at), index },
    });
  }
  return events;
}

/** A trade as it enters the book: premium and principal change hands, nothing does for perpetuals and futures. */
export function adopted(
  book: BookState,
  contract: Contract,
  trade: Pick<PlannedPosition, 'quantity' | 'price'>,
  after: Decimal,
  at: string,
): Omit<EventPayloads['PositionAdopted'], 'index'> {
  const { quantity, price } = trade;
  // As if it had just been opened, whatever is held.
  const { cash } = tradeOn(contract, NOT_HELD, Decimal.parse(quantity), Decimal.parse(price));
  return {
    book: book.book,
    instrument: contract.id,
    quantity,
    price,
    at,
    cash: { currency: contract.settlement, amount: cash.toString() },
    positionAfter: after.toString(),
  };
}

/** The trade that undoes a busted fill: the opposite quantity at the same price, its fee given back. */
export function undoing(busted: FillBusted): DueFill {
  const { book, instrument, clientOrderId, fillId, price, at } = busted;
  const { currency, amount } = busted.fee;
  return {
    book,
    instrument,
    clientOrderId,
    fillId: `${fillId}/bust`,
    busts: fillId,
    quantity: Decimal.parse(busted.quantity).negated().toString(),
    price,
    fee: { currency, amount: Decimal.parse(amount).negated().toString() },
    at,
  };
}

export function fillApplied(book: BookState, filled: DueFill): DomainEvent {
  const contract = contractIn(book, filled.instrument);
  const before = book.positions[filled.instrument] ?? NOT_HELD;
  const change = tradeOn(contract, before, Decimal.parse(filled.quantity), Decimal.parse(filled.price));
  const payload: EventPayloads['FillApplied'] = {
    book: book.book,
    instrument: filled.instrument,
    clientOrderId: filled.clientOrderId,
    fillId: filled.fillId,
    quantity: filled.quantity,
    price: filled.price,
    fee: filled.fee,
    realised: { currency: contract.settlement, amount: change.realised.toString() },
    at: filled.at,
    positionAfter: change.position.quantity,
    averagePriceAfter: change.averagePrice.toString(),
    ...(filled.busts === undefined ? {} : { busts: filled.busts }),
  };
  return { type: 'FillApplied', payload };
}

/** A trade of somebody else on the book's account enters the book, with the venue's ids as its evidence. */
export function foreignTradeAdopted(book: BookState, seen: DueForeignTrade, at: string): DomainEvent {
  const contract = contractIn(book, seen.instrument);
  const before = book.positions[seen.instrument] ?? NOT_HELD;
  const change = tradeOn(contract, before, Decimal.parse(seen.quantity), Decimal.parse(seen.price));
  const { venue, venueOrderId, tradeId, tradedAt, fee } = seen;
  const realised = { currency: contract.settlement, amount: change.realised.toString() };
  const payload: EventPayloads['PositionAdopted'] = {
    ...adopted(book, contract, seen, Decimal.parse(change.position.quantity), at),
    index: 0,
    venueTrade: {
      venue,
      venueOrderId,
      tradeId,
      tradedAt,
      fee,
      realised,
      averagePriceAfter: change.averagePrice.toString(),
    },
  };
  return { type: 'PositionAdopted', payload };
}

/**
 * At the last price that was believed. Undefined while there was none to take the notional from; the payment then stays due.
 */
export function fundingAccrued(
  book: BookState,
  due: DueFunding,
  mark: InstrumentMark | undefined,
): DomainEvent | undefined {
  const price = mark?.believed ?? '';
  if (price === '') return undefined;
  const contract = contractIn(book, due.instrument);
  const amount = fundingPayment(
    contract,
    Decimal.parse(due.position),
    Decimal.parse(price),
    Decimal.parse(due.rate),
  );
  const payload: EventPayloads['FundingAccrued'] = {
    book: book.book,
    instrument: due.instrument,
    rate: due.rate,
    position: due.position,
    price,
    cash: { currency: contract.settlement, amount: amount.toString() },
    at: due.at,
  };
  return { type: 'FundingAccrued', payload };
}

/**
 * Expired positions whose delivery price is known, and what the book brought in of them where hedges have made it flat. Futures
 * settle the same way: their payoff is the profit since entry.
 */
export function settlements(state: RiskState, book: BookState, now: Instant): DomainEvent[] {
  const { legs, own, nextExpiry } = openBookOf(book);
  if (nextExpiry === undefined || now < nextExpiry) return [];
  const events: DomainEvent[] = [];
  const hedgedAway = own.filter(({ contract }) => book.positions[contract.id] === undefined);
  for (const { contract } of [...legs, ...hedgedAway]) {
    const { venue, underlying, expiry } = contract;
    if (expiry === undefined || now < expiry) continue;
    const delivery = book.deliveries[deliveryKey(venue, underlying, expiry)];
    if (delivery === undefined) continue;
    const payload = settlementOf(book, contract, delivery, state.now);
    const cash = Decimal.parse(payload.cash.amount);
    // What a payoff is worth is fixed when it is paid, so it is paid when that can be told.
    if (payoffInNumeraire(state, book, contract, cash, Decimal.parse(delivery)) === undefined) continue;
    events.push({ type: 'OptionSettled', payload });
  }
  return events;
}

/** An expired position paid out at a delivery price. */
export function settlementOf(
  book: BookState,
  contract: Contract,
  delivery: string,
  at: string,
): EventPayloads['OptionSettled'] {
  const position = book.positions[contract.id] ?? NOT_HELD;
  const price = Decimal.parse(delivery);
  const cash = cashAtExpiry(contract, position, price);
  const payoff =
    contract.kind === 'option'
      ? optionPayoff(contract, price)
      : Decimal.ofNumber(
          position.contracts === 0
            ? 0
            : unrealisedPnlNumber(contract, position, price.toNumber()) / position.contracts,
          AMOUNT_DIGITS,
        );
  const currency = contract.settlement;
  const fee = deliveryFee(contract, Decimal.parse(position.quantity), price);
  return {
    book: book.book,
    instrument: contract.id,
    quantity: position.quantity,
    deliveryPrice: delivery,
    payoff: payoff.toString(),
    cash: { currency, amount: cash.toString() },
    ...(fee.isZero() ? {} : { fee: { currency, amount: fee.negated().toString() } }),
    at,
  };
}

/** What a position brings in when it expires at a delivery price, settlement currency. */
export function cashAtExpiry(contract: Contract, position: Position, delivery: Decimal): Decimal {
  const quantity = Decimal.parse(position.quantity);
  if (quantity.isZero()) return Decimal.ZERO;
  return contract.kind === 'option'
    ? optionPayoff(contract, delivery).times(quantity)
    : tradeOn(contract, position, quantity.negated(), delivery).realised;
}
