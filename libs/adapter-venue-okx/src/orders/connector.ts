import { isLoopback } from '@evenkeel/kernel';
import { bookKeys, orderAccount } from '@evenkeel/venue-orders';
import type { ConnectorDefinition } from '@evenkeel/venues';
import { z } from 'zod';

import { OkxOrders } from './okx-orders';

const settings = z.strictObject({
  /** Where calls go; OKX itself when absent. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** The private stream that belongs to it. */
  streamUrl: z.url({ protocol: /^wss?$/ }).optional(),
  /** Demo trading, with keys of its own: nobody's money. */
  demo: z.boolean().default(false),
  /** The venue takes back what rests unless it is told in time not to. Whoever switches it off is on record. */
  cancelOnDisconnect: z.boolean().default(true),
  /** After so many seconds. */
  disconnectSeconds: z.int().min(10).max(120).default(15),
});

export const KEYS = bookKeys('okx', ['KEY', 'SECRET', 'PASSPHRASE']);

/** Orders at OKX, or at whatever speaks its protocol at another address. */
export const OKX_CONNECTOR: ConnectorDefinition<z.output<typeof settings>> = {
  connector: 'okx',
  finality: 'at-once',
  onConnectionLost: 'cancelled',
  settings: settings.refine(({ url, streamUrl }) => (url === undefined) === (streamUrl === undefined), {
    path: ['streamUrl'],
    message: 'url and streamUrl are of one place: give both or neither',
  }),
  isReal: ({ url, demo }) => !demo && (url === undefined || !isLoopback(url)),
  keys: KEYS.namesOf,
  checkKeys: (book, environment) => void KEYS.keysOf(book, environment),
  connect: (own, host) => (account, events) => {
    const credentials = KEYS.keysOf(account.book, host.environment);
    const { disconnectSeconds, cancelOnDisconnect, demo, url, streamUrl } = own;
    const { specifications } = account;
    return orderAccount(account, events, host, {
      dialect: new OkxOrders({ credentials, specifications, disconnectSeconds, demo }),
      accountKey: credentials.key,
      protected: cancelOnDisconnect,
      ...(url === undefined ? {} : { restUrl: url }),
      ...(streamUrl === undefined ? {} : { streamUrl }),
    });
  },
};
