import type { CommitView, CoreInput, Refusals } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';
import type { Causation, Commit, StoredCommit } from './commit';

/** One input on its way through a core. */
export interface Cause {
  readonly input: CoreInput;
  readonly causation: Causation;
  readonly correlationId: string;
  readonly traceparent: string;
}

/** A commit without its transport and host: what cores see. */
export function viewOf(commit: Commit, refusals?: Refusals): CommitView {
  const view = {
    commitId: commit.commitId,
    aggregate: commit.aggregate,
    book: commit.book,
    eventTime: formatInstant(commit.clock.eventTime),
    correlationId: commit.correlationId,
    events: commit.events.map((recorded) => recorded.event),
  };
  return refusals === undefined ? view : { ...view, refusals };
}

/** A foreign commit as an input of a core. */
export function causeOfCommit(
  stream: string,
  stored: Pick<StoredCommit, 'seq' | 'commit' | 'refusals'>,
): Cause {
  return {
    input: { kind: 'commit', commit: viewOf(stored.commit, stored.refusals) },
    causation: { stream, seq: BigInt(stored.seq), commitId: stored.commit.commitId },
    correlationId: stored.commit.correlationId,
    traceparent: stored.commit.traceparent,
  };
}
