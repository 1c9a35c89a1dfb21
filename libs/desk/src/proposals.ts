import { contentHashOf, decideGovernance, evolveGovernance, proposalIdOf } from '@evenkeel/governance';
import type {
  ChangeKind,
  GovernanceCommand,
  GovernanceEvent,
  GovernanceState,
  Proposal,
  Statement,
  StatementVerb,
} from '@evenkeel/governance';
import { EvenkeelError, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Sign } from './ports';

/** Where governance is kept: the journal of a running epoch, or a file that is shown at boot. */
export interface GovernanceStore {
  load(): Promise<GovernanceState>;
  /** Makes events durable, or throws when somebody else was quicker. `by` is on whose behalf. */
  append(events: readonly GovernanceEvent[], by: string, kind: ChangeKind, scope: string): Promise<void>;
}

export interface ProposeRequest {
  readonly kind: ChangeKind;
  readonly scope: string;
  /** Canonical JSON. */
  readonly content: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  readonly expiresAt?: string;
}

export interface JudgeRequest {
  readonly verb: 'approve' | 'reject' | 'withdraw';
  readonly proposalId: string;
  /** SHA-256 of the content that the person was shown, hex: what they sign, or nothing. */
  readonly contentHash: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

const COMMAND_OF = { approve: 'ApproveChange', reject: 'RejectChange', withdraw: 'WithdrawChange' } as const;

/** What the person would sign when proposing. */
export function proposalStatement(request: ProposeRequest): Statement {
  return statementOf('propose', proposalIdOf(request), request);
}

function statementOf(
  verb: StatementVerb,
  proposalId: string,
  about: { kind: ChangeKind; scope: string; content: string; by: string; at: string },
): Statement {
  const { kind, scope, content, by, at } = about;
  return { verb, kind, scope, contentHash: contentHashOf(content), proposalId, by, at };
}

/** What the person would sign when judging. Throws `GOVERNANCE.PROPOSAL_UNKNOWN`, `GOVERNANCE.CONTENT_CHANGED`. */
export function judgeStatement(state: GovernanceState, request: JudgeRequest): Statement {
  const { content, kind, scope, proposalId, contentHash } = proposalIn(state, request.proposalId).proposed;
  if (request.contentHash !== contentHash)
    throw new EvenkeelError({
      code: 'GOVERNANCE.CONTENT_CHANGED',
      message: `what was shown has the SHA-256 ${request.contentHash}; the proposal holds ${contentHash}`,
    });
  return statementOf(request.verb, proposalId, { kind, scope, content, by: request.by, at: request.at });
}

/** A proposal by the beginning of its id. Throws `GOVERNANCE.PROPOSAL_UNKNOWN`. */
export function proposalIn(state: GovernanceState, id: string): Proposal {
  const found = [...state.proposals.values()].filter(
    ({ proposed }) => id !== '' && proposed.proposalId.startsWith(id),
  );
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw new EvenkeelError({
    code: 'GOVERNANCE.PROPOSAL_UNKNOWN',
    message:
      found.length === 0
        ? `there is no proposal ${id}`
        : `${id} is the beginning of ${found.length} proposals; give more of it`,
  });
}

/** Puts a change before a second person. `now`: the time of the journal. Throws with the rule that forbids it. */
export async function propose(
  store: GovernanceStore,
  request: ProposeRequest,
  sign: Sign,
  now: Instant,
): Promise<Proposal> {
  const command: GovernanceCommand = {
    type: 'ProposeChange',
    ...request,
    evidence: await sign(proposalStatement(request)),
  };
  return proposalIn(await settle(store, command, { ...request, now }), proposalIdOf(request));
}

/** Approves, rejects or takes back a proposal, as `propose` makes one. */
export async function judge(
  store: GovernanceStore,
  request: JudgeRequest,
  sign: Sign,
  now: Instant,
): Promise<Proposal> {
  const state = await store.load();
  const { proposed } = proposalIn(state, request.proposalId);
  const command: GovernanceCommand = {
    type: COMMAND_OF[request.verb],
    proposalId: proposed.proposalId,
    contentHash: proposed.contentHash,
    by: request.by,
    at: request.at,
    reason: request.reason,
    evidence: await sign(judgeStatement(state, request)),
  };
  return proposalIn(await settle(store, command, { ...proposed, by: request.by, now }), proposed.proposalId);
}

/** Records that a commit put an approved change into effect. */
export async function recordApplied(
  store: GovernanceStore,
  proposal: Proposal,
  commitId: string,
  at: string,
): Promise<void> {
  const { proposalId, kind, scope } = proposal.proposed;
  const command = { type: 'ApplyChange', proposalId, commitId, at } as const;
  await settle(store, command, { by: proposal.approvedBy, kind, scope, now: parseInstant(at) });
}

async function settle(
  store: GovernanceStore,
  command: GovernanceCommand,
  { by, kind, scope, now }: { by: string; kind: ChangeKind; scope: string; now: Instant },
): Promise<GovernanceState> {
  const state = await store.load();
  const decided = decideGovernance(state, command, now);
  if (!decided.ok) throw new EvenkeelError(decided.failure);
  if (decided.value.length > 0) await store.append(decided.value, by, kind, scope);
  return decided.value.reduce(evolveGovernance, state);
}
