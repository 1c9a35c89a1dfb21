import type { Actor, AggregateRef, Context, DomainEvent, Refusals } from '@evenkeel/facts';
import { partitionOf, uuidV5 } from '@evenkeel/kernel';

export const SCHEMA_VERSION = 1;

/** What brought a commit about. `seq` is 0 where the cause lies outside a stream (a person, a venue's report). */
export interface Causation {
  readonly stream: string;
  readonly seq: bigint;
  readonly commitId: string;
}

/**
 * How far its author had taken the streams in before what brought the commit about: what it could know. With it, the
 * order in which a host took its inputs can be told from the record.
 */
export interface Taken {
  /** Newest foreign commit that had had its whole effect; 0 for none. */
  readonly journalSeq: bigint;
  /** Event time of the newest instant that had had its whole effect, nanoseconds since 1970; 0 before the first. */
  readonly eventTime: bigint;
}

export interface Producer {
  readonly service: string;
  readonly version: string;
  readonly gitSha: string;
  readonly kernelHash: string;
}

/** Nanoseconds since 1970. `receivedTime` and `decidedTime` are the host's clock, `eventTime` the market's. */
export interface CommitClock {
  readonly eventTime: bigint;
  readonly receivedTime: bigint;
  readonly decidedTime: bigint;
  readonly source: string;
  readonly maxErrorNs: bigint;
}

export interface RecordedEvent {
  readonly id: string;
  readonly version: number;
  readonly event: DomainEvent;
}

/** Who wrote a commit: over all bytes of the envelope before it. */
export interface CommitSignature {
  /** First 16 bytes of the SHA-256 of the public key. */
  readonly keyId: Uint8Array;
  /** Ed25519, 64 bytes. */
  readonly value: Uint8Array;
}

/** Signs what a service puts on record; the private key stays behind it. */
export interface CommitSigner {
  readonly keyId: Uint8Array;
  /** Ed25519 over the bytes, 64 bytes; the same bytes give the same signature. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** The whole envelope: everything that is hashed. */
export interface Commit {
  readonly schemaVersion: number;
  readonly commitId: string;
  readonly epoch: string;
  readonly partition: string;
  readonly aggregate: AggregateRef;
  readonly book: string;
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly prevHash: Uint8Array;
  readonly causation: Causation;
  readonly correlationId: string;
  readonly traceparent: string;
  readonly actor: Actor;
  readonly producer: Producer;
  readonly config: { readonly policyHash: string; readonly limitsVersion: string };
  readonly clock: CommitClock;
  readonly events: readonly RecordedEvent[];
  /** Absent where the author follows no streams, and in journals older than this field. */
  readonly taken?: Taken;
  /**
   * Token of the lease under which its author owned the partition; rises with every change of owner. Absent where the
   * author needs no lease, and in journals older than this field.
   */
  readonly fencingToken?: bigint;
  /** The last field of the envelope. Absent in epochs that enrol no commit keys. */
  readonly signature?: CommitSignature;
}

/** A commit ready to be published: the bytes are the truth. */
export interface SealedCommit {
  readonly commit: Commit;
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`. */
  readonly hash: Uint8Array;
}

/** Turns an envelope into the bytes that are published, hashed and stored. */
export type Seal = (commit: Commit) => SealedCommit;

/** A commit as it was read back. */
export interface StoredCommit extends SealedCommit {
  readonly seq: number;
  readonly subject: string;
  /** Filled in by whoever reads for a core; see `CommitView`. */
  readonly refusals?: Refusals;
}

export function aggregateKey(aggregate: AggregateRef): string {
  return `${aggregate.context}/${aggregate.type}/${aggregate.id}`;
}

/** Deterministic: redelivery of the same input re-decides to the same id. */
export function commitIdOf(aggregate: AggregateRef, causationId: string, index: number): string {
  return uuidV5(`commit|${aggregateKey(aggregate)}|${causationId}|${index}`);
}

/** The id of a market instant, as a cause. */
export function instantIdOf(market: string, number: number): string {
  return uuidV5(`instant|${market}|${number}`);
}

/** The id of a venue's report, as a cause. */
export function venueReportIdOf(reportId: string): string {
  return uuidV5(`venue-report|${reportId}`);
}

export function partitionOfBook(book: string): string {
  return partitionOf(book);
}

/** The journal subject of an aggregate. Ids are escaped so that they are one subject token each. */
export function subjectOf(partition: string, aggregate: AggregateRef): string {
  return `ek.evt.v1.${partition}.${aggregate.context}.${aggregate.type}.${subjectToken(aggregate.id)}`;
}

/** Subjects that carry what the given contexts committed in a partition. */
export function contextSubjects(partition: string, contexts: readonly Context[]): string[] {
  return contexts.map((context) => contextSubject(partition, context));
}

/** The subject of all that a context commits in a partition. */
export function contextSubject(partition: string, context: Context): string {
  return `ek.evt.v1.${partition}.${context}.>`;
}

const ESCAPED = /[%.*>\s]/;

/** One NATS subject token: dots, spaces and wildcards are percent-escaped. Most ids have none, and replacing nothing takes twice the look. */
export function subjectToken(id: string): string {
  if (!ESCAPED.test(id)) return id;
  return id.replace(/[%.*>\s]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
