import type { EventLog } from '@evenkeel/eventing';

/** The books of this epoch, read on from where the journal was read last. */
export class OpenedBooks {
  /** Instruments that books hold or hedge with; grows as books are opened. */
  readonly interest = new Set<string>();
  private readonly ours = new Set<string>();
  private nextSeq = 1;

  private constructor(private readonly journal: EventLog) {}

  static async read(journal: EventLog): Promise<OpenedBooks> {
    const opened = new OpenedBooks(journal);
    await opened.refresh();
    return opened;
  }

  /** Partitions with a book. */
  get partitions(): readonly string[] {
    return [...this.ours].sort();
  }

  /** Instruments that nobody had named before. */
  async refresh(): Promise<readonly string[]> {
    const before = new Set(this.interest);
    for await (const { commit, seq } of this.journal.read({ fromSeq: this.nextSeq })) {
      this.nextSeq = seq + 1;
      for (const { event } of commit.events) {
        if (event.type === 'PositionAdopted') this.interest.add(event.payload.instrument);
        if (event.type === 'BookCarried')
          for (const { instrument } of event.payload.positions) this.interest.add(instrument);
        if (event.type !== 'BookOpened') continue;
        this.ours.add(commit.partition);
        for (const { instrument } of event.payload.planned) this.interest.add(instrument);
        for (const instrument of event.payload.hedgeInstruments) this.interest.add(instrument);
      }
    }
    return [...this.interest].filter((instrument) => !before.has(instrument));
  }
}
