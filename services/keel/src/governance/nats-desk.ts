import { connectNats } from '@evenkeel/adapter-nats';
import { hostNanoseconds } from '@evenkeel/host';
import { OperationalError } from '@evenkeel/kernel';
import { gitSha } from '../run/open-epoch';
import { runningStack } from '../stack/background';
import type { Home } from '../stack/home';
import { JournalStore } from './journal-store';
import { Roster } from './roster';

/** Works on the governance of the running epoch: the server of `NATS_URL`, or the one that runs in this home. */
export async function withJournal<T>(home: Home, work: (store: JournalStore) => Promise<T>): Promise<T> {
  const url = process.env['NATS_URL'] ?? runningStack(home)?.natsUrl;
  if (url === undefined) {
    throw new OperationalError({
      code: 'KEEL.NO_NATS',
      message:
        'no journal is running here: set NATS_URL, start one with `keel up`, or give --out FILE to propose a book before one runs',
    });
  }
  const connection = await connectNats(url, 'keel-governance');
  try {
    const enrolments = new Roster(home.governance).all();
    return await work(
      await JournalStore.open({ connection, enrolments, gitSha: gitSha(), nowNs: hostNanoseconds }),
    );
  } finally {
    await connection.close();
  }
}
