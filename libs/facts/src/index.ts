export { NOTHING } from './core';
export type {
  Actor,
  ActorKind,
  AggregateRef,
  CommitDraft,
  CommitView,
  Context,
  Core,
  CoreInput,
  Step,
} from './core';
export type { DomainEvent, EventOf, EventPayloads, EventType } from './events';
export type {
  InstrumentLimit,
  KillEngaged,
  KillReleased,
  OrderAcknowledged,
  OrderClosed,
  OrderFilled,
  OrderIntended,
  OrderLimits,
  OrderRefused,
  OrderUnresolved,
  ParentOrderCompleted,
  ParentOrderStarted,
  ScheduleSlice,
  Side,
  VenueAccountOpened,
  VenueReport,
} from './execution-events';
export type { DeliveryPrice, FundingRate, Mark, MarkKind, MarkStatus, MarketInstant } from './market';
export type { MoneyAmount } from './money';
export type {
  InstrumentListed,
  InstrumentSettled,
  ObservedSource,
  PriceHalted,
  PriceRestored,
  SourceDegraded,
  SourceRecovered,
} from './price-events';
export type {
  BalanceValuation,
  BookOpened,
  EvaluationRules,
  Exposure,
  FillApplied,
  FundingAccrued,
  LegValuation,
  MarkUsed,
  OptionSettled,
  PlannedPosition,
  PositionAdopted,
  ProfitAndLoss,
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
} from './strategy-events';
