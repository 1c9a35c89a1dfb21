import type { NatsConnection } from '@nats-io/nats-core';
import { authorsOf, journalStreams, openingEpoch } from '@evenkeel/adapter-nats';
import { ledgerAuthors } from '@evenkeel/adapter-postgres';
import { AuthorFault } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import { verifyNatively } from '@evenkeel/signing-keys';
import type { Pool } from 'pg';

/** Who may sign in an epoch that was opened. */
export interface KeysOnRecord {
  readonly epoch: number;
  readonly authors: Authors;
}

/** The keys of the newest signed epoch that was opened: the journal's word, or the ledger's where that is newer. */
export async function lastKeys(connection: NatsConnection, ledger: Pool): Promise<KeysOnRecord | undefined> {
  const opening = (await openingEpoch(connection))?.epoch;
  const [kept, running] = await Promise.all([
    ledgerAuthors(ledger, opening),
    journalAuthors(connection, opening),
  ]);
  if (running === undefined) return kept;
  return kept !== undefined && kept.epoch > running.epoch ? kept : running;
}

async function journalAuthors(
  connection: NatsConnection,
  opening: string | undefined,
): Promise<KeysOnRecord | undefined> {
  const opened = (await journalStreams(connection)).filter(({ epoch }) => epoch !== opening);
  for (const { epoch, stream } of [...opened].reverse()) {
    const authors = await believedAuthors(connection, { epoch, journalStream: stream });
    if (authors?.signed === true) return { epoch: Number(epoch), authors };
  }
  return undefined;
}

/** Undefined where nothing of the epoch can be believed: it names nobody. */
async function believedAuthors(
  connection: NatsConnection,
  place: { readonly epoch: string; readonly journalStream: string },
): Promise<Authors | undefined> {
  try {
    return await authorsOf(connection, place, { verify: verifyNatively, required: false });
  } catch (error) {
    if (error instanceof AuthorFault) return undefined;
    throw error;
  }
}
