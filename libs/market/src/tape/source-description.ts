import { parseInstrument } from '@evenkeel/instruments';
import { parseDuration } from '@evenkeel/kernel';
import type { TapeSource } from '../files/tape-manifest';
import type { SourceDescription } from './raw-instant';

export type SourceOf<F extends TapeSource['format']> = Extract<TapeSource, { format: F }>;

export function describeSource(source: TapeSource): SourceDescription | undefined {
  switch (source.format) {
    case 'ohlcv': {
      const parsed = parseInstrument(source.instrument);
      const underlying = parsed.ok ? parsed.value.underlying : source.instrument;
      const interval = parseDuration(source.interval);
      return {
        source: sourceName(source),
        kind: 'price',
        instrument: source.instrument,
        underlying,
        interval,
      };
    }
    case 'deribit-chain':
      return {
        source: sourceName(source),
        kind: 'option',
        instrument: `${source.currency}@${source.venue ?? 'deribit'}`,
        underlying: source.currency,
      };
    case 'funding':
    case 'delivery':
      return undefined;
  }
}

/** The name a source carries in marks and facts: `ohlcv:BTCUSDT@binance`. */
export function sourceName(source: TapeSource): string {
  if (source.format === 'ohlcv' || source.format === 'funding')
    return `${source.format}:${source.instrument}`;
  const venue = source.venue ?? 'deribit';
  return source.format === 'delivery' ? `delivery:${venue}` : `deribit-chain:${source.currency}@${venue}`;
}
