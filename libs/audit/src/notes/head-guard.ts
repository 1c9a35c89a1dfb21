import { failure, fromHex, sameBytes, success, toHex } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { verifyConsistency } from '../merkle/consistency';
import type { TreeHead } from '../merkle/consistency';
import { HASH_BYTES } from '../merkle/hasher';
import type { Hash } from '../merkle/hasher';

/** The largest head ever given to a signer; durable before any signature over it leaves. */
export interface HeadRecord {
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
}

/**
 * Whether a log that last signed `last` may sign `next`: only when `next` provably appends to it. The same head again
 * is fine. Refused with `AUDIT.HEAD_BEHIND` (smaller) or `AUDIT.HEAD_INCONSISTENT` (a fork, or no proof). A log that
 * never signed starts with `last` undefined and anything goes once.
 */
export function authoriseHead(
  origin: string,
  last: HeadRecord | undefined,
  next: TreeHead,
  proof: readonly Hash[],
): Result<HeadRecord> {
  const record: HeadRecord = { origin, size: next.size, root: toHex(next.root) };
  if (next.root.length !== HASH_BYTES || !Number.isSafeInteger(next.size) || next.size < 0) {
    return failure('AUDIT.HEAD_INCONSISTENT', 'The head to sign is not a size and a 32-byte root.');
  }
  if (last === undefined) return success(record);
  const root = fromHex(last.root);
  if (last.origin !== origin || root?.length !== HASH_BYTES) {
    return failure('AUDIT.HEAD_INCONSISTENT', `The record of the last signed head is not one of ${origin}.`);
  }
  if (next.size < last.size) {
    return failure(
      'AUDIT.HEAD_BEHIND',
      `A tree of ${last.size} is signed already; ${next.size} would go back.`,
    );
  }
  if (next.size === last.size) {
    if (sameBytes(root, next.root)) return success(record);
    return failure('AUDIT.HEAD_INCONSISTENT', `Another root of size ${last.size} is signed already.`);
  }
  if (!verifyConsistency({ size: last.size, root }, next, proof)) {
    return failure(
      'AUDIT.HEAD_INCONSISTENT',
      `Nothing shows that the tree of ${next.size} extends the signed tree of ${last.size}.`,
    );
  }
  return success(record);
}
