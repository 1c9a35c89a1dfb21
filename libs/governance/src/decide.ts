import {
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MINUTE,
  assertNever,
  failure,
  formatInstant,
  success,
  tryParseInstant,
  uuidV5,
} from '@evenkeel/kernel';
import type { Instant, Result } from '@evenkeel/kernel';
import type { GovernanceCommand } from './commands';
import { contentHashOf } from './approval';
import { enrolmentsOf } from './enrolments';
import type { ChangeKind, Enrolment, Evidence, GovernanceEvent } from './events';
import { mayApprove, mayPropose } from './permissions';
import { forceKey } from './state';
import type { GovernanceState, Proposal } from './state';
import { isCanonicalContent } from './statement';
import type { StatementVerb } from './statement';
import { verifyEvidence } from './verify-evidence';

type Decision = Result<readonly GovernanceEvent[]>;
type Propose = Extract<GovernanceCommand, { type: 'ProposeChange' }>;
type Judge = Extract<GovernanceCommand, { type: 'ApproveChange' | 'RejectChange' | 'WithdrawChange' }>;

const LIFETIME_MAX = 7n * NANOS_PER_DAY;
const NOTHING: Decision = success([]);

/** How far a person's time may lie from the journal's. */
const TOLERANCE = 5n * NANOS_PER_MINUTE;

/**
 * What follows from a command, or the rule that forbids it. Deciding the same twice yields nothing the second time. `now`: the
 * time of the journal, by which everything expires and which the person's time must agree with; without one, the person's own.
 */
export function decideGovernance(
  state: GovernanceState,
  command: GovernanceCommand,
  now?: Instant,
): Decision {
  const at = tryParseInstant(command.at);
  if (at === undefined) return refuse('GOVERNANCE.TIME_INVALID', `"${command.at}" is not a time.`);
  const time = now ?? at;
  const age = time - at;
  if (age < -TOLERANCE || age > oldestFor(state, command))
    return refuse(
      'GOVERNANCE.TIME_DIFFERS',
      `${command.at} is not now: it is ${formatInstant(time)}, and five minutes either way is all that is allowed.`,
    );
  return decideAt(state, command, time);
}

/** A book is agreed on before there is a journal to say so on: there its proposal's lifetime is what bounds it. */
function oldestFor(state: GovernanceState, command: GovernanceCommand): bigint {
  const kind =
    command.type === 'ProposeChange'
      ? command.kind
      : 'proposalId' in command
        ? state.proposals.get(command.proposalId)?.proposed.kind
        : undefined;
  return kind === 'book' ? LIFETIME_MAX : TOLERANCE;
}

function decideAt(state: GovernanceState, command: GovernanceCommand, now: Instant): Decision {
  if (command.type === 'OpenGovernance') return open(state, command);
  if (!state.opened)
    return refuse(
      'GOVERNANCE.NOT_OPEN',
      'Governance has not begun here: two administrators are enrolled first, `keel identity create <name> --role administrator` each, and whoever else proposes and approves.',
    );
  switch (command.type) {
    case 'ProposeChange':
      return propose(state, command);
    case 'ApproveChange':
      return approve(state, command, now);
    case 'RejectChange':
    case 'WithdrawChange':
      return close(state, command, now);
    case 'ApplyChange':
      return apply(state, command, now);
    case 'PassTime':
      return success(dueBy(state, now).map(({ proposed }) => expired(proposed.proposalId, command.at)));
    default:
      return assertNever(command, 'a governance command');
  }
}

function refuse(code: string, message: string): Result<never> {
  return failure(code, message);
}

function notEnrolled(name: string): string {
  return `${name} is not enrolled. Who was enrolled after the epoch opened counts once two administrators agree (\`keel propose roles\`), or from the next epoch on.`;
}

function expired(proposalId: string, at: string): GovernanceEvent {
  return { type: 'ChangeExpired', proposalId, at };
}

/** Whether a proposal has had its time. */
export function isDue({ proposed }: Proposal, now: Instant): boolean {
  const until = tryParseInstant(proposed.expiresAt);
  return until === undefined || now >= until;
}

function dueBy(state: GovernanceState, now: Instant): readonly Proposal[] {
  return [...state.proposals.values()].filter(
    (proposal) => (proposal.status === 'open' || proposal.status === 'approved') && isDue(proposal, now),
  );
}

function open(
  state: GovernanceState,
  command: Extract<GovernanceCommand, { type: 'OpenGovernance' }>,
): Decision {
  if (state.opened) return NOTHING;
  const administrators = command.enrolments.filter((one) => one.roles.includes('administrator'));
  const names = new Set(command.enrolments.map((one) => one.identity));
  if (names.size !== command.enrolments.length)
    return refuse('GOVERNANCE.ENROLMENT_INVALID', 'An identity is enrolled twice.');
  if (administrators.length < 2) {
    return refuse(
      'GOVERNANCE.ENROLMENT_INVALID',
      'Two administrators are needed: nobody approves their own changes of roles.',
    );
  }
  const { at, enrolments, history, required } = command;
  return success([
    {
      type: 'GovernanceOpened',
      at,
      enrolments,
      ...(history === undefined ? {} : { history }),
      ...(required === undefined ? {} : { required }),
    },
  ]);
}

/** The id a proposal will have; a person needs it before signing. */
export function proposalIdOf(proposal: Pick<Propose, 'kind' | 'scope' | 'content' | 'by' | 'at'>): string {
  const { kind, scope, content, by, at } = proposal;
  return uuidV5(`proposal|${JSON.stringify([kind, scope, contentHashOf(content), by, at])}`);
}

function propose(state: GovernanceState, command: Propose): Decision {
  const { kind, scope, content, by, at } = command;
  const proposalId = proposalIdOf(command);
  if (state.proposals.has(proposalId)) return NOTHING;
  const enrolment = state.identities.get(by);
  if (enrolment === undefined || enrolment.roles.length === 0)
    return refuse('GOVERNANCE.NOT_ENROLLED', notEnrolled(by));
  if (!mayPropose(enrolment, kind)) {
    return refuse('GOVERNANCE.NOT_PERMITTED', `${by} may not propose a change of ${kind}.`);
  }
  if (!isCanonicalContent(content))
    return refuse('GOVERNANCE.CONTENT_INVALID', 'The content is not canonical JSON.');
  if (kind === 'roles') {
    const problem = rolesProblem(state, content);
    if (problem !== undefined) return refuse('GOVERNANCE.CONTENT_INVALID', problem);
  }
  const expiresAt = command.expiresAt ?? defaultExpiry(kind, at);
  const lifetime = (tryParseInstant(expiresAt) ?? 0n) - (tryParseInstant(at) ?? 0n);
  if (lifetime <= 0n || lifetime > LIFETIME_MAX) {
    return refuse('GOVERNANCE.EXPIRY_INVALID', 'A proposal expires after it is made and within a week.');
  }
  const contentHash = contentHashOf(content);
  const shown = verifyEvidence(
    enrolment,
    { verb: 'propose', kind, scope, contentHash, proposalId, by, at },
    command.evidence,
    providerOf(state, command.evidence),
  );
  if (!shown.ok) return shown;
  return success([
    {
      type: 'ChangeProposed',
      proposalId,
      kind,
      scope,
      content,
      contentHash,
      baseHash: state.inForce.get(forceKey(kind, scope)) ?? '',
      reason: command.reason,
      proposedBy: by,
      at,
      expiresAt,
      evidence: command.evidence,
    },
  ]);
}

function defaultExpiry(kind: ChangeKind, at: string): string {
  return formatInstant(
    (tryParseInstant(at) ?? 0n) + (kind === 'kill-release' ? NANOS_PER_HOUR : NANOS_PER_DAY),
  );
}

/** A change of roles must leave two administrators. */
function rolesProblem(state: GovernanceState, content: string): string | undefined {
  const enrolments = enrolmentsOf(content);
  if (enrolments === undefined) return 'The content is not a list of enrolments.';
  const after = new Map(state.identities);
  for (const enrolment of enrolments) after.set(enrolment.identity, enrolment);
  const administrators = [...after.values()].filter((one) => one.roles.includes('administrator'));
  return administrators.length < 2 ? 'It would leave fewer than two administrators.' : undefined;
}

function findOpen(
  state: GovernanceState,
  command: Judge,
  now: Instant,
): Result<{ proposal: Proposal; enrolment: Enrolment }> {
  const proposal = state.proposals.get(command.proposalId);
  if (proposal === undefined)
    return refuse('GOVERNANCE.PROPOSAL_UNKNOWN', `There is no proposal ${command.proposalId}.`);
  const enrolment = state.identities.get(command.by);
  if (enrolment === undefined || enrolment.roles.length === 0)
    return refuse('GOVERNANCE.NOT_ENROLLED', notEnrolled(command.by));
  if (isDue(proposal, now)) {
    return refuse('GOVERNANCE.PROPOSAL_EXPIRED', `The proposal expired at ${proposal.proposed.expiresAt}.`);
  }
  if (proposal.status !== 'open')
    return refuse('GOVERNANCE.PROPOSAL_CLOSED', `The proposal is ${proposal.status}.`);
  if (command.contentHash !== proposal.proposed.contentHash) {
    return refuse('GOVERNANCE.CONTENT_CHANGED', 'The content signed is not the content proposed.');
  }
  return success({ proposal, enrolment });
}

/** Who is enrolled under the issuer of a token. */
function providerOf({ identities }: GovernanceState, evidence: Evidence): Enrolment | undefined {
  return evidence.method === 'token' ? identities.get(evidence.issuer) : undefined;
}

function shownBy(
  state: GovernanceState,
  enrolment: Enrolment,
  proposal: Proposal,
  command: Judge,
  verb: StatementVerb,
): Result<unknown> {
  const { kind, scope, contentHash, proposalId } = proposal.proposed;
  const { by, at } = command;
  const statement = { verb, kind, scope, contentHash, proposalId, by, at };
  return verifyEvidence(enrolment, statement, command.evidence, providerOf(state, command.evidence));
}

function approve(state: GovernanceState, command: Judge, now: Instant): Decision {
  const known = state.proposals.get(command.proposalId);
  if (known?.approvedBy === command.by && known.status !== 'open') return NOTHING;
  const found = findOpen(state, command, now);
  if (!found.ok) return found;
  const { proposal, enrolment } = found.value;
  const { kind, scope, proposedBy, contentHash, baseHash, at } = proposal.proposed;
  if (command.by === proposedBy || sharesCredential(enrolment, state.identities.get(proposedBy))) {
    return refuse('GOVERNANCE.OWN_PROPOSAL', 'Nobody approves their own proposal.');
  }
  if (!mayApprove(enrolment, kind))
    return refuse('GOVERNANCE.NOT_PERMITTED', `${command.by} may not approve a change of ${kind}.`);
  if ((tryParseInstant(command.at) ?? 0n) < (tryParseInstant(at) ?? 0n)) {
    return refuse('GOVERNANCE.TIME_INVALID', 'The approval is dated before the proposal.');
  }
  if ((state.inForce.get(forceKey(kind, scope)) ?? '') !== baseHash) {
    return refuse('GOVERNANCE.BASE_CHANGED', 'What is in force has changed since this was proposed.');
  }
  const shown = shownBy(state, enrolment, proposal, command, 'approve');
  if (!shown.ok) return shown;
  const { proposalId, by, evidence } = command;
  return success([
    {
      type: 'ChangeApproved',
      proposalId,
      kind,
      scope,
      contentHash,
      approvedBy: by,
      at: command.at,
      evidence,
    },
  ]);
}

/** One person under two names is still one person. */
function sharesCredential(a: Enrolment, b: Enrolment | undefined): boolean {
  return a.credentials.some((mine) =>
    (b?.credentials ?? []).some(
      (theirs) =>
        (mine.issuer !== undefined && mine.issuer === theirs.issuer && mine.subject === theirs.subject) ||
        (mine.key !== undefined && materialOf(mine.key) === materialOf(theirs.key)),
    ),
  );
}

function materialOf(key: string | undefined): string | undefined {
  return key?.split('+').slice(2).join('+');
}

function close(state: GovernanceState, command: Judge, now: Instant): Decision {
  const rejecting = command.type === 'RejectChange';
  const known = state.proposals.get(command.proposalId);
  if (known?.closedBy === command.by && known.status === (rejecting ? 'rejected' : 'withdrawn'))
    return NOTHING;
  const found = findOpen(state, command, now);
  if (!found.ok) return found;
  const { proposal, enrolment } = found.value;
  const allowed = rejecting
    ? mayApprove(enrolment, proposal.proposed.kind)
    : command.by === proposal.proposed.proposedBy;
  if (!allowed)
    return refuse(
      'GOVERNANCE.NOT_PERMITTED',
      `${command.by} may not ${rejecting ? 'reject' : 'withdraw'} this.`,
    );
  const shown = shownBy(state, enrolment, proposal, command, rejecting ? 'reject' : 'withdraw');
  if (!shown.ok) return shown;
  const { proposalId, by, reason, at } = command;
  return success([{ type: rejecting ? 'ChangeRejected' : 'ChangeWithdrawn', proposalId, by, reason, at }]);
}

function apply(
  state: GovernanceState,
  command: Extract<GovernanceCommand, { type: 'ApplyChange' }>,
  now: Instant,
): Decision {
  const proposal = state.proposals.get(command.proposalId);
  if (proposal === undefined)
    return refuse('GOVERNANCE.PROPOSAL_UNKNOWN', `There is no proposal ${command.proposalId}.`);
  if (proposal.status === 'applied') {
    if (proposal.appliedBy === command.commitId) return NOTHING;
    return refuse(
      'GOVERNANCE.ALREADY_APPLIED',
      `Commit ${proposal.appliedBy} applied it; an approval is good for once.`,
    );
  }
  if (proposal.status !== 'approved')
    return refuse('GOVERNANCE.NOT_APPROVED', `The proposal is ${proposal.status}, not approved.`);
  if (isDue(proposal, now))
    return refuse('GOVERNANCE.PROPOSAL_EXPIRED', 'The approval was not used in time.');
  const { kind, scope, baseHash } = proposal.proposed;
  if ((state.inForce.get(forceKey(kind, scope)) ?? '') !== baseHash) {
    return refuse('GOVERNANCE.BASE_CHANGED', 'What is in force has changed since this was approved.');
  }
  const { proposalId, commitId, at } = command;
  return success([{ type: 'ChangeApplied', proposalId, commitId, at }]);
}
