import { parseInstrument } from '@evenkeel/instruments';
import { formatInstant, InvalidInputError, parseInstant } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import type { BookFile } from '../files/book-file';
import { deliveryKey } from './tape';
import type { Tape } from './tape';

/**
 * What a book asks of a tape: every position and hedge instrument is priced at least once, positions enter before the
 * tape ends, and what expires inside the tape has a delivery price. Throws `InvalidInputError` with all that is amiss.
 */
export function checkBookAgainstTape(book: BookFile, source: string, tape: Tape): void {
  const problems: InputProblem[] = [];
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
  book.hedge.instruments.forEach((instrument, index) => {
    if (!tape.priced.has(instrument)) {
      problems.push({ path: `hedge.instruments[${index}]`, message: neverPriced(instrument, tape) });
    }
  });
  if (problems.length > 0) throw new InvalidInputError(source, problems);
}

/** Perpetuals of a book for which a tape has no funding: theirs counts as 0, which a person should be told. */
export function perpetualsWithoutFunding(book: BookFile, tape: Tape): readonly string[] {
  const named = [...book.positions.map(({ instrument }) => instrument), ...book.hedge.instruments];
  return [...new Set(named)].filter((instrument) => {
    const parsed = parseInstrument(instrument);
    return parsed.ok && parsed.value.kind === 'perpetual' && !tape.funded.has(instrument);
  });
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
