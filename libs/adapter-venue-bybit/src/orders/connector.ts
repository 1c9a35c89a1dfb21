import { isLoopback } from '@evenkeel/kernel';
import { bookKeys, orderAccount } from '@evenkeel/venue-orders';
import type { ConnectorDefinition } from '@evenkeel/venues';
import { z } from 'zod';

import { BybitOrders } from './bybit-orders';

const settings = z.strictObject({
  /** Where calls go; Bybit itself when absent, `https://api-testnet.bybit.com` or `https://api-demo.bybit.com` for play money. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** The private stream that belongs to it. */
  streamUrl: z.url({ protocol: /^wss?$/ }).optional(),
  /** The venue takes back what rests when no private stream lives any more. Whoever switches it off is on record. */
  cancelOnDisconnect: z.boolean().default(true),
  /** After so many seconds. */
  disconnectSeconds: z.int().min(3).max(300).default(10),
});

export const KEYS = bookKeys('bybit');

/** Hosts on which nobody's money is traded. */
const PLAY_MONEY = new Set(['api-testnet.bybit.com', 'api-demo.bybit.com']);

/** Orders at Bybit, or at whatever speaks its protocol at another address. */
export const BYBIT_CONNECTOR: ConnectorDefinition<z.output<typeof settings>> = {
  connector: 'bybit',
  finality: 'at-once',
  onConnectionLost: 'cancelled',
  settings: settings.refine(({ url, streamUrl }) => (url === undefined) === (streamUrl === undefined), {
    path: ['streamUrl'],
    message: 'url and streamUrl are of one place: give both or neither',
  }),
  isReal: ({ url }) => url === undefined || !(isLoopback(url) || PLAY_MONEY.has(new URL(url).hostname)),
  keys: KEYS.namesOf,
  checkKeys: (book, environment) => void KEYS.keysOf(book, environment),
  connect: (own, host) => (account, events) => {
    const credentials = KEYS.keysOf(account.book, host.environment);
    const { disconnectSeconds, cancelOnDisconnect, url, streamUrl } = own;
    const { specifications } = account;
    return orderAccount(account, events, host, {
      dialect: new BybitOrders({ credentials, specifications, disconnectSeconds }),
      accountKey: credentials.key,
      protected: cancelOnDisconnect,
      ...(url === undefined ? {} : { restUrl: url }),
      ...(streamUrl === undefined ? {} : { streamUrl }),
    });
  },
};
