export { approvalOf, contentHashOf } from './approval';
export type { ApprovalProblem, ProposedChange } from './approval';
export { ApprovedChanges, releaseOf } from './approved-changes';
export type { FoundApproval, GovernedChange } from './approved-changes';
export type { GovernanceCommand } from './commands';
export { decideGovernance, proposalIdOf } from './decide';
export type {
  ChangeApplied,
  ChangeApproved,
  ChangeClosed,
  ChangeExpired,
  ChangeKind,
  ChangeProposed,
  Credential,
  Enrolment,
  Evidence,
  GovernanceEvent,
  GovernanceOpened,
  Role,
} from './events';
export { evolveGovernance } from './evolve';
export { mayApprove, mayEngageKill, mayPropose, mayRead } from './permissions';
export { approvalFor, approversOf, contentInForce, openProposals } from './queries';
export { initialGovernance } from './state';
export type { GovernanceState, Proposal, ProposalStatus } from './state';
export { statementHash, statementText } from './statement';
export type { Statement, StatementVerb } from './statement';
export { controlContent, loosens, releaseContent } from './controls';
export type { ControlCommand, WantedControl } from './controls';
export { fromFact, toFact } from './facts';
export { FIRM, IDENTITIES, foldGovernance, placeOfChange } from './fold';
export type { RecordedFacts } from './fold';
