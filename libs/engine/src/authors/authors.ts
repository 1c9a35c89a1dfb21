import { splitSignature } from '@evenkeel/contracts';
import { partitionOfBook, subjectOf } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import type { DomainEvent } from '@evenkeel/facts';
import { sameBytes, toHex } from '@evenkeel/kernel';
import { isBoot } from '../boot';
import { TOPOLOGY } from '../topology';
import { strangerTo } from './aggregates';
import { AuthorFault } from './author-fault';
import type { AuthorFaultCode } from './author-fault';
import { COMMIT_KEYS, CommitKeys, DESK_SERVICE, invalid } from './commit-keys';
import type { EnrolledKey, ReplacedKey, ServiceKey } from './commit-keys';
import { Quarantines } from './quarantines';

/** Ed25519; never throws, whatever a stranger wrote. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** A commit where it was read. */
export interface PlacedCommit {
  readonly seq: number;
  readonly commit: Commit;
  /** As published. */
  readonly bytes: Uint8Array;
  /** Where a stream had it; absent where only the bytes were kept. */
  readonly subject?: string;
}

export interface AuthorsOptions {
  readonly epoch: string;
  readonly verify: VerifySignature;
  /** The desk's public key, as whoever reads has it from elsewhere. Without it an epoch vouches for itself alone. */
  readonly deskKey?: Uint8Array | undefined;
}

/** Whether a commit says something about keys. */
export function isAboutKeys({ aggregate }: Pick<Commit, 'aggregate'>): boolean {
  return aggregate.context === COMMIT_KEYS.context && aggregate.type === COMMIT_KEYS.type;
}

/**
 * Who may have written what in one epoch. An epoch is signed when its first commit enrols keys: that commit is signed by
 * the desk, whose key it enrols. From then on every commit is signed by a key that holds at its place and may speak for its
 * context; and its subject, partition, book, aggregate and producer agree. Nobody else has this rule.
 */
export class Authors {
  private keys = new CommitKeys();
  private readonly quarantined: Quarantines;
  private opening: number | undefined;
  private desk: ServiceKey | undefined;
  /** Why nothing of the epoch can be believed. */
  private broken: string | undefined;

  constructor(private readonly options: AuthorsOptions) {
    this.quarantined = new Quarantines(options.epoch);
  }

  /** Whether the epoch enrols keys; false until its first commit was taken in. */
  get signed(): boolean {
    return this.desk !== undefined;
  }

  /** The key that opened the epoch. */
  get deskKey(): Uint8Array | undefined {
    return this.desk?.publicKey;
  }

  /** The desk key that it took the place of, where the epoch says so. */
  get replacedDeskKey(): ReplacedKey | undefined {
    return this.desk?.replaces;
  }

  get enrolled(): readonly EnrolledKey[] {
    return this.keys.all;
  }

  /**
   * Judges a commit, and takes in what it says about keys. In the order of the journal as far as the first commit goes, and
   * each commit about keys before what comes after it. Throws `AuthorFault`.
   */
  take(placed: PlacedCommit): void {
    const { commit, seq } = placed;
    if (this.opening === undefined) this.open(placed);
    if (this.broken !== undefined) throw invalid(seq, this.broken);
    this.judge(placed);
    if (!this.signed || !isAboutKeys(commit)) return;
    this.keys.fold(eventsOf(commit), seq);
    this.quarantined.fold(commit.commitId, eventsOf(commit));
  }

  /** Whether these bytes were signed with a key that holds there, whatever they say. */
  vouches(seq: number, bytes: Uint8Array): boolean {
    const { body, signature } = splitSignature(bytes);
    const key = signature === undefined ? undefined : this.keys.of(toHex(signature.keyId));
    if (signature === undefined || key === undefined || !this.heldAt(key, seq)) return false;
    const removed = key.removedAt !== undefined && key.removedAt < seq;
    return !removed && this.options.verify(key.publicKey, body, signature.value);
  }

  /** The quarantines that the desk has put on record, as far as commits about keys were taken in. */
  get quarantines(): Pick<Quarantines, 'all' | 'of'> {
    return this.quarantined;
  }

  /** The service that signed a commit, by its key; undefined where the epoch is not signed. */
  signerOf({ signature }: Commit): string | undefined {
    return signature === undefined ? undefined : this.keys.of(toHex(signature.keyId))?.service;
  }

  /** What opens a signed epoch vouches for itself, by the key that the reader knows. */
  private open(placed: PlacedCommit): void {
    const { seq, commit } = placed;
    this.opening = seq;
    if (!isAboutKeys(commit)) return;
    try {
      const { deskKey } = this.options;
      this.keys.fold(eventsOf(commit), seq);
      const desk = this.keys.all.find(({ service }) => service === DESK_SERVICE);
      if (desk === undefined) throw invalid(seq, 'it enrols no key of the desk');
      if (deskKey !== undefined && !sameBytes(desk.publicKey, deskKey))
        throw invalid(seq, `it was opened under desk key ${toHex(desk.publicKey)}, not ${toHex(deskKey)}`);
      this.desk = desk;
      this.judge(placed);
    } catch (error) {
      this.keys = new CommitKeys();
      this.desk = undefined;
      this.broken = `the epoch was not opened by the desk`;
      throw error;
    }
  }

  private judge(placed: PlacedCommit): void {
    const { commit, seq } = placed;
    const wrong = (code: AuthorFaultCode, why: string): AuthorFault =>
      new AuthorFault(code, `commit ${seq} (${commit.commitId}): ${why}`);
    if (!this.signed) {
      if (commit.signature === undefined) return;
      throw wrong('AUTHORS.UNKNOWN_KEY', 'it is signed in an epoch that enrols no keys');
    }
    const key = this.keyOf(placed, wrong);
    const disagreement = agreementOf(placed, key, this.options.epoch);
    if (disagreement !== undefined) throw wrong(...disagreement);
  }

  /** A key holds for what comes after the commit that enrolled it; the desk's also for the one that opens the epoch. */
  private heldAt(key: EnrolledKey, seq: number): boolean {
    if (key.fromSeq < seq) return true;
    return key.fromSeq === seq && seq === this.opening && key.service === DESK_SERVICE;
  }

  /** The key that signed a commit and held at its place. */
  private keyOf(
    { seq, commit, bytes }: PlacedCommit,
    wrong: (code: AuthorFaultCode, why: string) => AuthorFault,
  ): EnrolledKey {
    const { signature } = commit;
    if (signature === undefined) throw wrong('AUTHORS.UNSIGNED', 'it is not signed');
    const id = toHex(signature.keyId);
    const key = this.keys.of(id);
    if (key === undefined || !this.heldAt(key, seq))
      throw wrong('AUTHORS.UNKNOWN_KEY', `key ${id} is not enrolled`);
    if (key.removedAt !== undefined && key.removedAt < seq)
      throw wrong(
        'AUTHORS.REMOVED_KEY',
        `key ${id} of ${key.service} was removed by commit ${key.removedAt}`,
      );
    if (!this.options.verify(key.publicKey, splitSignature(bytes).body, signature.value))
      throw wrong('AUTHORS.BAD_SIGNATURE', `the signature of ${key.service} does not hold`);
    return key;
  }
}

/** What a commit says of itself must be of one piece, and within what its key may say. */
function agreementOf(
  { commit, subject }: PlacedCommit,
  key: EnrolledKey,
  epoch: string,
): [AuthorFaultCode, string] | undefined {
  const { aggregate, book, partition, producer } = commit;
  if (commit.epoch !== epoch) return ['AUTHORS.WRONG_EPOCH', `it is of epoch ${commit.epoch}`];
  if (producer.service !== key.service)
    return ['AUTHORS.WRONG_SERVICE', `it says ${producer.service} and is signed by ${key.service}`];
  if (isBoot(commit) && commit.fromVersion !== 1)
    return ['AUTHORS.WRONG_CONTEXT', 'a first fact opens its aggregate, and this one follows others'];
  // A person's first facts are in the contexts of those who go on from them.
  const spokenFor = isBoot(commit) ? 'governance' : aggregate.context;
  if (!key.contexts.includes(spokenFor))
    return ['AUTHORS.WRONG_CONTEXT', `${key.service} does not speak for ${spokenFor}`];
  const place = subjectOf(partition, aggregate);
  if (subject !== undefined && subject !== place)
    return ['AUTHORS.WRONG_SUBJECT', `it lies on ${subject} and belongs on ${place}`];
  if (partitionOfBook(book) !== partition)
    return ['AUTHORS.WRONG_PARTITION', `book ${book} is not of partition ${partition}`];
  const stranger = strangerTo(book, aggregate) ?? otherBook(commit);
  if (stranger !== undefined) return ['AUTHORS.STRANGER', stranger];
  if (TOPOLOGY[aggregate.context].core && !isBoot(commit) && commit.fencingToken === undefined)
    return ['AUTHORS.NO_FENCE', 'it names no lease under which it was written'];
  return undefined;
}

/** A book that an event speaks of beside the one that the commit is filed under. */
function otherBook({ book, events }: Commit): string | undefined {
  for (const { event } of events) {
    const { payload } = event;
    if ('book' in payload && payload.book !== book) return `${event.type} is about book ${payload.book}`;
  }
  return undefined;
}

const eventsOf = ({ events }: Commit): DomainEvent[] => events.map(({ event }) => event);
