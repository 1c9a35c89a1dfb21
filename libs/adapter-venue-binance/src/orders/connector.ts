import { isLoopback } from '@evenkeel/kernel';
import { bookKeys, orderAccount } from '@evenkeel/venue-orders';
import type { ConnectorDefinition } from '@evenkeel/venues';
import { z } from 'zod';

import { BinanceOrders } from './binance-orders';
import { marketOf } from './contracts';

const settings = z.strictObject({
  /** Orders with play money. */
  testnet: z.boolean().default(false),
  /** Where calls go instead of Binance. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** The private stream that belongs to it. */
  streamUrl: z.url({ protocol: /^wss?$/ }).optional(),
  /** The venue takes back what rests when nobody has spoken for a while. Whoever switches it off is on record. */
  cancelOnDisconnect: z.boolean().default(true),
  /** After so many seconds. */
  disconnectSeconds: z.int().min(10).max(600).default(60),
});

export const KEYS = bookKeys('binance');

/** Futures orders at Binance, USD-M or COIN-M by what the book names, or at whatever speaks its protocol at another address. */
export const BINANCE_CONNECTOR: ConnectorDefinition<z.output<typeof settings>> = {
  connector: 'binance',
  finality: 'at-once',
  onConnectionLost: 'cancelled',
  settings: settings.refine(({ url, streamUrl }) => (url === undefined) === (streamUrl === undefined), {
    path: ['streamUrl'],
    message: 'url and streamUrl are of one place: give both or neither',
  }),
  isReal: ({ url, testnet }) => (url === undefined ? !testnet : !isLoopback(url)),
  keys: KEYS.namesOf,
  checkKeys: (book, environment) => void KEYS.keysOf(book, environment),
  connect: (own, host) => (account, events) => {
    const { specifications, book } = account;
    const market = marketOf(book, specifications);
    const credentials = KEYS.keysOf(book, host.environment);
    const place = own.testnet ? market.testnet : market;
    return orderAccount(account, events, host, {
      dialect: new BinanceOrders({
        market,
        credentials,
        specifications,
        countdownMs: own.disconnectSeconds * 1000,
      }),
      accountKey: `${market.name}/${credentials.key}`,
      protected: own.cancelOnDisconnect,
      restUrl: own.url ?? place.restUrl,
      streamUrl: own.streamUrl ?? place.streamUrl,
    });
  },
};
