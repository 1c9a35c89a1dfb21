import type { Context } from '@evenkeel/facts';
import type { Commit, CommitSignature, CommitSigner, RecordedEvent, Seal } from '@evenkeel/eventing';
import { IntegrityFault, assert, nameProblem, sha256 } from '@evenkeel/kernel';
import { CommitCodec } from './generated/evenkeel/journal/v1/journal_codec';
import { decodePayload, payloadOf } from './payloads';
import { unknownVersion } from './unknown-version';
import { splitSignature, withSignature } from './signature-field';
import { decodePlain, encodePlain } from './wire';

/** The bytes of a commit, as published; its signature is the last field. Field by field: spread, it took ten times as long. */
export function encodeCommit(commit: Commit): Uint8Array {
  const wire: Wire = {
    schemaVersion: commit.schemaVersion,
    commitId: commit.commitId,
    epoch: commit.epoch,
    partition: commit.partition,
    aggregate: commit.aggregate,
    book: commit.book,
    fromVersion: commit.fromVersion,
    toVersion: commit.toVersion,
    prevHash: commit.prevHash,
    causation: commit.causation,
    correlationId: commit.correlationId,
    traceparent: commit.traceparent,
    actor: commit.actor,
    producer: commit.producer,
    config: commit.config,
    clock: commit.clock,
    events: commit.events.map(wireEventOf),
    taken: commit.taken,
    fencingToken: commit.fencingToken,
    signature: commit.signature,
  };
  return encodePlain(CommitCodec, wire);
}

/** Every field of an envelope, also those that it may lack. */
type Wire = {
  readonly [Field in keyof Required<Commit>]: Field extends 'events' ? readonly object[] : Commit[Field];
};

function wireEventOf({ id, version, event }: RecordedEvent): object {
  return { id, type: event.type, version, payload: payloadOf(event, version) };
}

export interface SealOptions {
  /** Signs what is sealed; absent where nothing is signed (the lab, replays, journals without enrolled keys). */
  readonly signer?: CommitSigner | undefined;
}

/** A seal: encodes, signs and hashes once. The only place where a commit is signed. */
export function sealWith({ signer }: SealOptions): Seal {
  return (commit) => {
    const body = encodeCommit(commit);
    if (signer === undefined) return { commit, bytes: body, hash: sha256(body) };
    assert(commit.signature === undefined, 'a commit is signed once');
    const signature = { keyId: signer.keyId, value: signer.sign(body) };
    const bytes = withSignature(body, signature);
    return { commit: { ...commit, signature }, bytes, hash: sha256(bytes) };
  };
}

/** Encodes and hashes, without a signature. */
export const sealCommit: Seal = sealWith({});

interface WireCommit extends Omit<Commit, 'events' | 'aggregate'> {
  readonly aggregate: { readonly context: string; readonly type: string; readonly id: string };
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly version: number;
    readonly payload: Uint8Array;
  }[];
}

const CONTEXTS: ReadonlySet<string> = new Set<Context>([
  'price',
  'risk',
  'strategy',
  'execution',
  'governance',
]);

/**
 * Reads published bytes. Throws `CONTRACTS.UNDECODABLE` for anything that is not a whole commit, and
 * `CONTRACTS.UNKNOWN_VERSION` for one that says it is of a version this build does not know.
 */
export function decodeCommit(bytes: Uint8Array): Commit {
  try {
    const { body, signature } = splitSignature(bytes);
    const wire = decodePlain(CommitCodec, body) as unknown as WireCommit; // shape is the schema's; what may be absent is checked next
    const { aggregate, causation, actor, producer, config, clock } = wire;
    const present =
      aggregate !== undefined &&
      causation !== undefined &&
      actor !== undefined &&
      producer !== undefined &&
      config !== undefined &&
      clock !== undefined;
    if (present && wire.schemaVersion > 1)
      throw unknownVersion(`a commit of envelope version ${wire.schemaVersion}`);
    if (
      !present ||
      wire.schemaVersion !== 1 ||
      !CONTEXTS.has(aggregate.context) ||
      wire.events.length === 0
    ) {
      throw new IntegrityFault({
        code: 'CONTRACTS.UNDECODABLE',
        message: 'the envelope is incomplete or of an unknown version',
      });
    }
    if (wire.signature !== undefined) {
      throw new IntegrityFault({
        code: 'CONTRACTS.UNDECODABLE',
        message: 'a signature stands once, in its fixed shape, at the very end',
      });
    }
    const problem = nameProblem(wire.book) ?? nameProblem(aggregate.id) ?? nameProblem(aggregate.type);
    if (problem !== undefined)
      throw new IntegrityFault({
        code: 'CONTRACTS.UNDECODABLE',
        message: `a name in the envelope: ${problem}`,
      });
    // What was read, with what the wire says otherwise put in its place: a copy of it was a tenth of decoding.
    const commit = wire as unknown as { events: Commit['events']; signature?: CommitSignature } & Commit;
    commit.events = wire.events.map(({ id, type, version, payload }) => ({
      id,
      version,
      event: decodePayload(type, version, payload),
    }));
    if (signature !== undefined) commit.signature = signature;
    return commit;
  } catch (cause) {
    if (cause instanceof IntegrityFault) throw cause;
    throw new IntegrityFault({
      code: 'CONTRACTS.UNDECODABLE',
      message: `these bytes are not a commit: ${String(cause)}`,
      cause,
    });
  }
}

/** The same, but `undefined` for bytes that are no commit that this build can read. */
export function tryDecodeCommit(bytes: Uint8Array): Commit | undefined {
  try {
    return decodeCommit(bytes);
  } catch (error) {
    if (error instanceof IntegrityFault) return undefined;
    throw error;
  }
}
