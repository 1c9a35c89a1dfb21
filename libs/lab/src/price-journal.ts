import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import { SCHEMA_VERSION, aggregateKey, commitIdOf, instantIdOf, partitionOfBook } from '@evenkeel/eventing';
import type { Commit, Producer, Seal, SealedCommit } from '@evenkeel/eventing';
import { parseInstant } from '@evenkeel/kernel';

interface Head {
  version: number;
  hash: Uint8Array;
  seq: number;
}

/** A price fact ready for the journal. The caller says where it went with `appended`. */
export interface SealedFact {
  readonly commit: SealedCommit;
  readonly expectedLastSeq: number;
}

/**
 * Seals the facts of the price context. They belong to many partitions and have one author, so they are kept apart from
 * the partitioned cores; ids follow from the instant, so a restarted price service makes the same ones again.
 */
export class PriceJournal {
  private readonly heads = new Map<string, Head>();

  constructor(
    private readonly epoch: string,
    private readonly producer: Producer,
    private readonly sealing: Seal,
  ) {}

  /** The id that a fact gets: the same in every life of the process. */
  idOf(draft: CommitDraft, index: number, instant: MarketInstant): string {
    return commitIdOf(draft.aggregate, instantIdOf('market', instant.number), index);
  }

  /** Seals one fact; `index` is its place among the instant's facts. */
  seal(
    draft: CommitDraft,
    index: number,
    instant: MarketInstant,
    host: HostClock = VIRTUAL,
    traceparent = '',
  ): SealedFact {
    const cause = instantIdOf('market', instant.number);
    const head = this.heads.get(aggregateKey(draft.aggregate));
    const commitId = commitIdOf(draft.aggregate, cause, index);
    const fromVersion = (head?.version ?? 0) + 1;
    const commit = this.sealing({
      schemaVersion: SCHEMA_VERSION,
      commitId,
      epoch: this.epoch,
      partition: partitionOfBook(draft.book),
      aggregate: draft.aggregate,
      book: draft.book,
      fromVersion,
      toVersion: fromVersion + draft.events.length - 1,
      prevHash: head?.hash ?? new Uint8Array(0),
      causation: { stream: 'EK_MARKET', seq: 0n, commitId: cause },
      correlationId: cause,
      traceparent,
      actor: draft.actor,
      producer: this.producer,
      config: { policyHash: '', limitsVersion: '' },
      clock: { eventTime: parseInstant(draft.eventTime), ...host },
      events: draft.events.map((event, position) => ({ id: `${commitId}:${position}`, version: 1, event })),
    });
    return { commit, expectedLastSeq: head?.seq ?? 0 };
  }

  /** Where a fact of this aggregate went; also for facts found on the journal at start. */
  appended(sealed: SealedCommit, seq: number): void {
    this.heads.set(aggregateKey(sealed.commit.aggregate), {
      version: sealed.commit.toVersion,
      hash: sealed.hash,
      seq,
    });
  }
}

type HostClock = Omit<Commit['clock'], 'eventTime'>;

const VIRTUAL: HostClock = { receivedTime: 0n, decidedTime: 0n, source: 'virtual', maxErrorNs: 0n };
