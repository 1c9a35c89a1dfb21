import { isIP } from 'node:net';
import { InvalidInputError } from '@evenkeel/kernel';

/** Where the bus is, read from a comma-separated list such as `nats://one:4222,nats://two:4222`. */
export interface BusAddress {
  /** `host:port` of each server. */
  readonly servers: readonly string[];
  /** Their hosts, brackets taken off. */
  readonly hosts: readonly string[];
  /** All of them are this machine. */
  readonly isLoopback: boolean;
  /** From `nats://name:password@…`; a name alone is a token. */
  readonly userInfo?: { readonly name: string; readonly password?: string };
}

const DEFAULT_PORT = '4222';

/** Throws `INPUT.INVALID` naming the part that is no address. Nothing of a password is ever in a message. */
export function parseBusAddress(url: string): BusAddress {
  const parts = url.split(',').map((part) => part.trim());
  const parsed = parts.map((part, index) => {
    try {
      const one = new URL(part.includes('://') ? part : `nats://${part}`);
      if ((one.protocol === 'nats:' || one.protocol === 'tls:') && one.hostname !== '') return one;
    } catch {
      // falls through to the one message below
    }
    throw invalid(`part ${index + 1} of ${parts.length} is no address such as nats://host:4222`);
  });
  const secrets = new Set(parsed.map(({ username, password }) => `${username}:${password}`));
  if (secrets.size > 1) throw invalid('names different users for its servers; give one to all of them');
  const { username = '', password = '' } = parsed[0] ?? {};
  const hosts = parsed.map(({ hostname }) => hostname.replace(/^\[|\]$/g, ''));
  return {
    servers: parsed.map(({ hostname, port }) => `${hostname}:${port === '' ? DEFAULT_PORT : port}`),
    hosts,
    isLoopback: hosts.every(isLoopbackHost),
    ...(username === ''
      ? {}
      : {
          userInfo: {
            name: decodeURIComponent(username),
            ...(password === '' ? {} : { password: decodeURIComponent(password) }),
          },
        }),
  };
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError('the address of the NATS server', [{ path: 'NATS_URL', message }]);
}
