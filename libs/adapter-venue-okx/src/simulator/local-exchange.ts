import { parseInstrument } from '@evenkeel/instruments';
import { localExchangeOf, simListing } from '@evenkeel/local-exchange';
import { splitInstrumentId } from '@evenkeel/venue-wire';
import type { LocalExchange } from '@evenkeel/venues';

import { KEYS } from '../orders/connector';
import { openOkxSim } from './okx-sim';
import { PASSPHRASE } from './okx-words';

/** Amounts are contracts. */
const WORDS = {
  venue: 'okx',
  nameOf: (id: string) => splitInstrumentId(id)[0],
  amountPerContract: () => '1',
};

/** What is named, and the swap in coin of every underlying, whose price stands for its index. */
export function okxListing(ids: readonly string[]) {
  const coins = new Set(ids.flatMap((id) => underlyingOf(id)));
  return simListing([...[...coins].sort().map((coin) => `${coin}-USD-SWAP@okx`), ...ids], WORDS);
}

function underlyingOf(id: string): string[] {
  const parsed = parseInstrument(id);
  return parsed.ok && parsed.value.venue === 'okx' ? [parsed.value.underlying] : [];
}

/** OKX's protocol on a local port: the contracts of the books, an account for each book. */
export const LOCAL_EXCHANGE: LocalExchange = localExchangeOf({
  keyPrefix: KEYS.prefixOf,
  passphrase: PASSPHRASE,
  listing: okxListing,
  open: ({ instruments, accounts, market, nowMs }) =>
    openOkxSim({ instruments, ...accounts, ...market, nowMs }),
});
