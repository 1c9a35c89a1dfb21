import { AuthorFault } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import { aggregateKey } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import type { EventPayloads, EventType } from '@evenkeel/facts';
import { formatInstant, required, toHex } from '@evenkeel/kernel';
import type { HistoryRow } from './evidence-ports';
import type { CommitReference, Recorded } from './reconstruction';

/** A commit as it was stored, read, and whether its bytes still have the hash on record. */
export interface StoryRow extends HistoryRow {
  readonly commit: Commit;
  readonly hashHolds: boolean;
}

/** An event where it stands. */
export interface Placed<T extends EventType> {
  readonly seq: number;
  readonly type: T;
  readonly payload: EventPayloads[T];
}

/** Commits of one epoch in journal order, from which stories are told. More than a story needs does no harm. */
export class StoryMaterial {
  private readonly bySeq: ReadonlyMap<number, StoryRow>;
  private readonly byType = new Map<EventType, Placed<EventType>[]>();

  /** `authors`: who may write there, its keys taken in; without it no signer is named. */
  constructor(
    readonly epoch: string,
    readonly rows: readonly StoryRow[],
    readonly authors?: Authors,
  ) {
    this.bySeq = new Map(rows.map((row) => [row.seq, row]));
    for (const { seq, commit } of rows)
      for (const { event } of commit.events) {
        const { type, payload } = event;
        const known = this.byType.get(type);
        if (known === undefined) this.byType.set(type, [{ seq, type, payload }]);
        else known.push({ seq, type, payload });
      }
  }

  at(seq: number): StoryRow {
    return required(this.bySeq.get(seq), `sequence ${seq} of the story`);
  }

  /** Every event of some types, in journal order. */
  all<T extends EventType>(...types: readonly T[]): readonly Placed<T>[] {
    // The map holds under each type what is of it.
    const found = types.flatMap((type) => (this.byType.get(type) ?? []) as unknown as readonly Placed<T>[]);
    return types.length === 1 ? found : found.sort((a, b) => a.seq - b.seq);
  }
}

/** What one story uses of its material, and what does not hold about it. */
export class ToldCommits {
  readonly problems: string[] = [];
  private readonly used = new Map<number, CommitReference>();

  constructor(readonly material: StoryMaterial) {}

  get references(): readonly CommitReference[] {
    return [...this.used.values()].sort((a, b) => a.seq - b.seq);
  }

  recorded<T extends EventType>({ seq, payload }: Placed<T>): Recorded<EventPayloads[T]> {
    return { commit: this.use(seq), payload };
  }

  /** The reference of a commit, which is part of the story from here on. */
  use(seq: number): CommitReference {
    const known = this.used.get(seq);
    if (known !== undefined) return known;
    const row = this.material.at(seq);
    if (!row.hashHolds)
      this.problems.push(`the bytes at sequence ${seq} do not have the hash on record: they were changed`);
    const reference = { ...referenceOf(row), ...this.signerOf(row) };
    this.used.set(seq, reference);
    return reference;
  }

  /** Who signed it, by the keys of the epoch; what does not hold is a problem of the story. */
  private signerOf(row: StoryRow): { readonly signedBy?: string } {
    const { authors } = this.material;
    if (authors === undefined) return {};
    try {
      authors.take(row);
    } catch (error) {
      if (!(error instanceof AuthorFault)) throw error;
      this.problems.push(error.message);
      return {};
    }
    const signedBy = authors.signerOf(row.commit);
    return signedBy === undefined ? {} : { signedBy };
  }
}

function referenceOf({ seq, hash, hashHolds, commit }: StoryRow): CommitReference {
  const { causation, actor } = commit;
  return {
    seq,
    commitId: commit.commitId,
    aggregate: aggregateKey(commit.aggregate),
    types: commit.events.map(({ event }) => event.type),
    eventTime: formatInstant(commit.clock.eventTime),
    actor: `${actor.kind}:${actor.id}`,
    hash: toHex(hash),
    hashHolds,
    causation: {
      stream: causation.stream,
      seq: causation.seq.toString(),
      commitId: causation.commitId,
    },
  };
}
