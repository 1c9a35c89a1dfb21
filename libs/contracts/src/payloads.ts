import type { Message } from '@bufbuild/protobuf';
import type { DomainEvent, EventCell, EventType, RiskSnapshotTaken } from '@evenkeel/facts';
import {
  BookCloseRequestedCodec,
  BookRequestedCodec,
  ExpiryRecordedCodec,
  TradeBookedCodec,
  TradeCorrectedCodec,
} from './generated/evenkeel/desk/v1/desk_codec';
import {
  AccountHaltedCodec,
  ChainAccountAdoptedCodec,
  TransactionFinalCodec,
  TransactionIncludedCodec,
  TransactionIntendedCodec,
  TransactionReorgedCodec,
  TransactionReplacedCodec,
  TransactionRevertedCodec,
  TransactionSignedCodec,
} from './generated/evenkeel/execution/v1/chain_codec';
import {
  AccountCarriedCodec,
  ControlsCarriedCodec,
  OrderCarriedCodec,
  AmendIntendedCodec,
  CancelIntendedCodec,
  AmendRefusedCodec,
  AmendRejectedCodec,
  ControlOverriddenCodec,
  ControlRefusedCodec,
  FillBustedCodec,
  KillEngagedCodec,
  KillReleasedCodec,
  LimitsRefusedCodec,
  LimitsSetCodec,
  OrderAcknowledgedCodec,
  OrderAmendedCodec,
  OrderClosedCodec,
  OrderFilledCodec,
  OrderIntendedCodec,
  OrderRefusedCodec,
  OrderUnresolvedCodec,
  OverrideExpiredCodec,
  OverrideRevokedCodec,
  ParentOrderCompletedCodec,
  ParentOrderStartedCodec,
  ReconciliationDifferedCodec,
  ReconciliationRequestedCodec,
  RestrictionSetCodec,
  ThrottleResetCodec,
  ThrottleTrippedCodec,
  VenueAccountOpenedCodec,
  ForeignTradeSeenCodec,
  VenueHaltedCodec,
  VenueReconciledCodec,
  VenueResumedCodec,
} from './generated/evenkeel/execution/v1/execution_codec';
import {
  ChangeAppliedCodec,
  ChangeApprovedCodec,
  ChangeClosedCodec,
  ChangeExpiredCodec,
  ChangeProposedCodec,
  CommitKeyEnrolledCodec,
  CommitKeyRemovedCodec,
  CommitQuarantinedCodec,
  EpochCarriedCodec,
  GovernanceOpenedCodec,
} from './generated/evenkeel/governance/v1/governance_codec';
import {
  ConnectionNotedCodec,
  InstrumentSettledCodec,
  PriceHaltedCodec,
  PriceRestoredCodec,
  SourceDegradedCodec,
  SourceRecoveredCodec,
} from './generated/evenkeel/price/v1/price_codec';
import {
  BookCarriedCodec,
  BookClosedCodec,
  BookOpenedCodec,
  FillAppliedCodec,
  FundingAccruedCodec,
  OptionSettledCodec,
  PositionAdoptedCodec,
  RequestRefusedCodec,
  RiskSnapshotPackedCodec,
  RiskSnapshotTakenCodec,
} from './generated/evenkeel/risk/v1/risk_codec';
import {
  EvaluationsSummarisedCodec,
  HedgeDecisionCodec,
  PolicySetCodec,
  ProgramCarriedCodec,
  ProgramHaltedCodec,
  ProgramResumedCodec,
} from './generated/evenkeel/strategy/v1/strategy_codec';
import { packSnapshot } from './snapshot/pack-snapshot';
import type { PackedSnapshot } from './snapshot/packed';
import { unpackSnapshot } from './snapshot/unpack-snapshot';
import { currentVersionOf, upcast } from './upcast';
import { unknownVersion } from './unknown-version';
import { Embedded, decodePlain, encodePlain } from './wire';
import type { MessageCodec, PlainMessage } from './wire';

/** The Protobuf message of every event type: the one that `EVENT_TABLE` names. */
const CODECS = {
  PriceHalted: PriceHaltedCodec,
  PriceRestored: PriceRestoredCodec,
  SourceDegraded: SourceDegradedCodec,
  SourceRecovered: SourceRecoveredCodec,
  ConnectionNoted: ConnectionNotedCodec,
  InstrumentSettled: InstrumentSettledCodec,
  BookOpened: BookOpenedCodec,
  PositionAdopted: PositionAdoptedCodec,
  FillApplied: FillAppliedCodec,
  FundingAccrued: FundingAccruedCodec,
  OptionSettled: OptionSettledCodec,
  RiskSnapshotTaken: RiskSnapshotTakenCodec,
  PolicySet: PolicySetCodec,
  HedgeDecided: HedgeDecisionCodec,
  HedgeDeclined: HedgeDecisionCodec,
  EvaluationsSummarised: EvaluationsSummarisedCodec,
  ProgramHalted: ProgramHaltedCodec,
  ProgramResumed: ProgramResumedCodec,
  VenueAccountOpened: VenueAccountOpenedCodec,
  OrderIntended: OrderIntendedCodec,
  OrderRefused: OrderRefusedCodec,
  OrderAcknowledged: OrderAcknowledgedCodec,
  OrderFilled: OrderFilledCodec,
  OrderCancelled: OrderClosedCodec,
  OrderRejected: OrderClosedCodec,
  OrderExpired: OrderClosedCodec,
  OrderUnresolved: OrderUnresolvedCodec,
  ParentOrderStarted: ParentOrderStartedCodec,
  ParentOrderCompleted: ParentOrderCompletedCodec,
  KillEngaged: KillEngagedCodec,
  KillReleased: KillReleasedCodec,
  AmendIntended: AmendIntendedCodec,
  CancelIntended: CancelIntendedCodec,
  AmendRefused: AmendRefusedCodec,
  AmendRejected: AmendRejectedCodec,
  ControlOverridden: ControlOverriddenCodec,
  ControlRefused: ControlRefusedCodec,
  FillBusted: FillBustedCodec,
  OrderAmended: OrderAmendedCodec,
  OverrideExpired: OverrideExpiredCodec,
  OverrideRevoked: OverrideRevokedCodec,
  ReconciliationDiffered: ReconciliationDifferedCodec,
  ReconciliationRequested: ReconciliationRequestedCodec,
  RestrictionSet: RestrictionSetCodec,
  ThrottleReset: ThrottleResetCodec,
  ThrottleTripped: ThrottleTrippedCodec,
  ForeignTradeSeen: ForeignTradeSeenCodec,
  VenueHalted: VenueHaltedCodec,
  VenueReconciled: VenueReconciledCodec,
  VenueResumed: VenueResumedCodec,
  LimitsSet: LimitsSetCodec,
  LimitsRefused: LimitsRefusedCodec,
  GovernanceOpened: GovernanceOpenedCodec,
  CommitKeyEnrolled: CommitKeyEnrolledCodec,
  CommitKeyRemoved: CommitKeyRemovedCodec,
  CommitQuarantined: CommitQuarantinedCodec,
  ChangeProposed: ChangeProposedCodec,
  ChangeApproved: ChangeApprovedCodec,
  ChangeRejected: ChangeClosedCodec,
  ChangeWithdrawn: ChangeClosedCodec,
  ChangeExpired: ChangeExpiredCodec,
  ChangeApplied: ChangeAppliedCodec,
  RequestRefused: RequestRefusedCodec,
  BookClosed: BookClosedCodec,
  BookCloseRequested: BookCloseRequestedCodec,
  BookRequested: BookRequestedCodec,
  ExpiryRecorded: ExpiryRecordedCodec,
  TradeBooked: TradeBookedCodec,
  TradeCorrected: TradeCorrectedCodec,
  EpochCarried: EpochCarriedCodec,
  BookCarried: BookCarriedCodec,
  ProgramCarried: ProgramCarriedCodec,
  AccountCarried: AccountCarriedCodec,
  ControlsCarried: ControlsCarriedCodec,
  OrderCarried: OrderCarriedCodec,
  ChainAccountAdopted: ChainAccountAdoptedCodec,
  TransactionIntended: TransactionIntendedCodec,
  TransactionSigned: TransactionSignedCodec,
  TransactionIncluded: TransactionIncludedCodec,
  TransactionReverted: TransactionRevertedCodec,
  TransactionReorged: TransactionReorgedCodec,
  TransactionReplaced: TransactionReplacedCodec,
  TransactionFinal: TransactionFinalCodec,
  AccountHalted: AccountHaltedCodec,
} satisfies { readonly [T in EventType]: MessageCodec<Message<`evenkeel.${EventCell<T, 'schema'>}`>> };

/** The codecs with their types, for the assertions that hold them and `facts` together. */
export type PayloadCodecs = typeof CODECS;

export const PAYLOAD_CODECS: Readonly<Record<EventType, MessageCodec>> = CODECS;

/** A version of an event that is written more densely than its fields say. */
interface Packing {
  readonly codec: MessageCodec;
  readonly pack: (payload: object) => object;
  readonly unpack: (packed: PlainMessage) => PlainMessage;
}

/** How a version of an event is written; every other one is written field by field. */
function packingOf(type: string, version: number): Packing | undefined {
  return type === 'RiskSnapshotTaken' && version === 2 ? PACKED_SNAPSHOT : undefined;
}

const PACKED_SNAPSHOT: Packing = {
  codec: RiskSnapshotPackedCodec,
  // The wire knows plain objects; that these two are of their types, the schema and the table of events say.
  pack: (payload) => packSnapshot(payload as RiskSnapshotTaken),
  unpack: (packed) => unpackSnapshot(packed as unknown as PackedSnapshot) as unknown as PlainMessage,
};

/** The payload's bytes, as this build writes them unless a version is named: what decision digests are made of. */
export function encodePayload(event: DomainEvent, version = currentVersionOf(event.type)): Uint8Array {
  const { codec, value } = payloadOf(event, version);
  return encodePlain(codec, value);
}

/** The payload as it stands in a commit. */
export function payloadOf({ type, payload }: DomainEvent, version: number): Embedded {
  const packing = packingOf(type, version);
  if (packing !== undefined) return new Embedded(packing.codec, packing.pack(payload));
  return new Embedded(PAYLOAD_CODECS[type], payload);
}

/** Reads a payload of any version this build knows, brought to the present one. Throws `CONTRACTS.UNKNOWN_VERSION`. */
export function decodePayload(type: string, version: number, bytes: Uint8Array): DomainEvent {
  if (Object.hasOwn(PAYLOAD_CODECS, type)) {
    const known = type as EventType; // membership was just checked
    const packing = packingOf(type, version);
    const written = decodePlain(packing?.codec ?? PAYLOAD_CODECS[known], bytes);
    const payload = upcast(known, version, packing === undefined ? written : packing.unpack(written));
    if (payload !== undefined) return { type: known, payload } as unknown as DomainEvent; // the schema mirrors the payload's type, field for field
  }
  throw unknownVersion(`event ${type} version ${version}`);
}
