import type { CommitDraft } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { VenueNote } from './connector';

/** What befell connections waits here until the next instant takes it to the journal; a storm of it is cut, and says so. */
export class ConnectionNotes {
  private waiting: { readonly venue: string; readonly note: VenueNote }[] = [];
  private dropped = 0;

  constructor(private readonly waitingMax = 200) {}

  add(venue: string, note: VenueNote): void {
    if (this.waiting.length < this.waitingMax) this.waiting.push({ venue, note });
    else this.dropped += 1;
  }

  /** Everything that waits, as commits at `now`. */
  take(now: Instant): CommitDraft[] {
    const at = formatInstant(now);
    const notes = this.waiting.map(({ venue, note }) => ({ ...note, venue, at }));
    if (this.dropped > 0)
      notes.push({ venue: 'all', at, what: 'notes-dropped', instrument: '', detail: `${this.dropped} more` });
    this.waiting = [];
    this.dropped = 0;
    return notes.map((payload) => ({
      aggregate: { context: 'price', type: 'connection', id: payload.venue },
      book: payload.venue,
      eventTime: at,
      actor: { kind: 'system', id: 'price-ingest' },
      events: [{ type: 'ConnectionNoted', payload }],
    }));
  }
}
