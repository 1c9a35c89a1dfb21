import { OperationalError, isLoopback } from '@evenkeel/kernel';
import { bookKeys, orderAccount } from '@evenkeel/venue-orders';
import type { Credentials } from '@evenkeel/venue-wire';
import type { ConnectorDefinition, ConnectorHost } from '@evenkeel/venues';
import { z } from 'zod';

import { HyperliquidOrders } from './hyperliquid-orders';
import { isAddress, isPrivateKey } from './signing';

const settings = z.strictObject({
  /** Orders with play money, on the other chain. */
  testnet: z.boolean().default(false),
  /** Where calls go instead of Hyperliquid. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** The stream that belongs to it. */
  streamUrl: z.url({ protocol: /^wss?$/ }).optional(),
  /** The venue takes back what rests when nobody has spoken for a while. Whoever switches it off is on record. */
  cancelOnDisconnect: z.boolean().default(true),
  /** After so many seconds. */
  disconnectSeconds: z.int().min(10).max(300).default(15),
});

const TESTNET = {
  restUrl: 'https://api.hyperliquid-testnet.xyz',
  streamUrl: 'wss://api.hyperliquid-testnet.xyz/ws',
};

export const KEYS = bookKeys('hyperliquid');

/** The address of the account, and a private key. Neither is shown where it is wrong. */
function keysOf(book: string, environment: ConnectorHost['environment']): Credentials {
  const credentials = KEYS.keysOf(book, environment);
  const wrong = !isAddress(credentials.key)
    ? 'the key is no address of an account (0x and 40 hex digits)'
    : isPrivateKey(credentials.revealSecret())
      ? undefined
      : 'the secret is no private key (64 hex digits)';
  if (wrong === undefined) return credentials;
  throw new OperationalError({
    code: 'EXECUTION.KEYS_MISSING',
    message: `no key of book ${book} for hyperliquid: ${wrong}; set it in the environment, or name a file`,
  });
}

/** Orders at Hyperliquid, or at whatever speaks its protocol at another address. */
export const HYPERLIQUID_CONNECTOR: ConnectorDefinition<z.output<typeof settings>> = {
  connector: 'hyperliquid',
  finality: 'at-once',
  onConnectionLost: 'cancelled',
  settings: settings.refine(({ url, streamUrl }) => (url === undefined) === (streamUrl === undefined), {
    path: ['streamUrl'],
    message: 'url and streamUrl are of one place: give both or neither',
  }),
  isReal: ({ url, testnet }) => (url === undefined ? !testnet : !isLoopback(url)),
  keys: KEYS.namesOf,
  checkKeys: (book, environment) => void keysOf(book, environment),
  connect: (own, host) => (account, events) => {
    const credentials = keysOf(account.book, host.environment);
    const { testnet, disconnectSeconds, cancelOnDisconnect } = own;
    const { specifications } = account;
    const place = testnet ? TESTNET : {};
    const stated = {
      ...(own.url === undefined ? {} : { restUrl: own.url }),
      ...(own.streamUrl === undefined ? {} : { streamUrl: own.streamUrl }),
    };
    return orderAccount(account, events, host, {
      dialect: new HyperliquidOrders({ credentials, specifications, real: !testnet, disconnectSeconds }),
      accountKey: credentials.key,
      protected: cancelOnDisconnect,
      ...place,
      ...stated,
    });
  },
};
