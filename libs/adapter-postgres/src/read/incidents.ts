import { EVENT_TABLE } from '@evenkeel/facts';
import type { DomainEvent, EventPayloads, EventTypeWith, IncidentSeverity } from '@evenkeel/facts';
import type { EventPlace } from './event-place';
import type { Row } from './row';

interface Incident {
  /** What it is about: an instrument, a source, a book, an order, a venue, a scope. */
  readonly subject: string;
  readonly reasons: readonly string[];
}

type IncidentType = EventTypeWith<'incident'>;

/** What somebody on call reads of each event that `EVENT_TABLE` calls an incident. */
const INCIDENTS: { readonly [T in IncidentType]: (payload: EventPayloads[T]) => Incident } = {
  PriceHalted: ({ instrument, reasons }) => ({ subject: instrument, reasons }),
  PriceRestored: ({ instrument }) => ({ subject: instrument, reasons: [] }),
  SourceDegraded: ({ source, reasons }) => ({ subject: source, reasons }),
  SourceRecovered: ({ source }) => ({ subject: source, reasons: [] }),
  ConnectionNoted: ({ venue, what, instrument, detail }) => ({
    subject: venue,
    reasons: [what, instrument, detail].filter((text) => text !== ''),
  }),
  RequestRefused: ({ book, asked, reasons }) => ({ subject: book, reasons: [asked, ...reasons] }),
  TradeCorrected: ({ book, tradeId, correctedBy, reason }) => ({
    subject: book,
    reasons: [tradeId, correctedBy, reason],
  }),
  ProgramHalted: ({ book, reasons }) => ({ subject: book, reasons }),
  ProgramResumed: ({ book, by }) => ({ subject: book, reasons: [by] }),
  KillEngaged: ({ scope, by, reason }) => ({ subject: scope, reasons: [by, reason] }),
  KillReleased: ({ scope, by, reason }) => ({ subject: scope, reasons: [by, reason] }),
  OrderRefused: ({ clientOrderId, reasons }) => ({ subject: clientOrderId, reasons }),
  OrderRejected: ({ clientOrderId, reason }) => ({ subject: clientOrderId, reasons: [reason] }),
  OrderUnresolved: ({ clientOrderId, attempt }) => ({
    subject: clientOrderId,
    reasons: [`asked ${attempt} times`],
  }),
  FillBusted: ({ clientOrderId, fillId, quantity, price, reason }) => ({
    subject: clientOrderId,
    reasons: [reason, `fill ${fillId}: ${quantity} at ${price} taken back`],
  }),
  AmendRefused: ({ clientOrderId, reasons }) => ({ subject: clientOrderId, reasons }),
  AmendRejected: ({ clientOrderId, reason }) => ({ subject: clientOrderId, reasons: [reason] }),
  LimitsRefused: ({ proposalId, reasons }) => ({ subject: proposalId, reasons }),
  ReconciliationDiffered: ({ venue, differences }) => ({
    subject: venue,
    reasons: differences.map(
      ({ kind, name, ours, theirs }) => `${kind} ${name}: ours ${ours}, theirs ${theirs}`,
    ),
  }),
  ForeignTradeSeen: ({ venue, instrument, quantity, price, tradeId }) => ({
    subject: venue,
    reasons: [`trade ${tradeId} of somebody else: ${quantity} ${instrument} at ${price}`],
  }),
  VenueHalted: ({ venue, reason }) => ({ subject: venue, reasons: [reason] }),
  VenueResumed: ({ venue, by, reason }) => ({ subject: venue, reasons: [by, reason] }),
  ControlOverridden: ({ control, upTo, by, reason, expiresAt }) => ({
    subject: control,
    reasons: [by, reason, `up to ${upTo === '' ? 'anything' : upTo} until ${expiresAt}`],
  }),
  ControlRefused: ({ book, asked, by, reasons }) => ({ subject: book, reasons: [by, asked, ...reasons] }),
  OverrideRevoked: ({ control, by, reason }) => ({ subject: control, reasons: [by, reason] }),
  ThrottleTripped: ({ instrument, executions, limit, window }) => ({
    subject: instrument,
    reasons: [`${executions} executions in ${window}, limit ${limit}`],
  }),
  TransactionReverted: ({ account, nonce, hash, reason }) => ({
    subject: account,
    reasons: [`nonce ${nonce}, transaction ${hash} reverted: ${reason}`],
  }),
  TransactionReorged: ({ account, nonce, hash, block }) => ({
    subject: account,
    reasons: [`nonce ${nonce}, transaction ${hash}: block ${block.number} is gone`],
  }),
  AccountHalted: ({ account, reason, detail }) => ({ subject: account, reasons: [reason, detail] }),
  CommitKeyRemoved: ({ service, reason }) => ({ subject: service, reasons: [reason] }),
  CommitQuarantined: ({ stream, sequence, by, reason, code }) => ({
    subject: `${stream} ${sequence}`,
    reasons: [by, reason, code],
  }),
  EpochCarried: ({ fromEpoch, carriedBy, reason }) => ({
    subject: `epoch ${fromEpoch}`,
    reasons: [carriedBy, reason],
  }),
  ThrottleReset: ({ instrument, by, reason }) => ({ subject: instrument, reasons: [by, reason] }),
};

/** What somebody on call wants to see; `undefined` for events that are none of it. */
export function incidentOf(event: DomainEvent, place: EventPlace): Row | undefined {
  if (!isIncident(event.type)) return undefined;
  const severity = EVENT_TABLE[event.type].incident;
  // The function of a type takes the payload of that type; the compiler loses the pair over a union.
  const tell = INCIDENTS[event.type] as (payload: DomainEvent['payload']) => Incident;
  const { subject, reasons } = tell(event.payload);
  return incidentRow(event.type, severity, subject, event.payload.at, reasons, place);
}

function isIncident(type: DomainEvent['type']): type is IncidentType {
  return type in INCIDENTS;
}

export function incidentRow(
  type: string,
  severity: IncidentSeverity,
  subject: string,
  at: string,
  reasons: readonly string[],
  place: EventPlace,
): Row {
  return {
    epoch: place.epoch,
    seq: place.seq,
    event_index: place.index,
    type,
    severity,
    subject,
    book: place.commit.commit.book,
    at,
    reasons,
  };
}
