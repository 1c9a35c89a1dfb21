import type { ContractTerms } from '@evenkeel/instruments';
import { fetchListings } from '@evenkeel/venue-wire';
import type { InstrumentEvent } from '@evenkeel/venue-wire';
import { placeOf } from '../live/feed-plan';
import { VENUE_PROTOCOLS } from '../venue-protocols';
import { listedTerms, termsDifferences } from './listed-terms';
import type { TermsDifference } from './listed-terms';

/** What the venues list now of some instruments, beside what we have. */
export interface AskedListings {
  /** By id, of what is listed. */
  readonly terms: ReadonlyMap<string, Partial<ContractTerms>>;
  readonly differences: readonly TermsDifference[];
  /** Instruments that their venue does not list. */
  readonly unlisted: readonly string[];
  /** Feeds that could not be asked, and why. */
  readonly unanswered: readonly { readonly feed: string; readonly reason: string }[];
}

export interface AskOptions {
  readonly timeoutMs: number;
  /** REST endpoints that stand in for a feed's own, by feed. */
  readonly restUrls?: ReadonlyMap<string, string>;
}

/** Asks each feed that these instruments are of what it lists. Instruments without a feed are not asked for. */
export async function askListings(
  instruments: readonly string[],
  { timeoutMs, restUrls }: AskOptions,
): Promise<AskedListings> {
  const wanted = new Map<string, Set<string>>();
  for (const instrument of instruments) {
    const feed = placeOf(instrument)?.feed;
    if (feed !== undefined) wanted.set(feed, (wanted.get(feed) ?? new Set()).add(instrument));
  }
  const answers = await Promise.all(
    [...wanted].map(async ([feed, ids]) => {
      const protocol = VENUE_PROTOCOLS.get(feed);
      if (protocol === undefined || protocol.listings.length === 0)
        return { feed, ids, reason: 'it has no listing to ask for' };
      const restUrl = restUrls?.get(feed);
      const found = await fetchListings(protocol, {
        timeoutMs,
        ...(restUrl === undefined ? {} : { restUrl }),
      });
      return found.ok ? { feed, ids, events: found.value } : { feed, ids, reason: found.failure.message };
    }),
  );
  const listed = answers.flatMap(({ ids, events = [] }) =>
    events.filter(
      (event): event is InstrumentEvent => event.kind === 'instrument' && ids.has(event.instrument),
    ),
  );
  const terms = new Map(listed.map((listing) => [listing.instrument, listedTerms(listing)]));
  return {
    terms,
    differences: listed.flatMap(termsDifferences),
    unlisted: answers.flatMap(({ ids, events }) =>
      events === undefined ? [] : [...ids].filter((id) => !terms.has(id)),
    ),
    unanswered: answers.flatMap(({ feed, reason }) => (reason === undefined ? [] : [{ feed, reason }])),
  };
}
