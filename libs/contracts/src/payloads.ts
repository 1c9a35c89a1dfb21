import type { DescMessage, Message } from '@bufbuild/protobuf';
import type { GenMessage } from '@bufbuild/protobuf/codegenv2';
import type { DomainEvent, EventCell, EventType } from '@evenkeel/facts';
import { IntegrityFault } from '@evenkeel/kernel';
import {
  BookCloseRequestedSchema,
  BookRequestedSchema,
  ExpiryRecordedSchema,
  TradeBookedSchema,
  TradeCorrectedSchema,
} from './generated/evenkeel/desk/v1/desk_pb';
import {
  AmendIntendedSchema,
  CancelIntendedSchema,
  AmendRefusedSchema,
  AmendRejectedSchema,
  ControlOverriddenSchema,
  FillBustedSchema,
  KillEngagedSchema,
  KillReleasedSchema,
  LimitsRefusedSchema,
  LimitsSetSchema,
  OrderAcknowledgedSchema,
  OrderAmendedSchema,
  OrderClosedSchema,
  OrderFilledSchema,
  OrderIntendedSchema,
  OrderRefusedSchema,
  OrderUnresolvedSchema,
  OverrideExpiredSchema,
  OverrideRevokedSchema,
  ParentOrderCompletedSchema,
  ParentOrderStartedSchema,
  ReconciliationDifferedSchema,
  ReconciliationRequestedSchema,
  RestrictionSetSchema,
  ThrottleResetSchema,
  ThrottleTrippedSchema,
  VenueAccountOpenedSchema,
  ForeignTradeSeenSchema,
  VenueHaltedSchema,
  VenueReconciledSchema,
  VenueResumedSchema,
} from './generated/evenkeel/execution/v1/execution_pb';
import {
  ChangeAppliedSchema,
  ChangeApprovedSchema,
  ChangeClosedSchema,
  ChangeExpiredSchema,
  ChangeProposedSchema,
  GovernanceOpenedSchema,
} from './generated/evenkeel/governance/v1/governance_pb';
import {
  ConnectionNotedSchema,
  InstrumentSettledSchema,
  PriceHaltedSchema,
  PriceRestoredSchema,
  SourceDegradedSchema,
  SourceRecoveredSchema,
} from './generated/evenkeel/price/v1/price_pb';
import {
  BookClosedSchema,
  BookOpenedSchema,
  FillAppliedSchema,
  FundingAccruedSchema,
  OptionSettledSchema,
  PositionAdoptedSchema,
  RequestRefusedSchema,
  RiskSnapshotTakenSchema,
} from './generated/evenkeel/risk/v1/risk_pb';
import {
  EvaluationsSummarisedSchema,
  HedgeDecisionSchema,
  PolicySetSchema,
  ProgramHaltedSchema,
  ProgramResumedSchema,
} from './generated/evenkeel/strategy/v1/strategy_pb';
import { upcast } from './upcast';
import { decodePlain, encodePlain } from './wire';

/** The Protobuf message of every event type: the one that `EVENT_TABLE` names. */
const SCHEMAS = {
  PriceHalted: PriceHaltedSchema,
  PriceRestored: PriceRestoredSchema,
  SourceDegraded: SourceDegradedSchema,
  SourceRecovered: SourceRecoveredSchema,
  ConnectionNoted: ConnectionNotedSchema,
  InstrumentSettled: InstrumentSettledSchema,
  BookOpened: BookOpenedSchema,
  PositionAdopted: PositionAdoptedSchema,
  FillApplied: FillAppliedSchema,
  FundingAccrued: FundingAccruedSchema,
  OptionSettled: OptionSettledSchema,
  RiskSnapshotTaken: RiskSnapshotTakenSchema,
  PolicySet: PolicySetSchema,
  HedgeDecided: HedgeDecisionSchema,
  HedgeDeclined: HedgeDecisionSchema,
  EvaluationsSummarised: EvaluationsSummarisedSchema,
  ProgramHalted: ProgramHaltedSchema,
  ProgramResumed: ProgramResumedSchema,
  VenueAccountOpened: VenueAccountOpenedSchema,
  OrderIntended: OrderIntendedSchema,
  OrderRefused: OrderRefusedSchema,
  OrderAcknowledged: OrderAcknowledgedSchema,
  OrderFilled: OrderFilledSchema,
  OrderCancelled: OrderClosedSchema,
  OrderRejected: OrderClosedSchema,
  OrderExpired: OrderClosedSchema,
  OrderUnresolved: OrderUnresolvedSchema,
  ParentOrderStarted: ParentOrderStartedSchema,
  ParentOrderCompleted: ParentOrderCompletedSchema,
  KillEngaged: KillEngagedSchema,
  KillReleased: KillReleasedSchema,
  AmendIntended: AmendIntendedSchema,
  CancelIntended: CancelIntendedSchema,
  AmendRefused: AmendRefusedSchema,
  AmendRejected: AmendRejectedSchema,
  ControlOverridden: ControlOverriddenSchema,
  FillBusted: FillBustedSchema,
  OrderAmended: OrderAmendedSchema,
  OverrideExpired: OverrideExpiredSchema,
  OverrideRevoked: OverrideRevokedSchema,
  ReconciliationDiffered: ReconciliationDifferedSchema,
  ReconciliationRequested: ReconciliationRequestedSchema,
  RestrictionSet: RestrictionSetSchema,
  ThrottleReset: ThrottleResetSchema,
  ThrottleTripped: ThrottleTrippedSchema,
  ForeignTradeSeen: ForeignTradeSeenSchema,
  VenueHalted: VenueHaltedSchema,
  VenueReconciled: VenueReconciledSchema,
  VenueResumed: VenueResumedSchema,
  LimitsSet: LimitsSetSchema,
  LimitsRefused: LimitsRefusedSchema,
  GovernanceOpened: GovernanceOpenedSchema,
  ChangeProposed: ChangeProposedSchema,
  ChangeApproved: ChangeApprovedSchema,
  ChangeRejected: ChangeClosedSchema,
  ChangeWithdrawn: ChangeClosedSchema,
  ChangeExpired: ChangeExpiredSchema,
  ChangeApplied: ChangeAppliedSchema,
  RequestRefused: RequestRefusedSchema,
  BookClosed: BookClosedSchema,
  BookCloseRequested: BookCloseRequestedSchema,
  BookRequested: BookRequestedSchema,
  ExpiryRecorded: ExpiryRecordedSchema,
  TradeBooked: TradeBookedSchema,
  TradeCorrected: TradeCorrectedSchema,
} satisfies { readonly [T in EventType]: GenMessage<Message<`evenkeel.${EventCell<T, 'schema'>}`>> };

/** The schemas with their types, for the assertions that hold them and `facts` together. */
export type PayloadSchemas = typeof SCHEMAS;

export const PAYLOAD_SCHEMAS: Readonly<Record<EventType, DescMessage>> = SCHEMAS;

/** The payload's bytes: what decision digests are made of. */
export function encodePayload(event: DomainEvent): Uint8Array {
  return encodePlain(PAYLOAD_SCHEMAS[event.type], event.payload);
}

/** Reads a payload of any version this build knows, brought to the present one. Throws `CONTRACTS.UNKNOWN_EVENT`. */
export function decodePayload(type: string, version: number, bytes: Uint8Array): DomainEvent {
  if (type in PAYLOAD_SCHEMAS) {
    const known = type as EventType; // membership was just checked
    const payload = upcast(known, version, decodePlain(PAYLOAD_SCHEMAS[known], bytes));
    if (payload !== undefined) return { type: known, payload } as unknown as DomainEvent; // the schema mirrors the payload's type, field for field
  }
  throw new IntegrityFault({
    code: 'CONTRACTS.UNKNOWN_EVENT',
    message: `event ${type} version ${version} is not known to this build`,
  });
}
