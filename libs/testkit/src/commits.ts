import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import type { Commit, Producer } from '@evenkeel/eventing';
import { NO_HEAD, envelopeOf } from '@evenkeel/engine';

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
  const { version = 1, epoch = '1', prevHash = NO_HEAD.hash, decidedTime = 0n } = options;
  const id = options.cause ?? `cause-${version}`;
  return envelopeOf(draft, {
    epoch,
    producer: TEST_PRODUCER,
    clock: { receivedTime: decidedTime, decidedTime, source: 'test', maxErrorNs: 0n },
    origin: { causation: { stream: 'test', seq: 0n, commitId: id }, correlationId: id, traceparent: '' },
    index: 0,
    head: { version: version - 1, hash: prevHash, seq: 0 },
  });
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
