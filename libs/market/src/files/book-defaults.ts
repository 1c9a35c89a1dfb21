import type { EvaluationRules, OrderLimits } from '@evenkeel/facts';
import type { BookFile } from './book-file';
import { writtenLimits } from './limit-fields';

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
  const written = book.limits;
  const quantities = Object.entries(written?.maxOrderQuantity ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    maxOrderQuantity: quantities.map(([instrument, maxQuantity]) => ({ instrument, maxQuantity })),
    maxGrossNotionalUsd: written?.maxGrossNotionalUsd ?? DEFAULT_LIMITS.maxGrossNotionalUsd,
    priceCollarBps: written?.priceCollarBps ?? DEFAULT_LIMITS.priceCollarBps,
    maxOrdersPerMinute: written?.maxOrdersPerMinute ?? DEFAULT_LIMITS.maxOrdersPerMinute,
    ...writtenLimits(written),
  };
}
