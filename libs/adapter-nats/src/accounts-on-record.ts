import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { currentEpoch } from './epochs';

const ACCOUNTS = 'ek.evt.v1.*.execution.venue-account.';

export interface AccountOnRecord {
  readonly venue: string;
  readonly book: string;
}

/** The accounts that the journal of the running epoch tells of. Its subjects name them, so that one question is enough. */
export async function accountsOnRecord(connection: NatsConnection): Promise<readonly AccountOnRecord[]> {
  const { journalStream } = await currentEpoch(connection);
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const { state } = await streams.info(journalStream, { subjects_filter: `${ACCOUNTS}>` });
  const place = ACCOUNTS.split('.').length - 1;
  return Object.keys(state.subjects ?? {}).map((subject) => {
    const id = decodeURIComponent(subject.split('.')[place] ?? '');
    const slash = id.indexOf('/');
    return { venue: id.slice(0, slash), book: id.slice(slash + 1) };
  });
}
