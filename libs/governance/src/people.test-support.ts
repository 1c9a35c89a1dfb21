import { SIGNATURE_TYPE, formatNote, formatVerifierKey } from '@evenkeel/audit';
import type { ChangeApproved, ChangeProposed, DomainEvent } from '@evenkeel/facts';
import { NANOS_PER_HOUR, formatInstant, parseInstant, utf8 } from '@evenkeel/kernel';
import { fixtureKey } from '../../audit/src/testing/bundle.test-support';
import { contentHashOf } from './approval';
import { proposalIdOf } from './decide';
import type { ChangeKind, Enrolment, Role } from './events';
import type { CommitOfPeople } from './governance-record';
import { useIdOf } from './governance-record';
import { statementText } from './statement';
import type { Statement } from './statement';

const keyOf = (name: string): ReturnType<typeof fixtureKey> => fixtureKey(name, SIGNATURE_TYPE.ed25519);

export function enrolmentOf(identity: string, ...roles: readonly Role[]): Enrolment {
  return { identity, roles, credentials: [{ key: formatVerifierKey(keyOf(identity).key) }] };
}

/** A desk: two administrators, a trader, two risk officers. */
export const DESK: readonly Enrolment[] = [
  enrolmentOf('ada', 'administrator'),
  enrolmentOf('ben', 'administrator'),
  enrolmentOf('rita', 'risk-officer'),
  enrolmentOf('ruth', 'risk-officer'),
  enrolmentOf('tess', 'trader'),
];

/** A statement as the key of `signer` signs it. */
export function noteBy(
  signer: string,
  statement: Statement,
): { readonly method: 'note'; readonly note: string } {
  return { method: 'note', note: noteOf(signer, statementText(statement)) };
}

/** Any text as the key of `signer` signs it. */
export function noteOf(signer: string, text: string): string {
  const { key, sign } = keyOf(signer);
  // Whoever signs for somebody else can at best use that name.
  const signatures = [{ name: key.name, keyId: key.keyId, signature: sign(utf8(text)) }];
  return formatNote({ text, signatures });
}

export interface Change {
  readonly kind: ChangeKind;
  readonly scope: string;
  readonly content: string;
  readonly by?: string;
  readonly approver?: string;
  readonly proposedAt: string;
  readonly approvedAt: string;
  readonly expiresAt?: string;
  readonly baseHash?: string;
  /** Who really signs the approval. */
  readonly signer?: string;
}

export interface Statements {
  readonly proposed: ChangeProposed;
  readonly approved: ChangeApproved;
}

/** A change as two people say it. */
export function statementsOf(change: Change): Statements {
  const { kind, scope, content, by = 'tess', approver = 'rita', proposedAt, approvedAt } = change;
  const contentHash = contentHashOf(content);
  const proposalId = proposalIdOf({ kind, scope, content, by, at: proposedAt });
  const common = { proposalId, kind, scope, contentHash };
  const expiresAt = change.expiresAt ?? formatInstant(parseInstant(proposedAt) + NANOS_PER_HOUR);
  return {
    proposed: {
      ...common,
      content,
      baseHash: change.baseHash ?? '',
      reason: 'because',
      proposedBy: by,
      at: proposedAt,
      expiresAt,
      evidence: noteBy(by, { verb: 'propose', ...common, by, at: proposedAt }),
    },
    approved: {
      ...common,
      approvedBy: approver,
      at: approvedAt,
      evidence: noteBy(change.signer ?? approver, {
        verb: 'approve',
        ...common,
        by: approver,
        at: approvedAt,
      }),
    },
  };
}

let commits = 0;

/** Events as one commit that was written at `at`. */
export function written(at: string, ...events: readonly DomainEvent[]): CommitOfPeople {
  commits += 1;
  return {
    commitId: `commit-${commits}`,
    book: 'btc',
    clock: { decidedTime: parseInstant(at), eventTime: parseInstant(at) },
    events: events.map((event) => ({ event })),
  };
}

export function opening(at: string, enrolments: readonly Enrolment[] = DESK): CommitOfPeople {
  return written(at, { type: 'GovernanceOpened', payload: { at, enrolments } });
}

/** Proposal and approval, each written when it was said. */
export function saidOnTime({ proposed, approved }: Statements): readonly CommitOfPeople[] {
  return [
    written(proposed.at, { type: 'ChangeProposed', payload: proposed }),
    written(approved.at, { type: 'ChangeApproved', payload: approved }),
  ];
}

/** The desk uses an approval up. */
export function usedAt(at: string, { proposed }: Statements): CommitOfPeople {
  const { proposalId } = proposed;
  return written(at, { type: 'ChangeApplied', payload: { proposalId, commitId: useIdOf(proposed), at } });
}
