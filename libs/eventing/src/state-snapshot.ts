import { IntegrityFault, sameBytes, sha256 } from '@evenkeel/kernel';
import { decodeState, encodeState } from './state-codec';

/** Where an aggregate stands. */
export interface AggregateHead {
  /** `context/type/id`. */
  readonly key: string;
  readonly version: number;
  /** SHA-256 of its newest commit. */
  readonly hash: Uint8Array;
  /** Journal sequence of its newest commit. */
  readonly seq: number;
}

/** Everything a reactor remembers of its partition, between two inputs. */
export interface ReactorMemory<State> {
  readonly state: State;
  readonly heads: readonly AggregateHead[];
}

/** What a snapshot was taken of. Another epoch, partition, service or build is another history. */
export interface SnapshotScope {
  readonly service: string;
  readonly partition: string;
  readonly epoch: string;
  /** SHA-256 (hex) of the code that folds: other code may remember other things. */
  readonly codeHash: string;
}

/** How far the streams were taken in when the snapshot was taken; everything up to here has had its whole effect. */
export interface SnapshotPosition {
  /** Journal sequence of the newest foreign commit; 0 for none. */
  readonly seen: number;
  /** Journal sequence of the newest own commit; 0 for none. */
  readonly appended: number;
  /** SHA-256 of the newest own commit; empty for none. */
  readonly appendedHash: Uint8Array;
  /** Event time of the newest instant, nanoseconds since 1970; 0 before the first. */
  readonly eventTime: bigint;
  /** Where the market is read on: number and sequence of the newest market instant; zeros for its beginning. */
  readonly market: { readonly number: number; readonly seq: number };
}

/** A partition as it stood between two inputs: a cache of what the streams say, never authority. */
export interface StateSnapshot<State> extends SnapshotScope, SnapshotPosition, ReactorMemory<State> {
  /** The newest fencing token on its own commits; 0 for none. */
  readonly fencingToken: bigint;
  /** Causes of the facts that the host itself has put on record. */
  readonly hostFacts: readonly string[];
}

const MAGIC = Uint8Array.from('EKSTATE1', (character) => character.charCodeAt(0));
const HASH_LENGTH = 32;

export type Hash = (bytes: Uint8Array) => Uint8Array;

/** The bytes of a snapshot: a mark, the SHA-256 of what follows, and the snapshot itself. */
export function encodeSnapshot<State>(snapshot: StateSnapshot<State>, hash: Hash = sha256): Uint8Array {
  const body = encodeState(snapshot);
  const bytes = new Uint8Array(MAGIC.length + HASH_LENGTH + body.length);
  bytes.set(MAGIC);
  bytes.set(hash(body), MAGIC.length);
  bytes.set(body, MAGIC.length + HASH_LENGTH);
  return bytes;
}

/**
 * Reads a snapshot of the given scope. Throws `EVENTING.SNAPSHOT_UNREADABLE` when the bytes are not what was written, and
 * `EVENTING.SNAPSHOT_FOREIGN` when they speak of something else. The state's shape is the code's own, by the code hash.
 */
export function decodeSnapshot<State>(
  bytes: Uint8Array,
  scope: SnapshotScope,
  hash: Hash = sha256,
): StateSnapshot<State> {
  const body = bytes.subarray(MAGIC.length + HASH_LENGTH);
  const marked = sameBytes(bytes.subarray(0, MAGIC.length), MAGIC);
  if (!marked || !sameBytes(bytes.subarray(MAGIC.length, MAGIC.length + HASH_LENGTH), hash(body))) {
    throw new IntegrityFault({
      code: 'EVENTING.SNAPSHOT_UNREADABLE',
      message: 'the bytes are not those that were written',
    });
  }
  const snapshot = decodeState(body) as StateSnapshot<State>; // written by `encodeSnapshot` of the same code, by hash and scope
  const { service, partition, epoch, codeHash } = scope;
  for (const [what, said, wanted] of [
    ['service', snapshot.service, service],
    ['partition', snapshot.partition, partition],
    ['epoch', snapshot.epoch, epoch],
    ['code', snapshot.codeHash, codeHash],
  ]) {
    if (said !== wanted) {
      throw new IntegrityFault({
        code: 'EVENTING.SNAPSHOT_FOREIGN',
        message: `it is a snapshot of ${what} ${said}, not ${wanted}`,
      });
    }
  }
  return snapshot;
}
