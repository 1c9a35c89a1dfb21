import { commitIdOf, instantIdOf } from '@evenkeel/eventing';
import type { Producer, Seal, SealedCommit } from '@evenkeel/eventing';
import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import { Heads, VIRTUAL_CLOCK, envelopeOf } from './seal';
import type { HostClock } from './seal';

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
  private readonly heads = new Heads();

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
    clock: HostClock = VIRTUAL_CLOCK,
  ): SealedFact {
    const cause = instantIdOf('market', instant.number);
    const head = this.heads.of(draft.aggregate);
    const commit = this.sealing(
      envelopeOf(draft, {
        epoch: this.epoch,
        producer: this.producer,
        clock,
        origin: {
          causation: { stream: 'EK_MARKET', seq: 0n, commitId: cause },
          correlationId: cause,
          traceparent: '',
        },
        index,
        head,
      }),
    );
    return { commit, expectedLastSeq: head.seq };
  }

  /** Where a fact of this aggregate went; also for facts found on the journal at start. */
  appended(sealed: SealedCommit, seq: number): void {
    this.heads.note(sealed, seq);
  }
}
