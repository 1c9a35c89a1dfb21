import { randomBytes } from 'node:crypto';

import { fiveFigures } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { localExchangeOf, simListing, type SimInstrument } from '@evenkeel/local-exchange';
import type { LocalExchange } from '@evenkeel/venues';

import { KEYS } from '../orders/connector';
import { coinOf } from '../orders/contracts';
import { openHyperliquidSim } from './hyperliquid-sim';

export const HYPERLIQUID_WORDS = { venue: 'hyperliquid', nameOf: coinOf, amountPerContract: () => '1' };

/** What is named, each on the ticks of twice the price it begins at: the venue takes five significant figures, also after a rise. */
export function hyperliquidListing(ids: readonly string[]): SimInstrument[] {
  return simListing(ids, HYPERLIQUID_WORDS).map((instrument) => {
    const price = Decimal.parse(instrument.initialPrice).times(Decimal.ofInteger(2));
    const places = Decimal.parse(instrument.amountStep).toString().split('.')[1]?.length ?? 0;
    const { tickSize, tickSteps } = fiveFigures(places);
    const step = tickSteps.filter(({ above }) => price.greaterThan(Decimal.parse(above))).at(-1);
    return { ...instrument, tickSize: step?.tick ?? tickSize };
  });
}

/** Hyperliquid's protocol on a local port: the contracts of the books, an account with an agent's key for each book. */
export const LOCAL_EXCHANGE: LocalExchange = localExchangeOf({
  keyPrefix: KEYS.prefixOf,
  client: () => ({
    clientId: `0x${randomBytes(20).toString('hex')}`,
    clientSecret: randomBytes(32).toString('hex'),
  }),
  listing: hyperliquidListing,
  open: ({ instruments, accounts, market, nowMs }) =>
    openHyperliquidSim({ instruments, ...accounts, ...market, nowMs }),
});
