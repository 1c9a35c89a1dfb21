import { decodeWhole } from '@evenkeel/contracts';
import { aggregateKey, subjectOf } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import { EvenkeelError } from '@evenkeel/kernel';
import { LedgerFault } from './faults';
import { sameJson } from './same-json';
import { leafOf } from './leaf';
import { nativeHex, nativeSha256 } from './native-hash';

/** A commit as it comes off the journal. */
export interface JournalMessage {
  /** Stream sequence, from 1 without gaps. */
  readonly seq: number;
  /** The published bytes. */
  readonly bytes: Uint8Array;
  readonly subject: string;
}

/** A row of `commit_log`, decoded. */
export interface LedgerCommit {
  readonly epoch: string;
  readonly seq: number;
  readonly aggregate: string;
  readonly commit: Commit;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly leafHash: Uint8Array;
}

/** Reads one message of the journal `epoch`; throws a `LedgerFault` naming its sequence when it is not what it claims. */
export function readMessage(epoch: string, message: JournalMessage): LedgerCommit {
  const read = ledgerCommitOf(epoch, message.seq, message.bytes);
  const expected = subjectOf(read.commit.partition, read.commit.aggregate);
  if (message.subject !== expected) {
    throw new LedgerFault(
      'LEDGER.WRONG_SUBJECT',
      epoch,
      message.seq,
      `it lies on ${message.subject} but belongs on ${expected}`,
    );
  }
  return read;
}

/** Reads the bytes of one commit; throws a `LedgerFault` when they are none, or are of another epoch. */
export function ledgerCommitOf(epoch: string, seq: number, bytes: Uint8Array): LedgerCommit {
  const commit = decodeAt(epoch, seq, bytes);
  if (commit.epoch !== epoch) {
    const message = `it says it belongs to epoch ${JSON.stringify(commit.epoch)}`;
    throw new LedgerFault('LEDGER.WRONG_EPOCH', epoch, seq, message);
  }
  const hash = nativeSha256(bytes);
  return {
    epoch,
    seq,
    aggregate: aggregateKey(commit.aggregate),
    commit,
    bytes,
    hash,
    leafHash: leafOf(epoch, seq, hash),
  };
}

export function decodeAt(epoch: string, seq: number, bytes: Uint8Array): Commit {
  try {
    return decodeWhole(bytes);
  } catch (cause) {
    const isNewer = cause instanceof EvenkeelError && cause.code === 'CONTRACTS.UNKNOWN_VERSION';
    throw new LedgerFault(
      isNewer ? 'LEDGER.UNKNOWN_VERSION' : 'LEDGER.UNDECODABLE',
      epoch,
      seq,
      cause instanceof Error ? cause.message : String(cause),
      cause,
    );
  }
}

/**
 * What `commit_log.decoded` holds: what SQL asks for, at the places where the whole envelope has it. Payloads are in the bytes,
 * and what is asked about them in the read models.
 */
function decodedOf({ partition, book, clock, events, signature }: Commit): object {
  return {
    partition,
    book,
    clock: { eventTime: clock.eventTime.toString() },
    events: events.map(({ version, event }) => ({ version, event: { type: event.type } })),
    // The signature itself is in the bytes.
    signature: signature === undefined ? undefined : { keyId: nativeHex(signature.keyId) },
  };
}

/**
 * The whole envelope, as rows of earlier releases hold it. Integers beyond 2^53 as decimal strings, hashes as hex, payloads as
 * they are.
 */
function decodedEnvelope(commit: Commit): object {
  const { causation, clock, taken, fencingToken, signature } = commit;
  // Field by field: spreading an envelope costs more than decoding it.
  return {
    schemaVersion: commit.schemaVersion,
    commitId: commit.commitId,
    epoch: commit.epoch,
    partition: commit.partition,
    aggregate: commit.aggregate,
    book: commit.book,
    fromVersion: commit.fromVersion,
    toVersion: commit.toVersion,
    prevHash: nativeHex(commit.prevHash),
    causation: { stream: causation.stream, seq: causation.seq.toString(), commitId: causation.commitId },
    correlationId: commit.correlationId,
    traceparent: commit.traceparent,
    actor: commit.actor,
    producer: commit.producer,
    config: commit.config,
    clock: {
      eventTime: clock.eventTime.toString(),
      receivedTime: clock.receivedTime.toString(),
      decidedTime: clock.decidedTime.toString(),
      source: clock.source,
      maxErrorNs: clock.maxErrorNs.toString(),
    },
    events: commit.events,
    taken:
      taken === undefined
        ? undefined
        : { journalSeq: taken.journalSeq.toString(), eventTime: taken.eventTime.toString() },
    fencingToken: fencingToken?.toString(),
    signature: signature === undefined ? undefined : { keyId: nativeHex(signature.keyId) },
  } satisfies Record<keyof Commit, unknown>;
}

export function decodedJson(commit: Commit): string {
  return JSON.stringify(decodedOf(commit));
}

/**
 * The same as the server shows it: keys by their length and then by letter, with spaces. A row that is what it should be is seen
 * by this text alone, at a fifth of what reading it as JSON costs.
 */
export function decodedShown({ partition, book, clock, events, signature }: Commit): string {
  const shown = events.map(
    ({ version, event: { type } }) => `{"event": {"type": ${JSON.stringify(type)}}, "version": ${version}}`,
  );
  const key = signature === undefined ? '' : `, "signature": {"keyId": "${nativeHex(signature.keyId)}"}`;
  return `{"book": ${JSON.stringify(book)}, "clock": {"eventTime": "${clock.eventTime}"}, "events": [${shown.join(', ')}], "partition": ${JSON.stringify(partition)}${key}}`;
}

/** Whether the text of `decoded` is what the commit says, in the form of this release or of an earlier one. */
export function isDecodedOf(text: string, commit: Commit): boolean {
  if (text === decodedShown(commit)) return true;
  const value: unknown = JSON.parse(text);
  return sameJson(decodedOf(commit), value) || sameJson(decodedEnvelope(commit), value);
}
