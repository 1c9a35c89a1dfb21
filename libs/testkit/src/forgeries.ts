import type { SealedCommit } from '@evenkeel/eventing';
import type { CommitDraft } from '@evenkeel/facts';
import { originOf } from '@evenkeel/engine';
import { partitionOf, required, sha256 } from '@evenkeel/kernel';
import { decisionDraft } from './commits';
import { EVERY_PAYLOAD } from './every-event';
import type { SignedEpoch } from './signed-epoch';

/** A commit that must not be believed in an epoch that is signed. */
export interface Forgery {
  readonly name: string;
  readonly code: string;
  readonly forge: (epoch: SignedEpoch) => SealedCommit;
  /** Where it is put, when not where it belongs. */
  readonly subject?: string;
  /** The service whose key is removed first. */
  readonly removed?: string;
}

export const FORGED_BOOK = 'forged';
const AT = '2026-01-01T00:00:00Z';

const decision = (change: Partial<CommitDraft> = {}): CommitDraft => ({
  ...decisionDraft(FORGED_BOOK, 'd1', AT),
  ...change,
});

/** The honest commit that the forgeries are made from. */
export function honestDecision(epoch: SignedEpoch): SealedCommit {
  return epoch.seal(decision(), 'strategy');
}

const snapshot: CommitDraft = {
  aggregate: { context: 'risk', type: 'book', id: FORGED_BOOK },
  book: FORGED_BOOK,
  eventTime: AT,
  actor: { kind: 'algo', id: 'risk' },
  events: [{ type: 'RiskSnapshotTaken', payload: { ...EVERY_PAYLOAD.RiskSnapshotTaken, book: FORGED_BOOK } }],
};

const approval: CommitDraft = {
  aggregate: { context: 'governance', type: 'changes', id: FORGED_BOOK },
  book: FORGED_BOOK,
  eventTime: AT,
  actor: { kind: 'human', id: 'rita' },
  events: [{ type: 'ChangeApproved', payload: EVERY_PAYLOAD.ChangeApproved }],
};

/** A book whose partition is another. */
const ELSEWHERE = required(
  ['a', 'b', 'c'].find((name) => partitionOf(name) !== partitionOf(FORGED_BOOK)),
  'a book of another partition',
);

function tampered(sealed: SealedCommit): SealedCommit {
  const bytes = Uint8Array.from(sealed.bytes);
  const text = Buffer.from(bytes.buffer).indexOf('BAND_BREACHED');
  bytes[text] = 'b'.charCodeAt(0);
  return { ...sealed, bytes, hash: sha256(bytes) };
}

/** Every way to say what one may not say, and the code by which each reader refuses it. */
export const FORGERIES: readonly Forgery[] = [
  {
    name: 'a decision that nobody signed',
    code: 'AUTHORS.UNSIGNED',
    forge: (epoch) => epoch.seal(decision(), undefined),
  },
  {
    name: 'a decision signed with a key that is not enrolled',
    code: 'AUTHORS.UNKNOWN_KEY',
    forge: (epoch) => epoch.seal(decision(), 'a stranger'),
  },
  {
    name: 'a decision under a key that was removed',
    code: 'AUTHORS.REMOVED_KEY',
    removed: 'strategy',
    forge: (epoch) => epoch.seal(decision(), 'strategy'),
  },
  {
    name: 'a decision of which one byte was changed',
    code: 'AUTHORS.BAD_SIGNATURE',
    forge: (epoch) => tampered(epoch.seal(decision(), 'strategy')),
  },
  {
    name: 'a decision by execution in the name of strategy',
    code: 'AUTHORS.WRONG_SERVICE',
    forge: (epoch) => epoch.seal(decision(), 'execution'),
  },
  {
    name: 'a decision by execution in its own name',
    code: 'AUTHORS.WRONG_CONTEXT',
    forge: (epoch) => epoch.seal(decision(), 'execution', { producer: 'execution' }),
  },
  {
    name: 'a snapshot by strategy',
    code: 'AUTHORS.WRONG_CONTEXT',
    forge: (epoch) => epoch.seal(snapshot, 'strategy', { producer: 'strategy' }),
  },
  {
    name: 'an approval by execution',
    code: 'AUTHORS.WRONG_CONTEXT',
    forge: (epoch) => epoch.seal(approval, 'execution', { producer: 'execution' }),
  },
  {
    name: 'a first fact by strategy',
    code: 'AUTHORS.WRONG_CONTEXT',
    forge: (epoch) => epoch.seal(decision(), 'strategy', { origin: originOf('boot', 'b') }),
  },
  {
    name: 'a first fact of the desk that follows others of its aggregate',
    code: 'AUTHORS.WRONG_CONTEXT',
    forge: (epoch) =>
      epoch.seal(decision(), 'keel', {
        producer: 'keel',
        origin: originOf('boot', 'b'),
        change: (commit) => ({ ...commit, fromVersion: 2, toVersion: 2 }),
      }),
  },
  {
    name: 'a decision of another epoch, said again',
    code: 'AUTHORS.WRONG_EPOCH',
    forge: (epoch) =>
      epoch.seal(decision(), 'strategy', { change: (commit) => ({ ...commit, epoch: 'another' }) }),
  },
  {
    name: 'a decision in the place of another aggregate',
    code: 'AUTHORS.WRONG_SUBJECT',
    subject: `ek.evt.v1.${partitionOf(FORGED_BOOK)}.strategy.hedge-program.other`,
    forge: (epoch) => epoch.seal(decision(), 'strategy'),
  },
  {
    name: 'a decision about a book of another partition',
    code: 'AUTHORS.WRONG_PARTITION',
    forge: (epoch) =>
      epoch.seal(decision({ book: ELSEWHERE }), 'strategy', {
        change: (commit) => ({ ...commit, partition: partitionOf(FORGED_BOOK) }),
      }),
  },
  {
    name: 'a decision under an aggregate of its own',
    code: 'AUTHORS.STRANGER',
    forge: (epoch) =>
      epoch.seal(
        decision({
          aggregate: { context: 'strategy', type: 'hedge-program', id: `${FORGED_BOOK}/stranger` },
        }),
        'strategy',
      ),
  },
  {
    name: 'a decision under a type of aggregate that nobody has',
    code: 'AUTHORS.STRANGER',
    forge: (epoch) =>
      epoch.seal(
        decision({ aggregate: { context: 'strategy', type: 'program', id: FORGED_BOOK } }),
        'strategy',
      ),
  },
  {
    name: 'a decision that speaks of another book than it is filed under',
    code: 'AUTHORS.STRANGER',
    forge: (epoch) => epoch.seal(decision({ events: decisionDraft('other', 'd1', AT).events }), 'strategy'),
  },
  {
    name: 'a decision without a lease',
    code: 'AUTHORS.NO_FENCE',
    forge: (epoch) => epoch.seal(decision(), 'strategy', { fencingToken: undefined }),
  },
];
