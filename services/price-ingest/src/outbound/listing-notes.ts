import { askListings, differenceInWords, placeOf } from '@evenkeel/adapter-venues';
import { parseInstrument } from '@evenkeel/instruments';
import type { ConnectionNotes } from '@evenkeel/venues';

const PATIENCE_MS = 20_000;

/**
 * Puts on record where a venue lists a contract otherwise than our tables have it, once for each that is followed. What a book was
 * opened with stands in `BookOpened`; this says that the world is another than we thought.
 */
export class ListingNotes {
  constructor(
    private readonly notes: Pick<ConnectionNotes, 'add'>,
    /** Feeds that something stands in for: it has no listing to ask for. */
    private readonly standIns: ReadonlyMap<string, string>,
    private readonly ask: typeof askListings = askListings,
  ) {}

  /** Never throws: what could not be asked is on record too. */
  async compare(instruments: readonly string[]): Promise<void> {
    const asked = instruments.filter((instrument) => {
      const feed = placeOf(instrument)?.feed;
      return feed !== undefined && !this.standIns.has(feed);
    });
    if (asked.length === 0) return;
    const { differences, unlisted, unanswered } = await this.ask(asked, { timeoutMs: PATIENCE_MS });
    for (const one of differences)
      this.notes.add(venueOf(one.instrument), {
        what: 'terms-differ',
        instrument: one.instrument,
        detail: `the venue lists ${differenceInWords(one)}`,
      });
    for (const instrument of unlisted)
      this.notes.add(venueOf(instrument), {
        what: 'terms-unlisted',
        instrument,
        detail: 'the venue does not list it',
      });
    for (const { feed, reason } of unanswered)
      this.notes.add(feed, { what: 'terms-unchecked', instrument: '', detail: reason });
  }
}

function venueOf(instrument: string): string {
  const parsed = parseInstrument(instrument);
  return parsed.ok ? parsed.value.venue : 'all';
}
