export { NOTHING, refusalIn, takeIn } from './core';
export type {
  AccountRef,
  Actor,
  ActorKind,
  AggregateRef,
  CommitDraft,
  CommitView,
  Context,
  Core,
  CoreInput,
  Judging,
  Refusals,
  Step,
} from './core';
export { foreignTradeKey } from './account-events';
export type {
  AccountHalted,
  BalanceChange,
  ChainAccountAdopted,
  ChainBlock,
  ChainRules,
  TransactionFinal,
  TransactionIncluded,
  TransactionIntended,
  TransactionReorged,
  TransactionReplaced,
  TransactionReverted,
  TransactionSigned,
} from './chain-events';
export { KEPT_MAX } from './kept';
export type { Kept, KeptName } from './kept';
export { LATE_REPORTS, forgottenUpTo } from './retention';
export { lazySnapshot, legIn, listsOf, markIn, readSpots, writtenOut } from './snapshot-lists';
export type { SnapshotHead, SnapshotLists } from './snapshot-lists';
export { EVENT_TABLE, isReadBy } from './event-table';
export type { EventCell, EventTypeReadBy, EventTypeWith } from './event-table';
export { nothing } from './event-table/entry';
export type {
  EventEntry,
  EventReader,
  IncidentSeverity,
  PackFile,
  ProjectedTable,
} from './event-table/entry';
export {
  NEVER_ARRIVED,
  OUTCOME_UNKNOWN,
  UNKNOWN_TO_VENUE,
  closedAs,
  isDenial,
  isOpenStatus,
  orderAfter,
} from './order-life';
export type { OrderEvent, OrderLife, OrderStatus } from './order-life';
export type { DomainEvent, EventOf, EventPayloads, EventType } from './events';
export { reportSubject } from './venue-report';
export type {
  AccountDifference,
  GreekLimit,
  InstrumentLimit,
  LimitsRefused,
  LimitsSet,
  OrderLimits,
  ReconciliationDiffered,
  ReconciliationRequested,
  ReconciliationRules,
  VenueAccountOpened,
  ForeignTradeSeen,
  VenueHalted,
  VenueLimit,
  VenueReconciled,
  VenueResumed,
} from './account-events';
export type {
  ControlOverridden,
  ControlRefused,
  KillEngaged,
  KillReleased,
  OverrideExpired,
  OverrideRevoked,
  RestrictionSet,
  ThrottleReset,
  ThrottleTripped,
} from './control-events';
export type {
  AmendIntended,
  AmendRefused,
  AmendRejected,
  CancelIntended,
  FillBusted,
  OrderAcknowledged,
  OrderAmended,
  OrderClosed,
  OrderFilled,
  OrderIntended,
  OrderRefused,
  OrderUnresolved,
  ParentOrderCompleted,
  ParentOrderStarted,
  ScheduleSlice,
  Side,
} from './order-events';
export type { AccountOrder, AccountPosition, OrderReport, ReportedTrade, VenueReport } from './venue-report';
export type { DeliveryPrice, FundingRate, Mark, MarkKind, MarkStatus, MarketInstant } from './market';
export type {
  AccountCarried,
  BookCarried,
  CarriedCash,
  CarriedFill,
  CarriedMemory,
  CarriedMovement,
  CarriedOrderFill,
  CarriedPosition,
  CarriedWork,
  ControlsCarried,
  EpochCarried,
  GivenUp,
  OrderCarried,
  ProgramCarried,
} from './carry-events';
export { TRADE_RULES } from './desk-events';
export type {
  BookCloseRequested,
  BookRequested,
  ExpiryRecorded,
  TradeBooked,
  TradeCorrected,
} from './desk-events';
export type {
  Approval,
  ChangeApplied,
  ChangeApproved,
  ChangeClosed,
  ChangeExpired,
  ChangeProposed,
  EnrolledCredential,
  EnrolledIdentity,
  CommitKeyEnrolled,
  CommitKeyRemoved,
  CommitQuarantined,
  GovernanceOpened,
  GovernedKind,
  RosterChange,
  RosterHistory,
  StatementEvidence,
} from './governance-events';
export type { MoneyAmount } from './money';
export type {
  ConnectionNoted,
  InstrumentSettled,
  ObservedSource,
  PriceHalted,
  PriceRestored,
  SourceDegraded,
  SourceRecovered,
} from './price-events';
export type {
  BalanceValuation,
  BookClosed,
  BookOpened,
  ContractGreeks,
  EvaluationRules,
  Exposure,
  FillApplied,
  FundingAccrued,
  LegValuation,
  MarkUsed,
  OptionInputs,
  OptionSettled,
  PlannedPosition,
  PositionAdopted,
  VenueTradeAdopted,
  ProfitAndLoss,
  RequestRefused,
  RiskSnapshotTaken,
  SnapshotTrigger,
  UnpricedLeg,
} from './risk-events';
export type {
  Assessment,
  Candidate,
  Check,
  EvaluationsSummarised,
  ExpectedCost,
  HedgeDecision,
  NamedNumber,
  PolicySet,
  ProgramHalted,
  ProgramResumed,
  QuietStretch,
  TradeChosen,
  Withdrawals,
} from './strategy-events';
