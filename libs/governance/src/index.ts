export { approvalOf, contentHashOf } from './approval';
export type { ApprovalProblem, GovernedChange, ProposedChange } from './approval';
export { commandOf } from './commands';
export type { GovernanceCommand } from './commands';
export { GovernanceRecord, approvalIn, useIdOf } from './governance-record';
export type {
  CommitOfPeople,
  FoundApproval,
  GovernanceFault,
  GovernanceRecordOptions,
} from './governance-record';
export { levelIn, requiredOf, stricterOf } from './required';
export type { AskedFor } from './required';
export { headOf, rosterHash } from './roster';
export type { Roster } from './roster';
export { decideGovernance, proposalIdOf } from './decide';
export { effectOf } from './effects';
export type { Effect } from './effects';
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
  RequiredOf,
  Role,
} from './events';
export { evolveGovernance } from './evolve';
export { killOrderIn, killText } from './kill-order';
export type { KillOrder } from './kill-order';
export { mayApprove, mayEngageKill, mayPropose, mayRead } from './permissions';
export { approvalFor, approversOf, contentInForce, openProposals } from './queries';
export { initialGovernance } from './state';
export type { GovernanceState, Proposal, ProposalStatus } from './state';
export { statementHash, statementText } from './statement';
export type { Statement, StatementVerb } from './statement';
export {
  controlContent,
  controlFactId,
  engagementsIn,
  loosens,
  quarantineOf,
  releaseContent,
  releaseOf,
} from './controls';
export type { QuarantinedPlace } from './controls';
export type { ControlCommand, WantedControl } from './controls';
export { fromFact, toFact } from './facts';
export { FIRM, IDENTITIES, placeOfChange } from './places';
