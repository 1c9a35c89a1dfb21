import type { CommitDraft, ConnectionNoted } from '@evenkeel/facts';
import { formatInstant, type Instant } from '@evenkeel/kernel';

import type { ConnectionFact } from './connection-messages';

/** What a connection fact says on the journal, at an event time; `undefined` for what nobody would look for afterwards. */
export function connectionNote(venue: string, fact: ConnectionFact, at: string): ConnectionNoted | undefined {
  const note = (what: string, detail: string, instrument = ''): ConnectionNoted => ({
    venue,
    at,
    what,
    instrument,
    detail,
  });
  switch (fact.fact) {
    case 'connected':
      return note('connected', fact.attempt === 0 ? 'first connection' : `attempt ${fact.attempt}`);
    case 'disconnected':
      return note('disconnected', `code ${fact.code}${fact.reason === '' ? '' : `: ${fact.reason}`}`);
    case 'silent':
      return note('silent', `${fact.forNs / 1_000_000n} ms without a byte`);
    case 'message-refused':
      return note('message-refused', `${fact.code}: ${fact.message} (${fact.count} so far)`);
    case 'venue-error':
      return note('venue-error', `${fact.code ?? ''} ${fact.detail ?? ''}`.trim());
    case 'throttled':
      return note('throttled', `quiet for ${fact.forNs / 1_000_000n} ms`);
    case 'subscribed':
      return undefined;
    case 'snapshot-failed':
      return note('snapshot-failed', fact.reason, fact.symbol);
    case 'clock-offset':
      return {
        ...note('clock-offset', 'our clock less the venue’s'),
        offsetNs: String(fact.offsetNs),
        errorNs: String(fact.errorNs),
      };
    case 'book':
      return note(fact.what.fact, detailOf(fact.what), fact.instrument);
  }
}

function detailOf(what: Extract<ConnectionFact, { fact: 'book' }>['what']): string {
  return Object.entries(what)
    .filter(([key]) => key !== 'fact')
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');
}

/** Connection facts wait here until the next instant takes them to the journal; a storm of them is cut, and says so. */
export class ConnectionNotes {
  private waiting: { readonly venue: string; readonly fact: ConnectionFact }[] = [];
  private dropped = 0;

  constructor(private readonly waitingMax = 200) {}

  add(venue: string, fact: ConnectionFact): void {
    if (this.waiting.length < this.waitingMax) this.waiting.push({ venue, fact });
    else this.dropped += 1;
  }

  /** Everything that waits, as commits at `now`. */
  take(now: Instant): CommitDraft[] {
    const at = formatInstant(now);
    const notes = this.waiting.flatMap(({ venue, fact }) => connectionNote(venue, fact, at) ?? []);
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
