import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { writeDurably } from '@evenkeel/adapter-audit';
import { DESK_SERVICE } from '@evenkeel/engine';
import type { Authors, ReplacedKey, ServiceKey } from '@evenkeel/engine';
import {
  InvalidInputError,
  OperationalError,
  canonicalJson,
  required,
  sameBytes,
  toHex,
} from '@evenkeel/kernel';
import type { Pool } from 'pg';
import { z } from 'zod';
import { settings } from '../stack/environment';
import type { Home } from '../stack/home';
import { CommitKeyring, deskKeyLost, serviceKeyLost } from './commit-keyring';
import { lastKeys } from './keys-on-record';
import type { KeysOnRecord } from './keys-on-record';

const changeSchema = z.strictObject({
  /** Hex, as all keys here. */
  publicKey: z.string(),
  inPlaceOf: z.string(),
  by: z.string(),
  reason: z.string(),
});
/** What a person said of the desk's key; the next epoch puts it on record. */
export type DeskKeyChange = z.infer<typeof changeSchema>;

/** With which keys an epoch is opened. */
export interface OpeningKeys {
  readonly keyring: CommitKeyring;
  readonly enrolled: readonly ServiceKey[];
  /** What a person should hear of it: services whose key is another than the epoch before knew. */
  readonly notes: readonly string[];
  /** The epoch is open: what was said of the desk's key is on record. */
  opened(): void;
}

/**
 * The keys of an epoch that is to be opened. The desk's is made only where no epoch, in the journals or the ledger, names one; it
 * is another than the last one's only where `replaceDeskKey` said so. Throws `AUTHORS.DESK_KEY_LOST` or `AUTHORS.DESK_KEY_FOREIGN`.
 */
export async function keysForOpening(
  connection: NatsConnection,
  ledger: Pool,
  home: Pick<Home, 'identity'>,
): Promise<OpeningKeys> {
  const keyring = new CommitKeyring(home);
  const last = await lastKeys(connection, ledger);
  const replaces = judgeDeskKey(keyring, last);
  const made = keyring.layOut();
  const enrolled = keyring.all(replaces);
  return {
    keyring,
    enrolled,
    notes: last === undefined ? [] : enrolled.flatMap((key) => noteOn(keyring, key, made, last)),
    opened: () => rmSync(changePath(keyring), { force: true }),
  };
}

/**
 * Lets the next epoch open under another desk key than the last one, which the epoch then says: the key that lies there already,
 * or a new one beside it. Throws `InvalidInputError` where there is nothing to replace.
 */
export async function replaceDeskKey(
  connection: NatsConnection,
  ledger: Pool,
  home: Pick<Home, 'identity'>,
  { by, reason }: Pick<ReplacedKey, 'by' | 'reason'>,
): Promise<DeskKeyChange> {
  const last = await lastKeys(connection, ledger);
  if (last === undefined)
    throw refused('no epoch names a key of the desk: the first one that is opened makes it');
  const keyring = new CommitKeyring(home);
  const inPlaceOf = deskOf(last);
  const here = hexOf(keyring.deskPublicKey);
  if (here === inPlaceOf && settings().commitKeyFile !== undefined)
    throw refused(`${keyring.deskPath} is the key of epoch ${last.epoch}: put the new one there first`);
  const publicKey =
    here === undefined || here === inPlaceOf ? toHex(keyring.next(DESK_SERVICE).publicKey) : here;
  const change = { publicKey, inPlaceOf, by, reason };
  writeDurably(changePath(keyring), `${canonicalJson(change)}\n`);
  return change;
}

/**
 * Before services are started in an epoch that is open: every one has the key that it was enrolled with. Throws
 * `AUTHORS.SERVICE_KEY_LOST`.
 */
export function requireEnrolled(keyring: CommitKeyring, authors: Authors): void {
  if (!authors.signed) return;
  for (const { service, publicKey } of keyring.all()) {
    const holds = authors.enrolled.some(
      (one) => one.service === service && one.removedAt === undefined && sameBytes(one.publicKey, publicKey),
    );
    if (!holds) throw serviceKeyLost(service, `${toHex(publicKey)} is none that the open epoch enrols`);
  }
}

/** What the epoch is to say of the desk's key where it is another than the last one's. */
function judgeDeskKey(keyring: CommitKeyring, last: KeysOnRecord | undefined): ReplacedKey | undefined {
  if (last === undefined) {
    keyring.makeDesk();
    return undefined;
  }
  const named = deskOf(last);
  const change = changeIn(keyring);
  const wanted = change?.inPlaceOf === named ? change : undefined;
  if (wanted !== undefined && keyring.hasNext(DESK_SERVICE)) {
    const next = toHex(keyring.next(DESK_SERVICE).publicKey);
    if (next === wanted.publicKey) keyring.promote(DESK_SERVICE);
  }
  const here = hexOf(keyring.deskPublicKey);
  if (here === named) return undefined;
  if (here === undefined) throw deskKeyLost(keyring.deskPath, last.authors.deskKey, last.epoch);
  if (here !== wanted?.publicKey)
    throw new OperationalError({
      code: 'AUTHORS.DESK_KEY_FOREIGN',
      message: `epoch ${last.epoch} was opened under desk key ${named}, and the key at ${keyring.deskPath} is ${here}: put the desk’s own back, or say with \`keel keys replace-desk --reason "…"\` that this one takes its place`,
    });
  const { inPlaceOf, by, reason } = wanted;
  return { inPlaceOf, by, reason };
}

function noteOn(
  keyring: CommitKeyring,
  { service, publicKey, replaces }: ServiceKey,
  made: readonly string[],
  { authors, epoch }: KeysOnRecord,
): string[] {
  const key = toHex(publicKey);
  if (replaces !== undefined)
    return [
      `the desk signs with ${key}, in the place of ${replaces.inPlaceOf}: ${replaces.reason} (${replaces.by})`,
    ];
  const known = authors.enrolled.flatMap((one) =>
    one.service === service && one.removedAt === undefined ? [toHex(one.publicKey)] : [],
  );
  if (known.length === 0 || known.includes(key)) return [];
  const why = made.includes(service)
    ? `there was none in ${keyring.folderOf(service)}`
    : 'it was put there since';
  return [
    `${service} signs with another commit key than in epoch ${epoch}: ${key}, not ${known.join(' or ')}; ${why}`,
  ];
}

function changeIn(keyring: CommitKeyring): DeskKeyChange | undefined {
  const path = changePath(keyring);
  return existsSync(path) ? changeSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

function changePath(keyring: CommitKeyring): string {
  return join(keyring.folderOf(DESK_SERVICE), 'replaces.json');
}

function deskOf({ authors }: KeysOnRecord): string {
  return toHex(required(authors.deskKey, 'the desk key of a signed epoch'));
}

function hexOf(key: Uint8Array | undefined): string | undefined {
  return key === undefined ? undefined : toHex(key);
}

function refused(message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path: 'replace-desk', message }]);
}
