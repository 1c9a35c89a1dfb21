import { PeopleJournal, connectNats } from '@evenkeel/adapter-nats';
import { VERSION } from '@evenkeel/config';
import { GovernanceJournal } from '@evenkeel/desk';
import type { ApprovalDesk, DeskJournal, GovernanceStore, JournalInDoubt } from '@evenkeel/desk';
import { wallNanoseconds } from '@evenkeel/host';
import { requiredOf, rosterHash, stricterOf } from '@evenkeel/governance';
import { kernelHash } from '@evenkeel/pricing';
import { CommitKeyring } from '../identity/commit-keyring';
import { openingOf } from '../run/epoch-roster';
import { requiredBus } from '../stack/background';
import { settings } from '../stack/environment';
import type { Home } from '../stack/home';
import { Roster } from './roster';

/** The journal of the running epoch, and what the epoch is. */
export type OpenJournal = JournalInDoubt & Pick<PeopleJournal, 'openEpoch' | 'required'>;

/** Works on the journal of the running epoch: the server of `NATS_URL`, or the one of this home. */
export async function withDeskJournal<T>(home: Home, work: (journal: OpenJournal) => Promise<T>): Promise<T> {
  const connection = await connectNats(await requiredBus(home, 'desk'), 'keel-desk');
  try {
    const producer = { service: 'keel', version: VERSION, gitSha: settings().gitSha, kernelHash };
    const keys = new CommitKeyring(home);
    const journal = await PeopleJournal.open({
      connection,
      producer,
      nowNs: wallNanoseconds,
      trust: keys.trust(),
      // Who only reads needs none.
      get signer() {
        return keys.desk;
      },
    });
    return await work(journal);
  } finally {
    await connection.close();
  }
}

/** Works on the governance of the running epoch. */
export function withJournal<T>(home: Home, work: (store: GovernanceStore) => Promise<T>): Promise<T> {
  return withDeskJournal(home, (journal) => work(governanceOn(home, journal)));
}

export function governanceOn(
  home: Home,
  journal: DeskJournal & Pick<OpenJournal, 'required'>,
): GovernanceStore {
  const roster = new Roster(home.governance);
  return new GovernanceJournal({
    journal,
    opening: () => {
      const opening = openingOf(undefined, roster, journal.required);
      // The services of this installation look here when they next meet an approval.
      if (opening !== undefined) roster.keepPin(rosterHash(opening.enrolments));
      return opening;
    },
  });
}

/**
 * Where approvals are looked up and used up. Services go by what the epoch was opened with: a command that is told less does not
 * get past them.
 */
export function approvalDesk(home: Home): ApprovalDesk {
  return {
    required: () =>
      withDeskJournal(home, ({ required }) =>
        Promise.resolve(stricterOf(requiredOf(settings().governance, []), required)),
      ),
    withStore: (work) => withJournal(home, work),
    now: () => new Date().toISOString(),
  };
}
