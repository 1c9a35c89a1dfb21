import { parseInstrument, type InstrumentSpec } from '@evenkeel/instruments';
import { localExchangeOf, simListing } from '@evenkeel/local-exchange';
import type { LocalExchange } from '@evenkeel/venues';

import { KEYS } from '../orders/connector';
import { symbolOf } from '../orders/contracts';
import { openBybitSim } from './bybit-sim';

/** Amounts are coins, or dollars of an inverse contract. */
const WORDS = {
  venue: 'bybit',
  nameOf: symbolOf,
  amountPerContract: ({ contractSize }: InstrumentSpec) => contractSize,
};

/** What is named, and the perpetual in coin of every underlying, whose price stands for its index. */
export function bybitListing(ids: readonly string[]) {
  const coins = new Set(ids.flatMap((id) => underlyingOf(id)));
  return simListing([...[...coins].sort().map((coin) => `${coin}USD-PERP@bybit`), ...ids], WORDS);
}

function underlyingOf(id: string): string[] {
  const parsed = parseInstrument(id);
  return parsed.ok && parsed.value.venue === 'bybit' ? [parsed.value.underlying] : [];
}

/** Bybit's protocol on a local port: the contracts of the books, an account for each book. */
export const LOCAL_EXCHANGE: LocalExchange = localExchangeOf({
  keyPrefix: KEYS.prefixOf,
  listing: bybitListing,
  open: ({ instruments, accounts, market, nowMs }) =>
    openBybitSim({ instruments, ...accounts, ...market, nowMs }),
});
