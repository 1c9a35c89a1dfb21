import type { EventLog } from '@evenkeel/eventing';
import type { InstrumentSpec } from '@evenkeel/instruments';
import type { OpenedAccount } from './gateway';

/** Every venue account and its contracts, from the first facts of the journal. */
export async function readAccounts(journal: EventLog): Promise<OpenedAccount[]> {
  const accounts: OpenedAccount[] = [];
  for await (const { commit } of journal.read({})) {
    if (commit.causation.stream !== 'boot') break;
    for (const { event } of commit.events) {
      if (event.type !== 'VenueAccountOpened') continue;
      const { book, venue, specifications } = event.payload;
      // canonical JSON of checked specifications
      accounts.push({
        book,
        venue,
        specifications: specifications.map((text): InstrumentSpec => JSON.parse(text)),
      });
    }
  }
  return accounts;
}
