export { checkCarriedEpochs } from './carried-epochs';
export { ContinuousVerifier } from './continuous-verifier';
export type { ContinuousOptions, RoundReport } from './continuous-verifier';
export { FINDINGS_MAX, FindingList } from './finding';
export type { DetachedEpoch, EpochAuthors, LedgerFinding, VerificationReport } from './finding';
export { GovernedAuditor } from './governed-auditor';
export type { GovernedAuditorOptions, LastRoster } from './governed-auditor';
export { InlineAuditor } from './inline-auditor';
export { checkJournals } from './journal-check';
export { ReexecutionPool } from './reexecution-pool';
export type { ReplayRecords, ResumableAuditor } from './reexecution-pool';
export type {
  AuditResult,
  AuditedCommit,
  Auditor,
  ComparableLedger,
  JournalToCompare,
  JudgeTrail,
  TrailEvidence,
  TreeExpectations,
  VerifiableLedger,
  VerifyPosition,
  VerifyRequest,
  VerifyStateStore,
} from './verification-ports';
export { runVerification } from './verify-run';
export type { FullReport, VerifyRunOptions } from './verify-run';
export type { VerifyState } from './verify-state';
export { groupFindings } from './finding-groups';
export type { FindingGroup, GroupedFindings } from './finding-groups';
