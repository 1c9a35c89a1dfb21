import { COMMIT_KEYS, CommitKeys, DESK_SERVICE, SIGNING_SERVICES, enrolled } from '@evenkeel/engine';
import type { EnrolledKey } from '@evenkeel/engine';
import type { DomainEvent } from '@evenkeel/facts';
import { InvalidInputError, sameBytes, toHex } from '@evenkeel/kernel';
import type { DeskJournal } from './ports';

/** A change of the keys with which a service signs, in the running epoch. */
export interface KeyChange {
  readonly service: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** On whose behalf. */
  readonly by: string;
  /** ISO 8601, the person's clock. */
  readonly at: string;
}

/** The keys of the running epoch, removed ones too. */
export async function commitKeys(journal: DeskJournal): Promise<readonly EnrolledKey[]> {
  const keys = new CommitKeys();
  let place = 0;
  for (const { aggregate, events } of await journal.peoplesCommits()) {
    place += 1;
    if (aggregate.type === COMMIT_KEYS.type)
      keys.fold(
        events.map(({ event }) => event),
        place,
      );
  }
  return keys.all;
}

/**
 * Puts a further key of a service on record; from there on it may sign. False when it is enrolled already. Throws
 * `InvalidInputError` for the desk's own key, under which the epoch was opened, and for a key that was removed.
 */
export async function enrolKey(journal: DeskJournal, change: KeyChange): Promise<boolean> {
  const { service, publicKey, at } = change;
  if (service === DESK_SERVICE || !Object.hasOwn(SIGNING_SERVICES, service))
    throw refused('service', `"${service}" is none whose key changes while an epoch runs`);
  const known = keyIn(await commitKeys(journal), publicKey);
  if (known?.removedAt !== undefined) throw refused('key', `${toHex(publicKey)} was removed`);
  if (known !== undefined) return false;
  await record(journal, change, enrolled({ service, publicKey }, at));
  return true;
}

/** What the key signs from here on counts for nothing. Throws `InvalidInputError` where the service has no such key, or no other. */
export async function removeKey(journal: DeskJournal, change: KeyChange, reason: string): Promise<void> {
  const { service, publicKey, at } = change;
  const keys = await commitKeys(journal);
  const known = keyIn(keys, publicKey);
  if (known === undefined || known.service !== service || known.removedAt !== undefined)
    throw refused('key', `${toHex(publicKey)} is no key of ${service}`);
  if (service === DESK_SERVICE) throw refused('service', 'the desk’s key changes with the next epoch');
  if (reason === '') throw refused('--reason', 'is needed');
  await record(journal, change, {
    type: 'CommitKeyRemoved',
    payload: { service, publicKey: toHex(publicKey), reason, at },
  });
}

function record(journal: DeskJournal, { by }: KeyChange, event: DomainEvent): Promise<void> {
  return journal.record({ aggregate: COMMIT_KEYS, book: COMMIT_KEYS.id, by, events: [event] });
}

function keyIn(keys: readonly EnrolledKey[], publicKey: Uint8Array): EnrolledKey | undefined {
  return keys.find((key) => sameBytes(key.publicKey, publicKey));
}

function refused(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}
