import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import { nkeys } from '@nats-io/nats-core';
import { userKeyOf } from '../nkey';
import type { BusAccess } from '../bus-access';
import { BUS_IDENTITIES } from '../permissions';
import type { BusIdentity } from '../permissions';
import { createAuthority, createServerCertificate, isServiceable } from './certificates';

/** Where keys and certificates of a bus lie: one private file (0600) each, in a folder for the owner alone. */
export interface BusKeys {
  readonly dir: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** The public key of each identity. */
  readonly users: ReadonlyMap<BusIdentity, string>;
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

export const caFileIn = (dir: string): string => join(dir, 'ca.pem');
export const credsFileIn = (dir: string, identity: BusIdentity): string => join(dir, `${identity}.nk`);

/** Makes what is missing and renews what is about to expire. `hosts`: what the server is called by, besides the loopback. */
export function ensureBusKeys(
  dir: string,
  hosts: readonly string[] = [],
  nowMs: number = Date.now(),
): BusKeys {
  makeFolder(dir, 0o700);
  const caFile = caFileIn(dir);
  const caKeyFile = join(dir, 'ca.key');
  const certFile = join(dir, 'server.pem');
  const keyFile = join(dir, 'server.key');
  const named = [...LOOPBACK, ...hosts];
  if (!existsSync(caFile) || !existsSync(caKeyFile)) {
    const authority = createAuthority(nowMs);
    keep(caFile, authority.cert);
    keep(caKeyFile, authority.key);
  }
  const authority = { cert: readFileSync(caFile, 'utf8'), key: readFileSync(caKeyFile, 'utf8') };
  if (
    !existsSync(certFile) ||
    !existsSync(keyFile) ||
    !isServiceable(readFileSync(certFile, 'utf8'), authority.cert, named, nowMs)
  ) {
    const server = createServerCertificate(authority, named, nowMs);
    keep(certFile, server.cert);
    keep(keyFile, server.key);
  }
  const users = new Map(BUS_IDENTITIES.map((identity) => [identity, userKey(credsFileIn(dir, identity))]));
  return { dir, caFile, certFile, keyFile, users };
}

/** How an identity whose credential lies in a folder reaches the server at `url`. */
export function busAccessIn(dir: string, identity: BusIdentity, url: string): BusAccess {
  return { url, credsFile: credsFileIn(dir, identity), caFile: caFileIn(dir) };
}

function userKey(path: string): string {
  if (!existsSync(path)) keep(path, Buffer.from(nkeys.createUser().getSeed()).toString());
  return userKeyOf(readFileSync(path)).publicKey;
}

function keep(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}
