import type { EvaluationRules, OrderLimits } from '@evenkeel/facts';
import type { BookFile } from './book-file';
import { limitFields, writtenLimits } from './limit-fields';
import { parseWith } from './problems';

/** What holds where a book file is silent; the README lists them. */
export const DEFAULT_EVALUATION: EvaluationRules = {
  priceMoveBps: '10',
  maxInterval: 'PT1H',
  maxPriceAge: 'PT30M',
  maxVolatilityAge: 'PT24H',
};

const DEFAULT_LIMITS = {
  maxGrossNotionalUsd: '10000000',
  priceCollarBps: '50',
  maxOrdersPerMinute: 60,
} as const;

export function evaluationRulesOf(book: BookFile): EvaluationRules {
  const written = book.evaluation;
  return {
    priceMoveBps: written?.priceMoveBps ?? DEFAULT_EVALUATION.priceMoveBps,
    maxInterval: written?.maxInterval ?? DEFAULT_EVALUATION.maxInterval,
    maxPriceAge: written?.maxPriceAge ?? DEFAULT_EVALUATION.maxPriceAge,
    maxVolatilityAge: written?.maxVolatilityAge ?? DEFAULT_EVALUATION.maxVolatilityAge,
  };
}

/** The book's pre-trade limits, defaults filled in; instruments in the order of their ids. */
export function orderLimitsOf(book: BookFile): OrderLimits {
  return completed(book.limits);
}

/**
 * Reads `limits` of a book by themselves, defaults filled in: what `keel propose limits` puts before a second person. `source` is
 * the file's name for messages. Throws `InvalidInputError` with every problem and its path.
 */
export function parseOrderLimits(input: unknown, source: string): OrderLimits {
  return completed(parseWith(limitFields, input, source));
}

function completed(written: BookFile['limits']): OrderLimits {
  const quantities = Object.entries(written?.maxOrderQuantity ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    maxOrderQuantity: quantities.map(([instrument, maxQuantity]) => ({ instrument, maxQuantity })),
    maxGrossNotionalUsd: written?.maxGrossNotionalUsd ?? DEFAULT_LIMITS.maxGrossNotionalUsd,
    priceCollarBps: written?.priceCollarBps ?? DEFAULT_LIMITS.priceCollarBps,
    maxOrdersPerMinute: written?.maxOrdersPerMinute ?? DEFAULT_LIMITS.maxOrdersPerMinute,
    ...writtenLimits(written),
  };
}
