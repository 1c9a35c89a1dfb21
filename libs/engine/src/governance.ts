import type { DomainEvent, EventPayloads } from '@evenkeel/facts';
import { GovernanceRecord } from '@evenkeel/governance';
import { canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { bootDrafts } from './boot';
import type { BookUnderManagement } from './boot';
import { inRealTime } from './real-time';

/** The governance of an epoch, judged by all its rules. `rosterHash`: what the roster must descend from, where that is known. */
export function governanceRecord(rosterHash?: string): GovernanceRecord {
  return new GovernanceRecord({ bookFollows, ...(rosterHash === undefined ? {} : { rosterHash }) });
}

/**
 * Whether the facts that a request wants on record are those of the book that two people signed: made of it again, for a tape
 * or in real time, they are the same.
 */
export function bookFollows(content: string, request: EventPayloads['BookRequested']): boolean {
  const { opened, policy, accounts, at, requestId } = request;
  const { approval: _, ...unattributed } = policy;
  const wanted = canonicalJson([opened, unattributed, accounts] as unknown as Json); // payloads are plain data
  let drafts: ReturnType<typeof bootDrafts>;
  try {
    const { book: file, ...rest } = JSON.parse(content) as SignedBook;
    // Nobody signs how snapshots are numbered; they are numbered under the request's own id, or as journals of before did it.
    const lineage = opened.lineage === undefined ? {} : { lineage: requestId };
    drafts = bootDrafts({ ...rest, file, source: 'the approved book', ...lineage }, at);
  } catch {
    // What cannot be opened was not what they signed.
    return false;
  }
  return [drafts, drafts.map(inRealTime)].some((made) => {
    const events = made.flatMap((draft) => draft.events);
    const parts = [payloads(events, 'BookOpened')[0], payloads(events, 'PolicySet')[0]];
    return canonicalJson([...parts, payloads(events, 'VenueAccountOpened')] as unknown as Json) === wanted;
  });
}

/** What `bookContent` of the desk writes. */
type SignedBook = Pick<BookUnderManagement, 'policy' | 'instruments'> & {
  readonly book: BookUnderManagement['file'];
};

function payloads(events: readonly DomainEvent[], type: DomainEvent['type']): readonly unknown[] {
  return events.flatMap((event) => (event.type === type ? [event.payload] : []));
}
