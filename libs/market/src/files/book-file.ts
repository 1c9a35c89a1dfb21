import { numeraireProblem, parseInstrument } from '@evenkeel/instruments';
import { formatInstant, InvalidInputError, parseInstant } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { z } from 'zod';
import {
  currencyText,
  decimalText,
  durationText,
  instantText,
  instrumentText,
  nameText,
  nonNegativeDecimal,
  nonZeroDecimal,
  positiveDecimal,
  premiumProblemOf,
} from './fields';
import { limitFields } from './limit-fields';
import { parseWith } from './problems';

const POSITIONS_MAX = 10_000;

const position = z.strictObject({
  instrument: instrumentText,
  quantity: nonZeroDecimal.describe('Contracts, long positive.'),
  price: nonNegativeDecimal.describe("In the instrument's quote unit."),
  at: instantText.describe('Event time at which the position enters the book.'),
});

const hedge = z.strictObject({
  instruments: z.array(instrumentText).min(1, 'names no hedge instrument'),
  policy: z
    .object({ kind: z.string().min(1) })
    .catchall(z.json())
    .describe('Checked by the hedging library.'),
  execution: z
    .object({ algorithm: z.string().min(1) })
    .catchall(z.json())
    .optional()
    .describe('How trades are carried out; at once where absent. Checked by the execution library.'),
  target: z
    .strictObject({ delta: decimalText.describe('Wanted delta per underlying, in its units.') })
    .optional(),
});

const evaluation = z.strictObject({
  priceMoveBps: positiveDecimal.optional(),
  maxInterval: durationText.optional(),
  maxPriceAge: durationText.optional(),
  maxVolatilityAge: durationText.optional(),
});

const bookSchema = z.strictObject({
  book: nameText,
  numeraire: currencyText,
  positions: z
    .array(position)
    .min(1, 'holds no position')
    .max(POSITIONS_MAX, `holds more than ${POSITIONS_MAX} positions: its first fact would not fit a message`),
  hedge,
  limits: limitFields.optional(),
  evaluation: evaluation.optional(),
});

/** A book as a person wrote it (ARCHITECTURE §8), checked. */
export type BookFile = z.infer<typeof bookSchema>;

/**
 * Reads a book file. `input` is JSON text or a parsed value, `source` the file's name for messages. Throws
 * `InvalidInputError` with every problem and its path.
 */
export function parseBookFile(input: unknown, source: string): BookFile {
  const book = parseWith(bookSchema, input, source);
  const problems = positionProblems(book);
  const seen = new Set<string>();
  book.hedge.instruments.forEach((id, index) => {
    if (seen.has(id)) problems.push({ path: `hedge.instruments[${index}]`, message: `${id} is named twice` });
    seen.add(id);
  });
  for (const id of Object.keys(book.limits?.maxOrderQuantity ?? {})) {
    // A limit on what is never traded is a slip of the pen that would leave the real instrument without one.
    if (!seen.has(id))
      problems.push({
        path: `limits.maxOrderQuantity.${id}`,
        message: 'is not one of the hedge instruments',
      });
  }
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  return book;
}

function positionProblems(book: BookFile): InputProblem[] {
  return book.positions.flatMap((entry, index) => {
    const premium = premiumProblemOf(entry);
    if (premium !== undefined) return [{ path: `positions[${index}].price`, message: premium }];
    const parsed = parseInstrument(entry.instrument);
    if (!parsed.ok || parsed.value.expiry === undefined || parseInstant(entry.at) < parsed.value.expiry)
      return [];
    const expiry = formatInstant(parsed.value.expiry);
    return [
      {
        path: `positions[${index}].at`,
        message: `${entry.at} is not before the expiry of ${entry.instrument}, ${expiry}`,
      },
    ];
  });
}

/** A book and the file it came from. */
export interface SourcedBook {
  readonly source: string;
  readonly book: BookFile;
}

/** Several books of one run: no two may share a name. Throws `InvalidInputError`. */
export function checkBooks(books: readonly SourcedBook[]): void {
  const first = new Map<string, string>();
  const problems: InputProblem[] = [];
  for (const { source, book } of books) {
    const earlier = first.get(book.book);
    if (earlier === undefined) first.set(book.book, source);
    else
      problems.push({
        path: `${source}: book`,
        message: `the name "${book.book}" is already taken by ${earlier}`,
      });
  }
  if (problems.length > 0) throw new InvalidInputError('the set of books', problems);
}

/**
 * Live feeds price the underlyings of what a book holds and trades: it can be counted in those, and in dollars. A tape prices what it
 * has (`checkBookAgainstTape`). Throws `InvalidInputError`.
 */
export function checkNumeraire(
  { numeraire, positions, hedge: { instruments } }: BookFile,
  source: string,
): void {
  const underlyings = [...positions.map(({ instrument }) => instrument), ...instruments].flatMap((id) => {
    const parsed = parseInstrument(id);
    return parsed.ok ? [parsed.value.underlying] : [];
  });
  const message = numeraireProblem(numeraire, underlyings);
  if (message !== undefined) throw new InvalidInputError(source, [{ path: 'numeraire', message }]);
}

/** JSON Schema (draft 2020-12) of the book file. */
export function bookJsonSchema(): object {
  return z.toJSONSchema(bookSchema, { io: 'input' });
}
