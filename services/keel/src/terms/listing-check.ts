import { readNamedText } from '@evenkeel/config';
import { VENUE_FEEDS, differenceInWords, termsDifferences } from '@evenkeel/adapter-venues';
import type { TermsDifference } from '@evenkeel/adapter-venues';
import { specificationOf } from '@evenkeel/instruments';
import { InvalidInputError, OperationalError } from '@evenkeel/kernel';
import { fetchListings } from '@evenkeel/venue-wire';
import type { InstrumentEvent, ItemFailureEvent, VenueProtocol } from '@evenkeel/venue-wire';

/** A listing beside our tables. */
export interface ListingCheck {
  readonly feed: string;
  readonly listed: number;
  /** Of those, how many have terms in our tables. */
  readonly known: number;
  /** Listings that could not be read, and why. */
  readonly unread: readonly string[];
  /** Where a contract that we know is listed otherwise. */
  readonly differences: readonly TermsDifference[];
}

type Listing = InstrumentEvent | ItemFailureEvent;

/** Compares what a venue lists, now or in a recorded answer, with our tables. */
export async function checkListing(
  feed: string,
  from: { readonly file?: string; readonly timeoutMs: number; readonly restUrl?: string },
): Promise<ListingCheck> {
  const protocol = VENUE_FEEDS.get(feed)?.protocol;
  if (protocol === undefined)
    throw new InvalidInputError('the command', [
      { path: '<feed>', message: `must be one of ${[...VENUE_FEEDS.keys()].join(', ')}, not "${feed}"` },
    ]);
  const found = from.file === undefined ? await asked(protocol, from) : recorded(protocol, from.file);
  const listings = found.filter((event) => event.kind === 'instrument');
  const known = listings.filter(({ instrument }) => specificationOf(instrument).ok);
  return {
    feed,
    listed: listings.length,
    known: known.length,
    unread: found.flatMap((event) => (event.kind === 'item-failure' ? [event.failure.message] : [])),
    differences: known.flatMap(termsDifferences),
  };
}

async function asked(
  protocol: VenueProtocol,
  { timeoutMs, restUrl }: { readonly timeoutMs: number; readonly restUrl?: string },
): Promise<Listing[]> {
  const answer = await fetchListings(protocol, { timeoutMs, ...(restUrl === undefined ? {} : { restUrl }) });
  if (answer.ok) return answer.value;
  throw new OperationalError({ code: 'KEEL.VENUE_UNREACHABLE', message: answer.failure.message });
}

function recorded(protocol: VenueProtocol, file: string): Listing[] {
  const parsed = protocol.parse(readNamedText(file));
  const problem = (message: string): InvalidInputError =>
    new InvalidInputError(file, [{ path: '(file)', message }]);
  if (!parsed.ok) throw problem(`is no answer of ${protocol.feed.venue}: ${parsed.failure.message}`);
  const listings = parsed.value.filter(
    (event) => event.kind === 'instrument' || event.kind === 'item-failure',
  );
  if (listings.length === 0) throw problem(`holds no listing of ${protocol.feed.venue}`);
  return listings;
}

const SHOWN_MAX = 40;

export function renderListingCheck({ feed, listed, known, unread, differences }: ListingCheck): string {
  const say = differences.map((one) => `  ${one.instrument}: ${differenceInWords(one)}`);
  const more = say.length - SHOWN_MAX;
  return `${[
    `${feed}: ${listed} listed, ${known} of them in our tables, ${differences.length} figures differ, ${unread.length} could not be read`,
    ...say.slice(0, SHOWN_MAX),
    ...(more > 0 ? [`  … and ${more} more; --json names them all`] : []),
    ...[...new Set(unread)].slice(0, SHOWN_MAX).map((reason) => `  not read: ${reason}`),
  ].join('\n')}\n`;
}
