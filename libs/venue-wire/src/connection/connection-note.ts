import type { VenueNote } from '@evenkeel/venues';

import type { ConnectionFact } from './connection-messages';

/** What a connection fact says on the journal; `undefined` for what nobody would look for afterwards. */
export function connectionNote(fact: ConnectionFact): VenueNote | undefined {
  const note = (what: string, detail: string, instrument = ''): VenueNote => ({ what, instrument, detail });
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
