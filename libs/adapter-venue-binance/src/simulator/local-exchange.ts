import { parseInstrument, type InstrumentSpec } from '@evenkeel/instruments';
import { localExchangeOf, simListing } from '@evenkeel/local-exchange';
import type { SimInstrument } from '@evenkeel/local-exchange';
import type { LocalExchange } from '@evenkeel/venues';

import { KEYS } from '../orders/connector';
import { symbolOf } from '../orders/contracts';
import { openBinanceSim } from './binance-sim';

/** Amounts are coins on USD-M, contracts on COIN-M. */
export const LISTING_WORDS = {
  venue: 'binance',
  nameOf: (id: string): string => {
    const parsed = parseInstrument(id);
    return symbolOf(id, parsed.ok && parsed.value.inverse);
  },
  amountPerContract: ({ inverse, contractSize }: InstrumentSpec): string => (inverse ? '1' : contractSize),
};

/** The futures that are named; nothing else is listed. */
export function binanceListing(ids: readonly string[]): SimInstrument[] {
  const futures = ids.filter((id) => {
    const parsed = parseInstrument(id);
    return parsed.ok && (parsed.value.kind === 'perpetual' || parsed.value.kind === 'future');
  });
  return simListing(futures, LISTING_WORDS);
}

/** Binance's futures protocol on a local port: the contracts of the books, an account for each book. */
export const LOCAL_EXCHANGE: LocalExchange = localExchangeOf({
  keyPrefix: KEYS.prefixOf,
  listing: binanceListing,
  open: ({ instruments, accounts, market, nowMs }) =>
    openBinanceSim({ instruments, ...accounts, ...market, nowMs }),
});
