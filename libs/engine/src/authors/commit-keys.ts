import { keyIdOf } from '@evenkeel/contracts';
import type { AggregateRef, CommitDraft, Context, DomainEvent, EventPayloads } from '@evenkeel/facts';
import { FIRM } from '@evenkeel/governance';
import { fromHex, toHex } from '@evenkeel/kernel';
import { AuthorFault } from './author-fault';

/** Where keys are enrolled and removed, and messages quarantined; the first commit of an epoch that is signed. */
export const COMMIT_KEYS: AggregateRef = { context: 'governance', type: 'commit-keys', id: FIRM };

/** The service that people speak through. Its key signs first facts, and what enrols and removes keys. */
export const DESK_SERVICE = 'keel';

/** Which service signs for which contexts. */
export const SIGNING_SERVICES: Readonly<Record<string, readonly Context[]>> = {
  [DESK_SERVICE]: ['governance'],
  'price-ingest': ['price'],
  risk: ['risk'],
  strategy: ['strategy'],
  execution: ['execution'],
};

export interface ServiceKey {
  readonly service: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Of the desk's key alone: the one that the epoch before was opened under. */
  readonly replaces?: ReplacedKey;
}

/** A key that another one was put in the place of, as a person said. */
export interface ReplacedKey {
  /** Hex. */
  readonly inPlaceOf: string;
  readonly by: string;
  readonly reason: string;
}

/** A key on the record, from the commit that enrolled it to the one that removed it. */
export interface EnrolledKey extends ServiceKey {
  readonly contexts: readonly string[];
  readonly fromSeq: number;
  readonly removedAt: number | undefined;
}

/** The fact that opens a signed epoch: the keys of all services, the desk's among them. */
export function enrolmentDraft(keys: readonly ServiceKey[], at: string): CommitDraft {
  return {
    aggregate: COMMIT_KEYS,
    book: FIRM,
    eventTime: at,
    actor: { kind: 'system', id: DESK_SERVICE },
    events: keys.map((key) => enrolled(key, at)),
  };
}

/** What a later commit of the desk says to put a key in the place of another, or beside it. */
export function enrolled({ service, publicKey, replaces }: ServiceKey, at: string): DomainEvent {
  const contexts = SIGNING_SERVICES[service] ?? [];
  return {
    type: 'CommitKeyEnrolled',
    payload: { service, publicKey: toHex(publicKey), contexts, at, ...replaces },
  };
}

/** The keys of one epoch, by their place on its journal. Takes facts in any order and any number of times. */
export class CommitKeys {
  private readonly known = new Map<string, EnrolledKey>();

  get all(): readonly EnrolledKey[] {
    return [...this.known.values()];
  }

  /** The key of an id (hex), whether it holds or not. */
  of(keyId: string): EnrolledKey | undefined {
    return this.known.get(keyId);
  }

  /** Folds what a commit at `seq` says about keys; it was judged before. */
  fold(events: readonly DomainEvent[], seq: number): void {
    for (const event of events) {
      if (event.type === 'CommitKeyEnrolled') this.enrol(event.payload, seq);
      else if (event.type === 'CommitKeyRemoved') this.remove(event.payload, seq);
      else if (event.type !== 'CommitQuarantined')
        throw invalid(seq, `${event.type} says nothing about keys`);
    }
  }

  private enrol(
    { service, publicKey, contexts, inPlaceOf, by, reason }: EventPayloads['CommitKeyEnrolled'],
    seq: number,
  ): void {
    const bytes = fromHex(publicKey);
    if (bytes?.length !== 32) throw invalid(seq, `the key of ${service} is not 32 bytes in hex`);
    const id = toHex(keyIdOf(bytes));
    const known = this.known.get(id);
    if (known !== undefined && known.fromSeq !== seq) throw invalid(seq, `key ${id} was enrolled before`);
    if (known !== undefined) return;
    const replaces =
      inPlaceOf === undefined ? {} : { replaces: { inPlaceOf, by: by ?? '', reason: reason ?? '' } };
    this.known.set(id, {
      service,
      publicKey: bytes,
      contexts,
      fromSeq: seq,
      removedAt: undefined,
      ...replaces,
    });
  }

  private remove({ service, publicKey }: { service: string; publicKey: string }, seq: number): void {
    const bytes = fromHex(publicKey) ?? new Uint8Array(0);
    const id = toHex(keyIdOf(bytes));
    const known = this.known.get(id);
    if (known === undefined || known.service !== service || known.fromSeq >= seq)
      throw invalid(seq, `${service} had no key ${id} to remove`);
    if (known.removedAt === undefined || known.removedAt > seq)
      this.known.set(id, { ...known, removedAt: seq });
  }
}

export function invalid(seq: number, why: string): AuthorFault {
  return new AuthorFault('AUTHORS.ENROLMENT_INVALID', `commit ${seq}: ${why}`);
}
