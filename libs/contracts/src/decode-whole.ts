import type { Commit } from '@evenkeel/eventing';
import { listsOf } from '@evenkeel/facts';
import { decodeCommit } from './commit-codec';

/**
 * Reads published bytes like `decodeCommit`, and at once what that leaves to whoever asks: the numbers of a snapshot, which have to
 * follow from its inputs. For services, which may act on nothing else, and for those who judge a record.
 */
export function decodeWhole(bytes: Uint8Array): Commit {
  const commit = decodeCommit(bytes);
  for (const { event } of commit.events) listsOf(event.payload)?.check();
  return commit;
}
