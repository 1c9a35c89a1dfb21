import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { credsAuthenticator, tokenAuthenticator, usernamePasswordAuthenticator } from '@nats-io/nats-core';
import type { Authenticator } from '@nats-io/nats-core';
import { InvalidInputError } from '@evenkeel/kernel';
import type { BusAddress } from './bus-address';
import { userKeyOf } from './nkey';

/** How to reach the bus, and as whom. */
export interface BusAccess {
  /** Servers, comma-separated. */
  readonly url: string;
  /** An nkey seed, or a JWT with its seed (`.creds`). Read again at every connection, so that it can be renewed. */
  readonly credsFile?: string;
  /** Certificates that vouch for the server, instead of those that the machine trusts. */
  readonly caFile?: string;
  /** What this process shows a server that asks for a certificate. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** The variables that say how to reach the bus; an empty one counts as absent. */
export interface BusEnvironment {
  readonly NATS_URL?: string | undefined;
  readonly NATS_CREDS_FILE?: string | undefined;
  readonly NATS_CA_FILE?: string | undefined;
  readonly NATS_CERT_FILE?: string | undefined;
  readonly NATS_KEY_FILE?: string | undefined;
}

export function busAccessFrom(environment: BusEnvironment & { readonly NATS_URL: string }): BusAccess {
  const { NATS_URL: url, NATS_CREDS_FILE: credsFile, NATS_CA_FILE: caFile } = environment;
  const { NATS_CERT_FILE: certFile, NATS_KEY_FILE: keyFile } = environment;
  return {
    url,
    ...(credsFile ? { credsFile } : {}),
    ...(caFile ? { caFile } : {}),
    ...(certFile ? { certFile } : {}),
    ...(keyFile ? { keyFile } : {}),
  };
}

/** The variables that give a process this access. */
export function environmentOf(access: BusAccess): Readonly<Record<string, string>> {
  const { url, credsFile = '', caFile = '', certFile = '', keyFile = '' } = access;
  return {
    NATS_URL: url,
    NATS_CREDS_FILE: credsFile,
    NATS_CA_FILE: caFile,
    NATS_CERT_FILE: certFile,
    NATS_KEY_FILE: keyFile,
  };
}

/** Who a connection is, for messages and for the place where it hears answers. */
export interface Credential {
  /** Never a secret: the name of the file, of the token's holder or of the user, and the public key. */
  readonly identity: string;
  readonly publicKey?: string;
  readonly authenticator?: Authenticator;
}

/** Throws `INPUT.INVALID` naming the variable where a credential cannot be read. */
export function credentialOf({ credsFile }: BusAccess, { userInfo }: BusAddress): Credential {
  if (credsFile === undefined) return userInfo === undefined ? { identity: 'nobody' } : named(userInfo);
  if (userInfo !== undefined)
    throw invalid('NATS_URL', 'names a user, and NATS_CREDS_FILE is set as well: give one of the two');
  const { name, publicKey } = readCredential(credsFile);
  return {
    identity: `${name} (${publicKey.slice(0, 8)}…)`,
    publicKey,
    authenticator: (nonce) => readCredential(credsFile).authenticator(nonce),
  };
}

interface ReadCredential {
  readonly name: string;
  readonly publicKey: string;
  readonly authenticator: Authenticator;
}

function readCredential(path: string): ReadCredential {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw invalid('NATS_CREDS_FILE', error instanceof Error ? error.message : String(error));
  }
  const text = Buffer.from(bytes).toString('utf8').trim();
  try {
    const jwt = /-----BEGIN NATS USER JWT-----\s*(\S+)/.exec(text)?.[1];
    if (jwt !== undefined) {
      const [, payload = ''] = jwt.split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
        readonly name?: string;
        readonly sub: string;
      }; // what a user's JWT says of itself; the server is the one that verifies it
      return { name: claims.name ?? 'user', publicKey: claims.sub, authenticator: credsAuthenticator(bytes) };
    }
    return { name: basename(path).replace(/\.[^.]*$/, ''), ...userKeyOf(Buffer.from(text)) };
  } catch {
    throw invalid('NATS_CREDS_FILE', `${path} holds neither an nkey seed nor a JWT with its seed`);
  }
}

function named({ name, password }: { readonly name: string; readonly password?: string }): Credential {
  return password === undefined
    ? { identity: 'a token', authenticator: tokenAuthenticator(name) }
    : { identity: name, authenticator: usernamePasswordAuthenticator(name, password) };
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the access to the NATS server', [{ path, message }]);
}
