import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { busAccessFrom, busAccessIn } from '@evenkeel/adapter-nats';
import type { BusAccess, BusIdentity } from '@evenkeel/adapter-nats';

/**
 * How an identity reaches a server of somebody else's: with the credential of `NATS_CREDS_FILE`, or with its own of the
 * folder `NATS_CREDS_DIR` (`risk.creds`, `risk.nk`), for commands that start services or act for more than one.
 */
export function externalBus(
  url: string,
  identity: BusIdentity,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): BusAccess {
  const access = busAccessFrom({ ...environment, NATS_URL: url });
  const folder = environment['NATS_CREDS_DIR'] ?? '';
  if (access.credsFile !== undefined || folder === '') return access;
  const files = [`${identity}.creds`, `${identity}.nk`].map((name) => join(folder, name));
  // Where neither is there, the message names the one that we make ourselves.
  return { ...access, credsFile: files.find((path) => existsSync(path)) ?? join(folder, `${identity}.nk`) };
}

/** How an identity reaches the server of this home, whose keys lie in a folder. */
export function homeBus(keys: string, url: string, identity: BusIdentity): BusAccess {
  return busAccessIn(keys, identity, url);
}
