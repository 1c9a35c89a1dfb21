import { isLoopback } from '@evenkeel/kernel';
import { VenueAccount, VenueTrading, bookKeys } from '@evenkeel/venue-orders';
import type { ConnectorDefinition } from '@evenkeel/venues';
import { z } from 'zod';

import { DeribitRoutes } from './deribit-routes';

export const DERIBIT_KEYS = bookKeys('deribit');

const settings = z.strictObject({
  /** Where the exchange speaks its protocol; Deribit itself when absent. */
  url: z.url({ protocol: /^wss?$/ }).optional(),
  /** The exchange takes back what a connection placed when it ends without a word. Whoever switches it off is on record. */
  cancelOnDisconnect: z.boolean().default(true),
});

/** Orders at Deribit, or at whatever speaks its protocol at another address. */
export const DERIBIT_CONNECTOR: ConnectorDefinition<z.output<typeof settings>> = {
  connector: 'deribit',
  finality: 'at-once',
  onConnectionLost: 'cancelled',
  settings,
  isReal: ({ url }) => url === undefined || !isLoopback(url),
  keys: (book) => DERIBIT_KEYS.namesOf(book),
  checkKeys: (book, environment) => void DERIBIT_KEYS.keysOf(book, environment),
  connect:
    ({ url, cancelOnDisconnect }, host) =>
    (account, events) => {
      const credentials = DERIBIT_KEYS.keysOf(account.book, host.environment);
      const { specifications } = account;
      return new VenueAccount({
        account,
        events,
        host,
        accountKey: credentials.key,
        trading: ({ random, ...told }) =>
          new VenueTrading(told, (hearing) => {
            const { clock } = told;
            const at = url === undefined ? {} : { url };
            return new DeribitRoutes({
              credentials,
              specifications,
              clock,
              random,
              hearing,
              cancelOnDisconnect,
              ...at,
            });
          }),
      });
    },
};
