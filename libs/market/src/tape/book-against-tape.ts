import { numeraireProblem, parseInstrument, premiumProblem, specificationOf } from '@evenkeel/instruments';
import { Decimal, formatInstant, InvalidInputError, parseInstant } from '@evenkeel/kernel';
import type { InputProblem, Instant } from '@evenkeel/kernel';
import { orderLimitsOf } from '../files/book-defaults';
import type { BookFile } from '../files/book-file';
import { apart, timesOf } from '../judgement/looks-like';
import { deliveryKey } from './tape';
import type { Tape } from './tape';

/**
 * What a book asks of a tape: every position and hedge instrument is priced at least once, positions enter before the
 * tape ends, and what expires inside the tape has a delivery price. Throws `InvalidInputError` with all that is amiss.
 */
export function checkBookAgainstTape(book: BookFile, source: string, tape: Tape): void {
  const problems: InputProblem[] = [];
  const unpriced = numeraireProblem(
    book.numeraire,
    tape.sources.map(({ underlying }) => underlying),
  );
  if (unpriced !== undefined) problems.push({ path: 'numeraire', message: unpriced });
  const delivered = new Set(tape.deliveries.map(deliveryKey));
  book.positions.forEach((position, index) => {
    const path = `positions[${index}]`;
    if (!tape.priced.has(position.instrument)) {
      problems.push({ path: `${path}.instrument`, message: neverPriced(position.instrument, tape) });
    } else if (lacksDelivery(position.instrument, tape, delivered)) {
      const message = `${position.instrument} expires within tape ${tape.name}, which has no delivery price for it`;
      problems.push({ path: `${path}.instrument`, message });
    }
    if (parseInstant(position.at) > tape.to) {
      problems.push({
        path: `${path}.at`,
        message: `${position.at} is after tape ${tape.name} ends, ${formatInstant(tape.to)}`,
      });
    }
  });
  problems.push(...premiumsInDollars(book, tape), ...absurdEntries(book, tape));
  book.hedge.instruments.forEach((instrument, index) => {
    if (!tape.priced.has(instrument)) {
      problems.push({ path: `hedge.instruments[${index}]`, message: neverPriced(instrument, tape) });
    }
  });
  if (problems.length > 0) throw new InvalidInputError(source, problems);
}

/** Puts at a coin or more: whether they can be worth that says the market. Of calls the book alone has said it. */
function premiumsInDollars(book: BookFile, tape: Tape): InputProblem[] {
  const terms = book.positions.map(({ instrument, price }) => {
    const parsed = Number(price) >= 1 && isInCoin(instrument) ? parseInstrument(instrument) : undefined;
    return parsed?.ok === true && parsed.value.optionType === 'put' ? parsed.value : undefined;
  });
  if (terms.every((found) => found === undefined)) return [];
  const marks = marksAtEntry(book, tape);
  return book.positions.flatMap(({ price }, index) => {
    const [put, mark] = [terms[index], marks[index]];
    if (put === undefined || mark === undefined) return [];
    const message = premiumProblem(put, Number(price), mark.underlying);
    return message === undefined ? [] : [{ path: `positions[${index}].price`, message }];
  });
}

/** No average of what a perpetual, future or spot was bought at is so many times its price: it is one of something else. */
const ABSURD_FACTOR = 50;

function absurdEntries(book: BookFile, tape: Tape): InputProblem[] {
  if (book.positions.every(({ instrument }) => isOption(instrument))) return [];
  const marks = marksAtEntry(book, tape);
  return book.positions.flatMap(({ instrument, price }, index) => {
    const [mark, value] = [marks[index], Number(price)];
    if (mark === undefined || isOption(instrument) || !apart(value, mark.value, ABSURD_FACTOR)) return [];
    const message = `${price} is ${timesOf(value, mark.value)} the market's ${mark.value} at ${mark.eventTime}`;
    return [{ path: `positions[${index}].price`, message }];
  });
}

function isOption(instrument: string): boolean {
  const parsed = parseInstrument(instrument);
  return parsed.ok && parsed.value.kind === 'option';
}

/** Perpetuals of a book for which a tape has no funding: theirs counts as 0, which a person should be told. */
export function perpetualsWithoutFunding(book: BookFile, tape: Tape): readonly string[] {
  const named = [...book.positions.map(({ instrument }) => instrument), ...book.hedge.instruments];
  return [...new Set(named)].filter((instrument) => {
    const parsed = parseInstrument(instrument);
    return parsed.ok && parsed.value.kind === 'perpetual' && !tape.funded.has(instrument);
  });
}

/** Positions in options that no quote of the tape gives a volatility: they cannot be valued. */
export function positionsWithoutVolatility(book: BookFile, source: string, tape: Tape): readonly string[] {
  const mute = new Map<string, number>();
  book.positions.forEach(({ instrument }, index) => {
    const parsed = parseInstrument(instrument);
    if (parsed.ok && parsed.value.kind === 'option') mute.set(instrument, index);
  });
  for (const { quotes } of tape.instants()) {
    if (mute.size === 0) break;
    for (const { instrument, volatility } of quotes) if (volatility !== undefined) mute.delete(instrument);
  }
  return [...mute].map(
    ([instrument, index]) =>
      `${source}: positions[${index}]: no quote of ${instrument} on tape ${tape.name} has a volatility: it cannot be valued, and the P&L is not whole`,
  );
}

/** A position that enters at a price so many times the market's then is told: it may be written in another unit. */
const ENTRY_FACTOR = 5;
/** Options cheaper than this part of their underlying are worth any number of times their price a day later. */
const CHEAP = 0.002;
const GROSS_FACTOR = 2;

/** What looks wrong with the positions of a book on a tape, and can be right: entry prices of another size, one told twice. */
export function positionRemarks(book: BookFile, source: string, tape: Tape): readonly string[] {
  const marks = marksAtEntry(book, tape);
  const first = new Map<string, number>();
  const remarks = [...grossRemarks(book, source, marks), ...lotRemarks(book, source)];
  book.positions.forEach((position, index) => {
    const path = `${source}: positions[${index}]`;
    const content = Object.values(position).join();
    const earlier = first.get(content);
    if (earlier === undefined) first.set(content, index);
    else remarks.push(`${path} says the same as positions[${earlier}]: both are held`);
    const mark = marks[index];
    const price = Number(position.price);
    if (mark !== undefined && price > 0 && apart(price, mark.value, ENTRY_FACTOR)) {
      if (Math.abs(price - mark.value) > CHEAP * mark.unit)
        remarks.push(
          `${path}.price: ${position.price} is ${timesOf(price, mark.value)} the market's ${mark.value} at ${mark.eventTime}`,
        );
    }
  });
  return remarks;
}

/** A position may come from elsewhere, yet no trade on the venue makes or ends a part of a lot. */
function lotRemarks(book: BookFile, source: string): string[] {
  return book.positions.flatMap(({ instrument, quantity }, index) => {
    const terms = specificationOf(instrument);
    if (!terms.ok || Decimal.parse(quantity).abs().isMultipleOf(Decimal.parse(terms.value.lotSize)))
      return [];
    return [
      `${source}: positions[${index}].quantity: ${quantity} is no multiple of the lot of ${instrument}, ${terms.value.lotSize}`,
    ];
  });
}

/** Positions far beyond the gross notional that the book itself allows: quantities in another unit, or a limit nobody meant. */
function grossRemarks(book: BookFile, source: string, marks: readonly (EntryMark | undefined)[]): string[] {
  const limit = Number(orderLimitsOf(book).maxGrossNotionalUsd);
  let gross = 0;
  book.positions.forEach(({ instrument, quantity }, index) => {
    const [terms, mark] = [specificationOf(instrument), marks[index]];
    if (!terms.ok || mark === undefined) return;
    const { contractSize, inverse, kind } = terms.value;
    const perContract = inverse && kind !== 'option' ? 1 : mark.underlying;
    gross += Math.abs(Number(quantity)) * Number(contractSize) * perContract;
  });
  if (gross <= GROSS_FACTOR * limit) return [];
  const told = `the positions are of ${Math.round(gross)} USD of their underlyings, ${timesOf(gross, limit)}`;
  return [`${source}: ${told} limits.maxGrossNotionalUsd, ${limit}`];
}

interface EntryMark {
  readonly value: number;
  /** What one of the underlying costs in the same unit. */
  readonly unit: number;
  /** In USD. */
  readonly underlying: number;
  readonly eventTime: string;
}

/** The market of each position when it enters: the first price from then on. */
function marksAtEntry(book: BookFile, tape: Tape): readonly (EntryMark | undefined)[] {
  const marks: (EntryMark | undefined)[] = book.positions.map(() => undefined);
  const waiting = new Map<string, { at: Instant; index: number }[]>();
  book.positions.forEach(({ instrument, at }, index) => {
    const entry = { at: parseInstant(at), index };
    waiting.set(instrument, [...(waiting.get(instrument) ?? []), entry]);
  });
  for (const { at, eventTime, prices, quotes } of tape.instants()) {
    if (waiting.size === 0) break;
    const see = (instrument: string, price: string | undefined, forward: string | undefined): void => {
      const entries = waiting.get(instrument);
      const value = Number(price ?? 0);
      if (entries === undefined || !(value > 0)) return;
      const underlying = Number(forward ?? value);
      const unit = forward !== undefined && isInCoin(instrument) ? 1 : underlying;
      for (const entry of entries)
        if (entry.at <= at) marks[entry.index] = { value, unit, underlying, eventTime };
      const later = entries.filter((entry) => entry.at > at);
      if (later.length === 0) waiting.delete(instrument);
      else if (later.length < entries.length) waiting.set(instrument, later);
    };
    for (const { instrument, price } of prices) see(instrument, price, undefined);
    for (const { instrument, price, forward } of quotes) see(instrument, price, forward);
  }
  return marks;
}

function isInCoin(instrument: string): boolean {
  const parsed = parseInstrument(instrument);
  return parsed.ok && parsed.value.quote === parsed.value.underlying;
}

function neverPriced(instrument: string, tape: Tape): string {
  return `${instrument} is never priced by tape ${tape.name}`;
}

function lacksDelivery(instrument: string, tape: Tape, delivered: ReadonlySet<string>): boolean {
  const parsed = parseInstrument(instrument);
  if (!parsed.ok || parsed.value.expiry === undefined || parsed.value.expiry > tape.to) return false;
  const { underlying, venue, expiry } = parsed.value;
  return !delivered.has(deliveryKey({ underlying, venue, expiry: formatInstant(expiry) }));
}
