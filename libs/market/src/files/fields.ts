import { parseInstrument, premiumProblem } from '@evenkeel/instruments';
import { Decimal, EvenkeelError, parseDuration, tryParseInstant } from '@evenkeel/kernel';
import { z } from 'zod';
import { countSeems } from '../tape/times';

const DECIMAL = /^-?\d+(\.\d+)?$/;
const DECIMAL_DIGITS_MAX = 40;

/** A decimal written as text, so that nobody's parser rounds it. */
export const decimalText = z
  .string({
    error: (issue) =>
      issue.input === undefined ? 'is missing' : 'must be a decimal in quotes, such as "-1.5"',
  })
  .regex(DECIMAL, {
    error: (issue) => `"${String(issue.input)}" is not a decimal such as "-1.5"`,
    abort: true,
  })
  .max(DECIMAL_DIGITS_MAX, `has more than ${DECIMAL_DIGITS_MAX} digits`);

export const positiveDecimal = decimalText.refine((text) => atLeast(text, 1), { error: 'must be positive' });
export const nonNegativeDecimal = decimalText.refine((text) => atLeast(text, 0), {
  error: 'must not be negative',
});
export const nonZeroDecimal = decimalText.refine((text) => Decimal.tryParse(text)?.isZero() !== true, {
  error: 'must not be zero',
});

/** Text that is no decimal at all is another check's finding. */
function atLeast(text: string, sign: 0 | 1): boolean {
  const decimal = Decimal.tryParse(text);
  return decimal === undefined || decimal.sign() >= sign;
}

export const instantText = z.string().refine((text) => tryParseInstant(text) !== undefined, {
  error: (issue) =>
    `"${String(issue.input)}" ${countSeems(String(issue.input))?.told ?? 'is not an ISO 8601 time'}`,
});

export const durationText = z.string().refine(isDuration, {
  error: (issue) => `"${String(issue.input)}" is not a duration such as PT5M or 8h`,
});

function isDuration(text: string): boolean {
  try {
    return parseDuration(text) > 0n;
  } catch (error) {
    if (error instanceof EvenkeelError) return false;
    throw error;
  }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Names travel in subjects and file names. */
export const nameText = z.string().regex(NAME, {
  error: (issue) => `"${String(issue.input)}" must be letters, digits, - and _ (at most 64)`,
});

export const currencyText = z.string().regex(/^[A-Z][A-Z0-9]{1,9}$/, {
  error: (issue) => `"${String(issue.input)}" is not a currency code such as USD or BTC`,
});

/** Why an id names no contract; undefined when it names one. */
export function instrumentProblem(id: string): string | undefined {
  if (/-{2,}\d/.test(id)) return `"${id}" has a negative strike`;
  const parsed = parseInstrument(id);
  if (!parsed.ok) return parsed.failure.message;
  const { strike } = parsed.value;
  if (strike !== undefined && !strike.isPositive()) return `"${id}" has a strike that is not positive`;
  return undefined;
}

/** Why a trade in an option cannot have had its price; see `premiumProblem`. */
export function premiumProblemOf(trade: {
  readonly instrument: string;
  readonly price: string;
}): string | undefined {
  const parsed = parseInstrument(trade.instrument);
  return parsed.ok ? premiumProblem(parsed.value, Number(trade.price)) : undefined;
}

export const instrumentText = z.string().refine((id) => instrumentProblem(id) === undefined, {
  error: (issue) => instrumentProblem(String(issue.input)) ?? 'is not an instrument',
});
