import type { EventLog } from '@evenkeel/eventing';
import type { InstrumentSpec } from '@evenkeel/instruments';

/** Contracts of every venue account, from the first facts of the journal. */
export async function readAccountContracts(journal: EventLog): Promise<InstrumentSpec[]> {
  const specifications: InstrumentSpec[] = [];
  for await (const { commit } of journal.read({})) {
    if (commit.causation.stream !== 'boot') break;
    for (const { event } of commit.events) {
      if (event.type !== 'VenueAccountOpened') continue;
      for (const text of event.payload.specifications)
        specifications.push(JSON.parse(text) as InstrumentSpec); // canonical JSON of a checked specification
    }
  }
  return specifications;
}
