import type { DescMessage, Message } from '@bufbuild/protobuf';
import type { GenMessage } from '@bufbuild/protobuf/codegenv2';
import type { DomainEvent, EventCell, EventType, RiskSnapshotTaken } from '@evenkeel/facts';
import {
  BookCloseRequestedSchema,
  BookRequestedSchema,
  ExpiryRecordedSchema,
  TradeBookedSchema,
  TradeCorrectedSchema,
} from './generated/evenkeel/desk/v1/desk_pb';
import {
  AccountCarriedSchema,
  ControlsCarriedSchema,
  OrderCarriedSchema,
  AmendIntendedSchema,
  CancelIntendedSchema,
  AmendRefusedSchema,
  AmendRejectedSchema,
  ControlOverriddenSchema,
  ControlRefusedSchema,
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
  CommitKeyEnrolledSchema,
  CommitKeyRemovedSchema,
  CommitQuarantinedSchema,
  EpochCarriedSchema,
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
  BookCarriedSchema,
  BookClosedSchema,
  BookOpenedSchema,
  FillAppliedSchema,
  FundingAccruedSchema,
  OptionSettledSchema,
  PositionAdoptedSchema,
  RequestRefusedSchema,
  RiskSnapshotPackedSchema,
  RiskSnapshotTakenSchema,
} from './generated/evenkeel/risk/v1/risk_pb';
import {
  EvaluationsSummarisedSchema,
  HedgeDecisionSchema,
  PolicySetSchema,
  ProgramCarriedSchema,
  ProgramHaltedSchema,
  ProgramResumedSchema,
} from './generated/evenkeel/strategy/v1/strategy_pb';
import { packSnapshot } from './snapshot/pack-snapshot';
import type { PackedSnapshot } from './snapshot/packed';
import { unpackSnapshot } from './snapshot/unpack-snapshot';
import { currentVersionOf, upcast } from './upcast';
import type { PlainMessage } from './wire';
import { unknownVersion } from './unknown-version';
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
  ControlRefused: ControlRefusedSchema,
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
  CommitKeyEnrolled: CommitKeyEnrolledSchema,
  CommitKeyRemoved: CommitKeyRemovedSchema,
  CommitQuarantined: CommitQuarantinedSchema,
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
  EpochCarried: EpochCarriedSchema,
  BookCarried: BookCarriedSchema,
  ProgramCarried: ProgramCarriedSchema,
  AccountCarried: AccountCarriedSchema,
  ControlsCarried: ControlsCarriedSchema,
  OrderCarried: OrderCarriedSchema,
} satisfies { readonly [T in EventType]: GenMessage<Message<`evenkeel.${EventCell<T, 'schema'>}`>> };

/** The schemas with their types, for the assertions that hold them and `facts` together. */
export type PayloadSchemas = typeof SCHEMAS;

export const PAYLOAD_SCHEMAS: Readonly<Record<EventType, DescMessage>> = SCHEMAS;

/** A version of an event that is written more densely than its fields say. */
interface Packing {
  readonly schema: DescMessage;
  readonly pack: (payload: object) => object;
  readonly unpack: (packed: PlainMessage) => PlainMessage;
}

/** `<type>@<version>` → how it is written; every other version is written field by field. */
const PACKINGS: Readonly<Record<string, Packing>> = {
  'RiskSnapshotTaken@2': {
    schema: RiskSnapshotPackedSchema,
    // The wire knows plain objects; that these two are of their types, the schema and the table of events say.
    pack: (payload) => packSnapshot(payload as RiskSnapshotTaken),
    unpack: (packed) => ({ ...unpackSnapshot(packed as unknown as PackedSnapshot) }),
  },
};

/** The payload's bytes, as this build writes them unless a version is named: what decision digests are made of. */
export function encodePayload(event: DomainEvent, version = currentVersionOf(event.type)): Uint8Array {
  const packing = PACKINGS[`${event.type}@${version}`];
  if (packing !== undefined) return encodePlain(packing.schema, packing.pack(event.payload));
  return encodePlain(PAYLOAD_SCHEMAS[event.type], event.payload);
}

/** Reads a payload of any version this build knows, brought to the present one. Throws `CONTRACTS.UNKNOWN_VERSION`. */
export function decodePayload(type: string, version: number, bytes: Uint8Array): DomainEvent {
  if (type in PAYLOAD_SCHEMAS) {
    const known = type as EventType; // membership was just checked
    const packing = PACKINGS[`${type}@${version}`];
    const written = decodePlain(packing?.schema ?? PAYLOAD_SCHEMAS[known], bytes);
    const payload = upcast(known, version, packing === undefined ? written : packing.unpack(written));
    if (payload !== undefined) return { type: known, payload } as unknown as DomainEvent; // the schema mirrors the payload's type, field for field
  }
  throw unknownVersion(`event ${type} version ${version}`);
}
