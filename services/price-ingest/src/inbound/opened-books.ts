import type { EventLog } from '@evenkeel/eventing';

export interface OpenedBooks {
  /** Partitions whose settling the market waits for. */
  readonly partitions: readonly string[];
  /** Instruments whose settlement goes on record. */
  readonly interest: ReadonlySet<string>;
}

/** The books of this epoch, from the journal's first facts. */
export async function readOpenedBooks(journal: EventLog): Promise<OpenedBooks> {
  const partitions = new Set<string>();
  const interest = new Set<string>();
  for await (const { commit } of journal.read({})) {
    if (commit.causation.stream !== 'boot') break;
    for (const { event } of commit.events) {
      if (event.type !== 'BookOpened') continue;
      partitions.add(commit.partition);
      for (const { instrument } of event.payload.planned) interest.add(instrument);
      for (const instrument of event.payload.hedgeInstruments) interest.add(instrument);
    }
  }
  return { partitions: [...partitions].sort(), interest };
}
