import type { Mark } from '@evenkeel/facts';

/** An option's quote as a source gives it. Absent sides and volatilities are undefined. */
export interface QuoteFields {
  readonly instrument: string;
  readonly price: string;
  readonly bid: string | undefined;
  readonly ask: string | undefined;
  readonly volatility: number | undefined;
  readonly forward: string;
  readonly index: string;
  readonly eventTime: string;
  readonly source: string;
}

const NO_REASONS: readonly string[] = [];

/**
 * The mark of a quote, judged for its own consistency. Quotes of options stand alone: how old a volatility may be is a rule of the
 * book that uses it.
 */
export function markOfQuote(fields: QuoteFields): Mark {
  const { instrument, price, bid, ask, volatility, forward, index, eventTime, source } = fields;
  const reasons: string[] = [];
  if (bid !== undefined && ask !== undefined && Number(bid) > Number(ask)) reasons.push('CROSSED');
  if (volatility === undefined) reasons.push('NO_VOLATILITY');
  return {
    instrument,
    kind: 'option',
    price,
    bid,
    ask,
    volume: undefined,
    volatility,
    forward,
    index,
    eventTime,
    receivedTime: eventTime,
    source,
    status: reasons.length === 0 ? 'OK' : 'DEGRADED',
    reasons: reasons.length === 0 ? NO_REASONS : reasons,
  };
}
