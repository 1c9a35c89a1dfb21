export { carriedFacts, carryContent, planCarry } from './carry-epoch';
export type {
  CarriedEnd,
  CarryOrder,
  CarryPlan,
  CarryRequest,
  EpochInTree,
  JournalsToCarry,
  LedgerToCarry,
  SignedHead,
} from './carry-epoch';
export { detachEpoch } from './detach-epoch';
export type { DetachableLedger, DetachedRows, EpochToDetach, KeptInArchive } from './detach-epoch';
export { retireEpoch } from './retire-epoch';
export type { KeptElsewhere, RetirableJournal, RetiredEpoch } from './retire-epoch';
export { useApprovedBook, useApprovedControl, useApprovedRelease } from './approved-change';
export type { ApprovedRelease } from './approved-change';
export type { ApprovalDesk } from './approved-change';
export {
  bookRequest,
  bookTrades,
  closeBook,
  correctTrade,
  openBook,
  requireOpenable,
  recordExpiry,
} from './book-desk';
export type { Asked, Asking, TradesToBook } from './book-desk';
export { bookReported } from './reported-trade';
export type { ReportedTrade } from './reported-trade';
export { bookContent, bootGovernance } from './boot-governance';
export type { BootGovernance, BootGovernanceOptions, ProposalRecord } from './boot-governance';
export { commitKeys, enrolKey, removeKey } from './commit-keys';
export type { KeyChange } from './commit-keys';
export { GovernanceJournal } from './governance-journal';
export type { DeskJournal, PersonsFact, JournalInDoubt, UnbelievedMessage, Sign } from './ports';
export { judge, judgeStatement, proposalIn, proposalStatement, propose, recordApplied } from './proposals';
export type { GovernanceStore, JudgeRequest, ProposeRequest } from './proposals';
export { judgedAgain } from './judged-again';
export { askedOnRecord, becameOfControl, becameOfRequest, wordsOf } from './asked';
export type { AskedOf, Became } from './asked';
export { nearestScope, requireKnownBook, requireKnownControl, scopeProblem } from './known-names';
export type { BookNames, KnownNames } from './known-names';
export { messageToQuarantine, quarantineMessage } from './quarantine';
export type { QuarantineRequest } from './quarantine';
export { answered, isAnswered, missing } from './glance/ports';
export type {
  Answer,
  CumulativePnl,
  DeadLettersNow,
  DeskBus,
  DeskRecord,
  JournalNow,
  JournalPlaceTime,
  MarkNow,
  OpenProposal,
  OrderAliveOnRecord,
  OverrideInForce,
  OwnedPartition,
  PartitionWord,
  ProcessNow,
  RecordedBook,
  RecordedDesk,
  RecordedHalt,
  RefusedOrders,
  Restriction,
  ServiceWord,
  StandingStop,
  StandingStops,
  WantedMark,
} from './glance/ports';
export { deskAtAGlance } from './glance/at-a-glance';
export type { GlanceRequest } from './glance/at-a-glance';
export type {
  BandGlance,
  BookGlance,
  BookStop,
  DecisionGlance,
  DeskGlance,
  EpochGlance,
  KillGlance,
  KillsGlance,
  LagGlance,
  OrderGlance,
  PartitionGlance,
  PnlGlance,
  PnlSince,
  PolicyGlance,
  PriceGlance,
  ServiceGlance,
  SnapshotGlance,
  ThrottleGlance,
  UnderlyingGlance,
} from './glance/glance';
export { Lines, ageText, linesText } from './glance/glance-lines';
export type { GlanceLine, Tone } from './glance/glance-lines';
export { controlsIn, glanceLines } from './glance/glance-text';
export type { GlancePlace } from './glance/glance-text';
