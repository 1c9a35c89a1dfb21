import type { DomainEvent, EventPayloads, FillBusted } from '@evenkeel/facts';
import { Decimal, parseInstant, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { fundingCash, optionPayoff, tradeCash } from './cash-flow';
import type { ContractTerms } from './contract-terms';
import { contractTermsOf } from './contract-terms';
import { openBookOf } from './open-book';
import { AMOUNT_DIGITS, FLAT, applyTrade, unrealisedNumber } from './position';
import type { BookState, DueFill, DueFunding, InstrumentMark } from './state';

export function termsIn(book: BookState, instrument: string): ContractTerms {
  return contractTermsOf(
    required(book.specifications[instrument], `the terms of ${instrument} in book ${book.book}`),
  );
}

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
    const terms = termsIn(book, planned.instrument);
    const quantity = Decimal.parse(planned.quantity);
    const held = Decimal.parse((book.positions[planned.instrument] ?? FLAT).quantity);
    const after = (running.get(planned.instrument) ?? held).plus(quantity);
    running.set(planned.instrument, after);
    const cash = tradeCash(terms, quantity, Decimal.parse(planned.price));
    const payload: EventPayloads['PositionAdopted'] = {
      book: book.book,
      instrument: planned.instrument,
      quantity: planned.quantity,
      price: planned.price,
      at,
      cash: { currency: terms.settlement, amount: cash.toString() },
      positionAfter: after.toString(),
      index,
    };
    events.push({ type: 'PositionAdopted', payload });
  }
  return events;
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
  const terms = termsIn(book, filled.instrument);
  const before = book.positions[filled.instrument] ?? FLAT;
  const change = applyTrade(terms, before, Decimal.parse(filled.quantity), Decimal.parse(filled.price));
  const payload: EventPayloads['FillApplied'] = {
    book: book.book,
    instrument: filled.instrument,
    clientOrderId: filled.clientOrderId,
    fillId: filled.fillId,
    quantity: filled.quantity,
    price: filled.price,
    fee: filled.fee,
    realised: { currency: terms.settlement, amount: change.realised.toString() },
    at: filled.at,
    positionAfter: change.position.quantity,
    averagePriceAfter: change.averagePrice.toString(),
    ...(filled.busts === undefined ? {} : { busts: filled.busts }),
  };
  return { type: 'FillApplied', payload };
}

/** Undefined while the instrument has no mark to take the notional from; the payment then stays due. */
export function fundingAccrued(
  book: BookState,
  due: DueFunding,
  mark: InstrumentMark | undefined,
): DomainEvent | undefined {
  if (mark === undefined) return undefined;
  const terms = termsIn(book, due.instrument);
  const amount = fundingCash(
    terms,
    Decimal.parse(due.position),
    Decimal.parse(mark.mark.price),
    Decimal.parse(due.rate),
  );
  const payload: EventPayloads['FundingAccrued'] = {
    book: book.book,
    instrument: due.instrument,
    rate: due.rate,
    position: due.position,
    price: mark.mark.price,
    cash: { currency: terms.settlement, amount: amount.toString() },
    at: due.at,
  };
  return { type: 'FundingAccrued', payload };
}

/** Expired positions whose delivery price is known. Futures settle the same way: their payoff is the profit since entry. */
export function settlements(book: BookState, now: Instant, at: string): DomainEvent[] {
  const { legs, nextExpiry } = openBookOf(book);
  if (nextExpiry === undefined || now < nextExpiry) return [];
  const events: DomainEvent[] = [];
  for (const { terms } of legs) {
    if (terms.expiry === undefined || now < terms.expiry) continue;
    const delivery = book.deliveries[deliveryKey(terms.venue, terms.underlying, terms.expiry)];
    if (delivery === undefined) continue;
    events.push({ type: 'OptionSettled', payload: settlementOf(book, terms, delivery, at) });
  }
  return events;
}

function settlementOf(
  book: BookState,
  terms: ContractTerms,
  delivery: string,
  at: string,
): EventPayloads['OptionSettled'] {
  const position = book.positions[terms.id] ?? FLAT;
  const quantity = Decimal.parse(position.quantity);
  const price = Decimal.parse(delivery);
  const isOption = terms.kind === 'option';
  const cash = isOption
    ? optionPayoff(terms, price).times(quantity)
    : applyTrade(terms, position, quantity.negated(), price).realised;
  const payoff = isOption
    ? optionPayoff(terms, price)
    : Decimal.ofNumber(
        unrealisedNumber(terms, position, price.toNumber()) / position.contracts,
        AMOUNT_DIGITS,
      );
  return {
    book: book.book,
    instrument: terms.id,
    quantity: position.quantity,
    deliveryPrice: delivery,
    payoff: payoff.toString(),
    cash: { currency: terms.settlement, amount: cash.toString() },
    at,
  };
}
