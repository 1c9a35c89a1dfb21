import type {
  LimitsRefused,
  LimitsSet,
  ReconciliationDiffered,
  ReconciliationRequested,
  VenueAccountOpened,
  ForeignTradeSeen,
  VenueHalted,
  VenueReconciled,
  VenueResumed,
} from './account-events';
import type {
  AccountHalted,
  ChainAccountAdopted,
  TransactionFinal,
  TransactionIncluded,
  TransactionIntended,
  TransactionReorged,
  TransactionReplaced,
  TransactionReverted,
  TransactionSigned,
} from './chain-events';
import type {
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
import type {
  AccountCarried,
  BookCarried,
  ControlsCarried,
  EpochCarried,
  OrderCarried,
  ProgramCarried,
} from './carry-events';
import type {
  BookCloseRequested,
  BookRequested,
  ExpiryRecorded,
  TradeBooked,
  TradeCorrected,
} from './desk-events';
import type {
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
} from './order-events';
import type {
  ConnectionNoted,
  InstrumentSettled,
  PriceHalted,
  PriceRestored,
  SourceDegraded,
  SourceRecovered,
} from './price-events';
import type {
  ChangeApplied,
  ChangeApproved,
  ChangeClosed,
  ChangeExpired,
  ChangeProposed,
  CommitKeyEnrolled,
  CommitKeyRemoved,
  CommitQuarantined,
  GovernanceOpened,
} from './governance-events';
import type {
  BookClosed,
  BookOpened,
  FillApplied,
  FundingAccrued,
  OptionSettled,
  PositionAdopted,
  RequestRefused,
  RiskSnapshotTaken,
} from './risk-events';
import type {
  EvaluationsSummarised,
  HedgeDecision,
  PolicySet,
  ProgramHalted,
  ProgramResumed,
} from './strategy-events';

/** Every event there is, by type name. The Protobuf messages in `proto/` mirror these one to one. */
export interface EventPayloads {
  readonly PriceHalted: PriceHalted;
  readonly PriceRestored: PriceRestored;
  readonly SourceDegraded: SourceDegraded;
  readonly SourceRecovered: SourceRecovered;
  readonly ConnectionNoted: ConnectionNoted;
  readonly InstrumentSettled: InstrumentSettled;
  readonly BookOpened: BookOpened;
  readonly PositionAdopted: PositionAdopted;
  readonly RequestRefused: RequestRefused;
  readonly BookClosed: BookClosed;
  readonly FillApplied: FillApplied;
  readonly FundingAccrued: FundingAccrued;
  readonly OptionSettled: OptionSettled;
  readonly RiskSnapshotTaken: RiskSnapshotTaken;
  readonly PolicySet: PolicySet;
  readonly HedgeDecided: HedgeDecision;
  readonly HedgeDeclined: HedgeDecision;
  readonly EvaluationsSummarised: EvaluationsSummarised;
  readonly ProgramHalted: ProgramHalted;
  readonly ProgramResumed: ProgramResumed;
  readonly VenueAccountOpened: VenueAccountOpened;
  readonly OrderIntended: OrderIntended;
  readonly OrderRefused: OrderRefused;
  readonly OrderAcknowledged: OrderAcknowledged;
  readonly OrderFilled: OrderFilled;
  readonly OrderCancelled: OrderClosed;
  readonly OrderRejected: OrderClosed;
  readonly OrderExpired: OrderClosed;
  readonly OrderUnresolved: OrderUnresolved;
  readonly ParentOrderStarted: ParentOrderStarted;
  readonly ParentOrderCompleted: ParentOrderCompleted;
  readonly KillEngaged: KillEngaged;
  readonly KillReleased: KillReleased;
  readonly AmendIntended: AmendIntended;
  readonly AmendRefused: AmendRefused;
  readonly AmendRejected: AmendRejected;
  readonly CancelIntended: CancelIntended;
  readonly ControlOverridden: ControlOverridden;
  readonly ControlRefused: ControlRefused;
  readonly FillBusted: FillBusted;
  readonly OrderAmended: OrderAmended;
  readonly OverrideExpired: OverrideExpired;
  readonly OverrideRevoked: OverrideRevoked;
  readonly ReconciliationDiffered: ReconciliationDiffered;
  readonly ReconciliationRequested: ReconciliationRequested;
  readonly RestrictionSet: RestrictionSet;
  readonly ThrottleReset: ThrottleReset;
  readonly ThrottleTripped: ThrottleTripped;
  readonly ForeignTradeSeen: ForeignTradeSeen;
  readonly VenueHalted: VenueHalted;
  readonly VenueReconciled: VenueReconciled;
  readonly VenueResumed: VenueResumed;
  readonly LimitsSet: LimitsSet;
  readonly LimitsRefused: LimitsRefused;
  readonly GovernanceOpened: GovernanceOpened;
  readonly CommitKeyEnrolled: CommitKeyEnrolled;
  readonly CommitKeyRemoved: CommitKeyRemoved;
  readonly CommitQuarantined: CommitQuarantined;
  readonly ChangeProposed: ChangeProposed;
  readonly ChangeApproved: ChangeApproved;
  readonly ChangeRejected: ChangeClosed;
  readonly ChangeWithdrawn: ChangeClosed;
  readonly ChangeExpired: ChangeExpired;
  readonly ChangeApplied: ChangeApplied;
  readonly BookRequested: BookRequested;
  readonly TradeBooked: TradeBooked;
  readonly TradeCorrected: TradeCorrected;
  readonly ExpiryRecorded: ExpiryRecorded;
  readonly BookCloseRequested: BookCloseRequested;
  readonly EpochCarried: EpochCarried;
  readonly BookCarried: BookCarried;
  readonly ProgramCarried: ProgramCarried;
  readonly AccountCarried: AccountCarried;
  readonly ControlsCarried: ControlsCarried;
  readonly OrderCarried: OrderCarried;
  readonly ChainAccountAdopted: ChainAccountAdopted;
  readonly TransactionIntended: TransactionIntended;
  readonly TransactionSigned: TransactionSigned;
  readonly TransactionIncluded: TransactionIncluded;
  readonly TransactionReverted: TransactionReverted;
  readonly TransactionReorged: TransactionReorged;
  readonly TransactionReplaced: TransactionReplaced;
  readonly TransactionFinal: TransactionFinal;
  readonly AccountHalted: AccountHalted;
}

export type EventType = keyof EventPayloads;

/** One event; narrow on `type`. */
export type DomainEvent = {
  [T in EventType]: { readonly type: T; readonly payload: EventPayloads[T] };
}[EventType];

export type EventOf<T extends EventType> = Extract<DomainEvent, { readonly type: T }>;
