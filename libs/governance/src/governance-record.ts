import type { Approval, DomainEvent, EventPayloads, Refusals } from '@evenkeel/facts';
import { assert, canonicalJson, formatInstant, parseInstant, uuidV5 } from '@evenkeel/kernel';
import type { Instant, Json } from '@evenkeel/kernel';
import type { ApprovalProblem, GovernedChange } from './approval';
import { commandOf } from './commands';
import { decideGovernance, isDue } from './decide';
import { effectOf } from './effects';
import type { Effect } from './effects';
import type {
  ChangeApplied,
  ChangeApproved,
  ChangeProposed,
  GovernanceEvent,
  GovernanceOpened,
} from './events';
import { evolveGovernance } from './evolve';
import { fromFact, payloadOf } from './facts';
import { SELF_APPLYING } from './places';
import { changedRoster, rosterOf } from './roster';
import type { Roster } from './roster';
import { initialGovernance } from './state';
import type { GovernanceState, Proposal } from './state';

/** A commit as far as governance is concerned; every commit of the journal is one. */
export interface CommitOfPeople {
  readonly commitId: string;
  /** In whose partition it lies. */
  readonly book: string;
  /** The host's clock when it was written, and the market's. */
  readonly clock: { readonly decidedTime: Instant; readonly eventTime: Instant };
  readonly events: readonly { readonly event: DomainEvent }[];
  /** `boot`: a first fact. */
  readonly causation?: { readonly stream: string };
}

export interface FoundApproval {
  readonly approval: Approval;
  /** ISO 8601, by the journal's time. */
  readonly expiresAt: string;
  /** The desk has put on record, in time, that it is used for this. */
  readonly usedUp: boolean;
}

/** Something on the journal that people did not agree to as the rules want it. */
export interface GovernanceFault {
  readonly problem: ApprovalProblem;
  /** Of which proposal; empty where none is named. */
  readonly proposalId: string;
  readonly message: string;
}

export interface GovernanceRecordOptions {
  /** A hash that the roster must descend from; without one, whatever roster the journal opens with is taken. */
  readonly rosterHash?: string;
  /** Whether a request for a book asks for what the approved content says; known where books are opened. */
  readonly bookFollows?: (content: string, request: EventPayloads['BookRequested']) => boolean;
}

/**
 * The governance of one epoch as its journal shows it, fact by fact in order, and the only place that says whether an approval
 * is good: signed by proposer and approver, both enrolled at that place in roles that allow it, two people and not one, of
 * exactly this content, in time by the journal's clock, and not used before. What is not shown is not believed: it leaves
 * no trace but the fault.
 */
export class GovernanceRecord {
  private folded = initialGovernance();
  private known: Roster | undefined;
  private level: GovernanceOpened['required'];
  /** Why statements about a proposal were not believed. */
  private readonly refused = new Map<string, ApprovalProblem>();
  /** When a proposal was put on record. */
  private readonly proposedAt = new Map<string, Instant>();
  private readonly uses = new Set<string>();
  /** First facts are over: what is said to be taken over now is not. */
  private begun = false;
  private readonly faults = new Map<string, readonly GovernanceFault[]>();

  constructor(private readonly options: GovernanceRecordOptions = {}) {}

  /** What the believed facts amount to. */
  get state(): GovernanceState {
    return this.folded;
  }

  /** `undefined` while nobody is enrolled. */
  get roster(): Roster | undefined {
    return this.known;
  }

  /** What takes effect only with a second person, as the epoch says; `undefined` where it does not say. */
  get required(): GovernanceOpened['required'] {
    return this.level;
  }

  /** How the next epoch opens: with this roster, and how it came to it. Asks for somebody to be enrolled. */
  carried(at: string, required: GovernanceOpened['required']): EventPayloads['GovernanceOpened'] {
    assert(this.known !== undefined, 'somebody is enrolled');
    const { genesis, changes } = this.known;
    return {
      at,
      enrolments: genesis,
      ...(changes.length === 0 ? {} : { history: { changes } }),
      ...(required === undefined ? {} : { required }),
    };
  }

  /** The next commit, in the order of the journal; what is wrong about it. */
  take(commit: CommitOfPeople): readonly GovernanceFault[] {
    const faults: GovernanceFault[] = [];
    // A commit of which nobody says what brought it about is a statement of an earlier epoch.
    if (commit.causation !== undefined && commit.causation.stream !== 'boot') this.begun = true;
    for (const { event } of commit.events) {
      const said = fromFact(event);
      const fault = said === undefined ? this.takeEffect(event, commit) : this.takeStatement(said, commit);
      if (fault !== undefined) faults.push(fault);
    }
    if (faults.length > 0) this.faults.set(commit.commitId, faults);
    return faults;
  }

  /**
   * Why what a commit says or does is not believed, by proposal (empty where none is named): what a core is told with it. A
   * commit that was not taken has nothing against it.
   */
  refusalsOf(commitId: string): Refusals | undefined {
    const faults = this.faults.get(commitId);
    return faults === undefined
      ? undefined
      : Object.fromEntries(faults.map(({ proposalId, problem }) => [proposalId, problem]));
  }

  /** The next commit with what there is against it, as a core is to take it. */
  judged<Recorded extends { readonly commit: CommitOfPeople }>(
    recorded: Recorded,
  ): Recorded & { readonly refusals?: Refusals } {
    this.take(recorded.commit);
    const refusals = this.refusalsOf(recorded.commit.commitId);
    return refusals === undefined ? recorded : { ...recorded, refusals };
  }

  /**
   * Exactly this was agreed to by two people, and may be asked for now: the approval, or why it does not count. What the
   * desk has used up for this very change still counts for it.
   */
  approvalFor(change: GovernedChange, proposalId: string, now: Instant): FoundApproval | ApprovalProblem {
    const proposal = this.folded.proposals.get(proposalId);
    if (proposal === undefined) return this.refused.get(proposalId) ?? 'NOT_PROPOSED';
    const { kind, scope, content, expiresAt } = proposal.proposed;
    if (kind !== change.kind || scope !== change.scope) return 'OTHER_CHANGE';
    if (content !== change.content) return 'OTHER_CONTENT';
    const used = proposal.status === 'applied' && proposal.appliedBy !== useIdOf(proposal.proposed);
    const problem = this.problemOf(proposal, now) ?? (used ? 'REUSED' : undefined);
    return problem ?? { approval: approvalIn(proposal), expiresAt, usedUp: proposal.status === 'applied' };
  }

  private problemOf(proposal: Proposal, now: Instant): ApprovalProblem | undefined {
    const { status, proposed } = proposal;
    if (status === 'open') return this.refused.get(proposed.proposalId) ?? 'NOT_APPROVED';
    if (status === 'rejected' || status === 'withdrawn') return 'CLOSED';
    // Used up means in time: what comes of it may come later.
    if (status === 'applied') return undefined;
    return status === 'expired' || isDue(proposal, now) ? 'EXPIRED' : undefined;
  }

  private takeStatement(said: GovernanceEvent, commit: CommitOfPeople): GovernanceFault | undefined {
    if (said.type === 'GovernanceOpened') return this.open(said);
    const { proposalId } = said;
    if (said.type === 'ChangeApplied') return this.apply(said, timeOf(commit));
    if (said.type !== 'ChangeProposed' && said.type !== 'ChangeApproved') {
      // A refusal needs no proof to be respected; what is closed or expired lets nothing happen.
      const known = this.folded.proposals.has(proposalId);
      if (known) this.folded = evolveGovernance(this.folded, said);
      return undefined;
    }
    const problem = this.judge(said, timeOf(commit));
    if (problem === undefined) {
      this.believe(said, commit);
      return undefined;
    }
    this.refused.set(proposalId, problem);
    const who = said.type === 'ChangeProposed' ? said.proposedBy : said.approvedBy;
    const done = said.type === 'ChangeProposed' ? 'proposal' : 'approval';
    return fault(
      problem,
      proposalId,
      `the ${done} of ${said.kind} of ${said.scope} by ${who} does not count`,
    );
  }

  /** An approval is used up in time or not at all. */
  private apply(said: ChangeApplied, now: Instant): GovernanceFault | undefined {
    const { type: _, ...used } = said;
    const decided = decideGovernance(this.folded, { type: 'ApplyChange', ...used }, now);
    if (decided.ok) {
      this.folded = decided.value.reduce(evolveGovernance, this.folded);
      return undefined;
    }
    const problem = PROBLEMS[decided.failure.code] ?? 'MALFORMED';
    return fault(problem, said.proposalId, 'an approval was used that does not count');
  }

  /** Decides the statement again as the command it came from: the same fact must come of it. */
  private judge(said: ChangeProposed | ChangeApproved, now: Instant): ApprovalProblem | undefined {
    const before = this.folded.proposals.get(said.proposalId);
    if (said.type === 'ChangeApproved' && before !== undefined) {
      if (said.kind !== before.proposed.kind || said.scope !== before.proposed.scope) return 'OTHER_CHANGE';
      if (before.status === 'approved' || before.status === 'applied') return 'REUSED';
      if (before.status === 'rejected' || before.status === 'withdrawn') return 'CLOSED';
    }
    // An approval of what nobody was shown to propose has the proposal's fault.
    if (before === undefined && this.refused.has(said.proposalId)) return this.refused.get(said.proposalId);
    const decided = decideGovernance(this.folded, commandOf(said), now);
    if (!decided.ok) return PROBLEMS[decided.failure.code] ?? 'MALFORMED';
    const [made] = decided.value;
    if (made === undefined) return 'REUSED';
    return sameFact(made, said) ? undefined : 'OTHER_CONTENT';
  }

  private believe(said: ChangeProposed | ChangeApproved, commit: CommitOfPeople): void {
    const { commitId } = commit;
    const now = timeOf(commit);
    const { proposalId, at } = said;
    const before = this.folded.proposals.get(proposalId);
    this.folded = evolveGovernance(this.folded, said);
    if (said.type === 'ChangeProposed') {
      this.proposedAt.set(proposalId, now);
      return;
    }
    if (!SELF_APPLYING.has(said.kind)) return;
    this.folded = evolveGovernance(this.folded, { type: 'ChangeApplied', proposalId, commitId, at });
    if (said.kind !== 'roles' || this.known === undefined || before === undefined) return;
    const recorded = (time: Instant | undefined): string => formatInstant(time ?? now);
    this.known = changedRoster(this.known, {
      proposed: payloadOf(before.proposed),
      proposedAt: recorded(this.proposedAt.get(proposalId)),
      approved: payloadOf(said),
      approvedAt: recorded(now),
    });
  }

  private open(said: GovernanceOpened): GovernanceFault | undefined {
    const contradicted = (why: string): GovernanceFault => fault('ROSTER_CONTRADICTED', '', why);
    if (this.known !== undefined) return contradicted('the roster is told a second time in this epoch');
    const { at, enrolments, history, required } = said;
    // Enrolled long before, where it is carried over from an earlier epoch: its people sign what they say now.
    const decided = decideGovernance(this.folded, { type: 'OpenGovernance', at, enrolments });
    if (!decided.ok) return contradicted(decided.failure.message);
    const opened = new GovernanceRecord();
    opened.folded = decided.value.reduce(evolveGovernance, opened.folded);
    opened.known = rosterOf(enrolments);
    for (const { proposed, proposedAt, approved, approvedAt } of history?.changes ?? []) {
      const [change] = [
        ...opened.take(carried(proposedAt, { type: 'ChangeProposed', payload: proposed })),
        ...opened.take(carried(approvedAt, { type: 'ChangeApproved', payload: approved })),
      ];
      if (change !== undefined) return contradicted(`a change of the roster: ${change.message}`);
    }
    const { rosterHash } = this.options;
    if (rosterHash !== undefined && !opened.known.heads.includes(rosterHash))
      return contradicted(`it does not descend from the roster ${rosterHash} that is pinned`);
    this.folded = opened.folded;
    this.known = opened.known;
    this.level = required;
    return undefined;
  }

  /** Whether two people stand behind what took effect, where a fact says so or has to. */
  private takeEffect(event: DomainEvent, commit: CommitOfPeople): GovernanceFault | undefined {
    const effect = effectOf(event, this.options.bookFollows);
    if (effect === undefined || (isTakenOver(commit) && !this.begun)) return undefined;
    const { approval, what } = effect;
    if (approval === undefined) {
      const alone = this.level === 'everything' || this.level === effect.neededFor;
      return alone ? fault('NOT_APPROVED', '', `${what} took effect without a second person`) : undefined;
    }
    const { proposalId } = approval;
    const problem = this.problemOfEffect(effect, approval, commit);
    if (problem !== undefined)
      return fault(problem, proposalId, `${what} took effect under an approval that does not count`);
    this.uses.add(useKey(effect, proposalId, commit));
    return undefined;
  }

  private problemOfEffect(
    effect: Effect,
    approval: Approval,
    commit: CommitOfPeople,
  ): ApprovalProblem | undefined {
    const { proposalId } = approval;
    const proposal = this.folded.proposals.get(proposalId);
    if (proposal === undefined) return this.refused.get(proposalId) ?? 'NOT_PROPOSED';
    const { proposed } = proposal;
    if (!effect.kinds.includes(proposed.kind) || proposed.scope !== effect.scope) return 'OTHER_CHANGE';
    if (!sameFact(approvalIn(proposal), approval) || !effect.follows(proposed)) return 'OTHER_CONTENT';
    if (this.uses.has(useKey(effect, proposalId, commit))) return 'REUSED';
    return this.problemOf(proposal, timeOf(commit));
  }
}

const TAKEN_OVER: ReadonlySet<DomainEvent['type']> = new Set<DomainEvent['type']>([
  'ProgramCarried',
  'AccountCarried',
  'ControlsCarried',
]);

/**
 * A first fact of what an epoch takes over from another one: it was agreed to there, and is judged by that record. That
 * it says what that record says is what verification compares.
 */
function isTakenOver({ causation, events }: CommitOfPeople): boolean {
  return causation?.stream === 'boot' && events.some(({ event }) => TAKEN_OVER.has(event.type));
}

/** How the desk names the use of an approval when it uses it up. */
export function useIdOf({
  kind,
  scope,
  proposalId,
}: Pick<ChangeProposed, 'kind' | 'scope' | 'proposalId'>): string {
  return uuidV5(`applied|${kind}|${scope}|${proposalId}`);
}

/** The two people of an approved proposal. */
export function approvalIn({ proposed, approvedBy }: Proposal): Approval {
  const { proposalId, contentHash, proposedBy } = proposed;
  return { proposalId, contentHash, proposedBy, approvedBy };
}

const PROBLEMS: Readonly<Record<string, ApprovalProblem>> = {
  'GOVERNANCE.NOT_OPEN': 'NOT_ENROLLED',
  'GOVERNANCE.NOT_ENROLLED': 'NOT_ENROLLED',
  'GOVERNANCE.NOT_PERMITTED': 'NOT_PERMITTED',
  'GOVERNANCE.EVIDENCE_INVALID': 'UNSIGNED',
  'GOVERNANCE.OWN_PROPOSAL': 'SAME_PERSON',
  'GOVERNANCE.PROPOSAL_UNKNOWN': 'NOT_PROPOSED',
  'GOVERNANCE.PROPOSAL_EXPIRED': 'EXPIRED',
  'GOVERNANCE.PROPOSAL_CLOSED': 'CLOSED',
  'GOVERNANCE.ALREADY_APPLIED': 'REUSED',
  'GOVERNANCE.NOT_APPROVED': 'NOT_APPROVED',
  'GOVERNANCE.CONTENT_CHANGED': 'OTHER_CONTENT',
  'GOVERNANCE.BASE_CHANGED': 'BASE_CHANGED',
  'GOVERNANCE.TIME_DIFFERS': 'TIME_DIFFERS',
  'GOVERNANCE.TIME_INVALID': 'TIME_DIFFERS',
};

function fault(problem: ApprovalProblem, proposalId: string, message: string): GovernanceFault {
  return {
    problem,
    proposalId,
    message: `${message} (${problem}${proposalId === '' ? '' : `, proposal ${proposalId}`})`,
  };
}

/** The time of the journal: the host's clock, and the market's on a virtual clock, where no host's has a say. */
function timeOf({ clock }: CommitOfPeople): Instant {
  return clock.decidedTime === 0n ? clock.eventTime : clock.decidedTime;
}

function useKey({ use }: Effect, proposalId: string, { book }: CommitOfPeople): string {
  return `${proposalId}|${use}|${book}`;
}

/** A statement of an earlier epoch at the time its journal had. */
function carried(at: string, event: DomainEvent): CommitOfPeople {
  const time = parseInstant(at);
  const clock = { decidedTime: time, eventTime: time };
  return { commitId: '', book: '', clock, events: [{ event }] };
}

/** Equal in every field: both are plain data. */
function sameFact(a: object, b: object): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json); // strings, and records of strings
}
