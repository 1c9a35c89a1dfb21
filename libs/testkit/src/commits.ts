import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import type { Commit, Producer } from '@evenkeel/eventing';
import { SCHEMA_VERSION, commitIdOf, partitionOfBook } from '@evenkeel/eventing';
import { parseInstant } from '@evenkeel/kernel';

export const TEST_PRODUCER: Producer = { service: 'test', version: '0', gitSha: 'none', kernelHash: '' };

export interface CommitOptions {
  readonly version?: number;
  readonly prevHash?: Uint8Array;
  readonly cause?: string;
  readonly epoch?: string;
  /** The host's clock; two hosts never agree on it. */
  readonly decidedTime?: bigint;
}

/** An envelope around a draft, with everything that does not matter to the test filled in. */
export function commitOf(draft: CommitDraft, options: CommitOptions = {}): Commit {
  const version = options.version ?? 1;
  const cause = options.cause ?? `cause-${version}`;
  const commitId = commitIdOf(draft.aggregate, cause, 0);
  return {
    schemaVersion: SCHEMA_VERSION,
    commitId,
    epoch: options.epoch ?? '1',
    partition: partitionOfBook(draft.book),
    aggregate: draft.aggregate,
    book: draft.book,
    fromVersion: version,
    toVersion: version + draft.events.length - 1,
    prevHash: options.prevHash ?? new Uint8Array(0),
    causation: { stream: 'test', seq: 0n, commitId: cause },
    correlationId: cause,
    traceparent: '',
    actor: draft.actor,
    producer: TEST_PRODUCER,
    config: { policyHash: draft.policyHash ?? '', limitsVersion: draft.limitsVersion ?? '' },
    clock: {
      eventTime: parseInstant(draft.eventTime),
      receivedTime: options.decidedTime ?? 0n,
      decidedTime: options.decidedTime ?? 0n,
      source: 'test',
      maxErrorNs: 0n,
    },
    events: draft.events.map((event, index) => ({ id: `${commitId}:${index}`, version: 1, event })),
  };
}

/** A minimal decision, for tests that only care that there is one. */
export function decisionDraft(book: string, decisionId: string, at: string): CommitDraft {
  const event: DomainEvent = {
    type: 'HedgeDecided',
    payload: {
      decisionId,
      book,
      at,
      snapshotId: 's',
      policyKind: 'delta-band',
      policyHash: '',
      assessments: [],
      candidates: [],
      trades: [],
      checks: [],
      reasons: ['BAND_BREACHED'],
      quietBefore: { evaluations: 0, from: at, to: at, maxBandUse: 0 },
    },
  };
  return {
    aggregate: { context: 'strategy', type: 'hedge-program', id: book },
    book,
    eventTime: at,
    actor: { kind: 'algo', id: 'test' },
    events: [event],
  };
}
