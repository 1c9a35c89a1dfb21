import type { EventOf } from '@evenkeel/facts';
import type { Projected, Projections } from './event-place';

/** What may stand still. `subject`: the book, the scope of a kill, the venue, the throttled instrument, the price. */
type HaltKind = 'program' | 'kill' | 'venue' | 'throttle' | 'price';

interface Halt {
  readonly kind: HaltKind;
  readonly subject: string;
  readonly halted: boolean;
  readonly reasons: readonly string[];
  readonly at: string;
  readonly by?: string;
}

function noteHalt(
  { place, add }: Projected<'halts'>,
  { kind, subject, halted, reasons, at, by }: Halt,
): void {
  add('halts', {
    epoch: place.epoch,
    book: place.commit.commit.book,
    kind,
    subject,
    halted,
    reasons,
    changed_by: by ?? null,
    changed_at: at,
    changed_seq: place.seq,
  });
}

type LimitsEvent = EventOf<'VenueAccountOpened' | 'LimitsSet' | 'LimitsRefused'>;

function noteLimits(event: LimitsEvent, { place, add }: Projected<'limits'>): void {
  const base = {
    epoch: place.epoch,
    seq: place.seq,
    event_index: place.index,
    book: event.payload.book,
    at: event.payload.at,
  };
  if (event.type === 'LimitsRefused') {
    const { proposalId, reasons } = event.payload;
    const none = { venue: null, limits_version: null, limits: null };
    return add('limits', { ...base, ...none, outcome: 'REFUSED', proposal_id: proposalId, reasons });
  }
  const { venue, limits, limitsVersion } = event.payload;
  const approval = event.type === 'LimitsSet' ? event.payload.approval : undefined;
  add('limits', {
    ...base,
    venue,
    outcome: event.type === 'LimitsSet' ? 'SET' : 'OPENED',
    limits_version: limitsVersion,
    limits: JSON.stringify(limits),
    proposal_id: approval?.proposalId ?? null,
    reasons: [],
  });
}

function grantOverride(
  { payload }: EventOf<'ControlOverridden'>,
  { place, add }: Projected<'overrides'>,
): void {
  add('overrides', {
    epoch: place.epoch,
    book: payload.book,
    override_id: payload.overrideId,
    control: payload.control,
    instrument: payload.instrument === '' ? null : payload.instrument,
    up_to: payload.upTo === '' ? null : payload.upTo,
    granted_by: payload.by,
    reason: payload.reason,
    granted_at: payload.at,
    expires_at: payload.expiresAt,
    ended_at: null,
    ended_by: null,
    changed_seq: place.seq,
  });
}

/** `by`: who revoked it; nobody where it ran out. */
function endOverride(
  { payload }: EventOf<'OverrideRevoked' | 'OverrideExpired'>,
  by: string | null,
  { place, patch }: Projected<'overrides'>,
): void {
  const { book, overrideId, at } = payload;
  const ended = { ended_at: at, ended_by: by, changed_seq: place.seq };
  patch('overrides', { epoch: place.epoch, book, override_id: overrideId, ...ended });
}

function restrict({ payload }: EventOf<'RestrictionSet'>, { place, add }: Projected<'restrictions'>): void {
  add('restrictions', {
    epoch: place.epoch,
    book: payload.book,
    instrument: payload.instrument,
    restricted: payload.restricted,
    changed_by: payload.by,
    reason: payload.reason,
    changed_at: payload.at,
    changed_seq: place.seq,
  });
}

function requestReconciliation(
  { payload }: EventOf<'ReconciliationRequested'>,
  { place, add }: Projected<'reconciliations'>,
): void {
  add('reconciliations', {
    epoch: place.epoch,
    book: payload.book,
    reconciliation_id: payload.reconciliationId,
    venue: payload.venue,
    trigger: payload.trigger,
    attempts: payload.attempt,
    requested_at: payload.at,
    finished_at: null,
    outcome: 'OPEN',
    differences: null,
    changed_seq: place.seq,
  });
}

function finishReconciliation(
  { payload }: EventOf<'VenueReconciled' | 'ReconciliationDiffered'>,
  { place, patch }: Projected<'reconciliations'>,
): void {
  const differences = 'differences' in payload ? payload.differences : [];
  const tolerable = 'tolerable' in payload ? payload.tolerable : true;
  patch('reconciliations', {
    epoch: place.epoch,
    book: payload.book,
    reconciliation_id: payload.reconciliationId,
    finished_at: payload.at,
    outcome: differences.length === 0 ? 'AGREED' : tolerable ? 'TOLERATED' : 'DIFFERED',
    differences: JSON.stringify(differences),
    changed_seq: place.seq,
  });
}

function propose({ payload }: EventOf<'ChangeProposed'>, { place, add }: Projected<'proposals'>): void {
  add('proposals', {
    epoch: place.epoch,
    proposal_id: payload.proposalId,
    kind: payload.kind,
    scope: payload.scope,
    content_hash: payload.contentHash,
    reason: payload.reason,
    proposed_by: payload.proposedBy,
    proposed_at: payload.at,
    expires_at: payload.expiresAt,
    status: 'PROPOSED',
    decided_by: null,
    decided_at: null,
    applied_commit: null,
    applied_at: null,
    changed_seq: place.seq,
  });
}

function settleProposal(
  status: 'APPROVED' | 'REJECTED' | 'WITHDRAWN' | 'EXPIRED',
  { proposalId, at }: { readonly proposalId: string; readonly at: string },
  by: string | null,
  { place, patch }: Projected<'proposals'>,
): void {
  const decided = { status, decided_by: by, decided_at: at, changed_seq: place.seq };
  patch('proposals', { epoch: place.epoch, proposal_id: proposalId, ...decided });
}

export const DESK_PROJECTIONS: Projections<
  | 'ProgramHalted'
  | 'ProgramResumed'
  | 'KillEngaged'
  | 'KillReleased'
  | 'VenueHalted'
  | 'VenueResumed'
  | 'ThrottleTripped'
  | 'ThrottleReset'
  | 'PriceHalted'
  | 'PriceRestored'
  | LimitsEvent['type']
  | 'ControlOverridden'
  | 'OverrideRevoked'
  | 'OverrideExpired'
  | 'RestrictionSet'
  | 'ReconciliationRequested'
  | 'VenueReconciled'
  | 'ReconciliationDiffered'
  | 'ChangeProposed'
  | 'ChangeApproved'
  | 'ChangeRejected'
  | 'ChangeWithdrawn'
  | 'ChangeExpired'
  | 'ChangeApplied'
  | 'InstrumentSettled'
> = {
  ProgramHalted: ({ payload: { book, at, reasons } }, to) =>
    noteHalt(to, { kind: 'program', subject: book, halted: true, reasons, at }),
  ProgramResumed: ({ payload: { book, at, by } }, to) =>
    noteHalt(to, { kind: 'program', subject: book, halted: false, reasons: [], at, by }),
  KillEngaged: ({ payload: { scope, reason, at, by } }, to) =>
    noteHalt(to, { kind: 'kill', subject: scope, halted: true, reasons: [reason], at, by }),
  KillReleased: ({ payload: { scope, reason, at, by } }, to) =>
    noteHalt(to, { kind: 'kill', subject: scope, halted: false, reasons: [reason], at, by }),
  VenueHalted: ({ payload: { venue, reason, at } }, to) =>
    noteHalt(to, { kind: 'venue', subject: venue, halted: true, reasons: [reason], at }),
  VenueResumed: ({ payload: { venue, reason, at, by } }, to) =>
    noteHalt(to, { kind: 'venue', subject: venue, halted: false, reasons: [reason], at, by }),
  ThrottleTripped: ({ payload: { instrument, executions, window, at } }, to) => {
    const reasons = [`${executions} executions in ${window}`];
    noteHalt(to, { kind: 'throttle', subject: instrument, halted: true, reasons, at });
  },
  ThrottleReset: ({ payload: { instrument, reason, at, by } }, to) =>
    noteHalt(to, { kind: 'throttle', subject: instrument, halted: false, reasons: [reason], at, by }),
  PriceHalted: ({ payload: { instrument, reasons, at } }, to) =>
    noteHalt(to, { kind: 'price', subject: instrument, halted: true, reasons, at }),
  PriceRestored: ({ payload: { instrument, at } }, to) =>
    noteHalt(to, { kind: 'price', subject: instrument, halted: false, reasons: [], at }),
  VenueAccountOpened: noteLimits,
  LimitsSet: noteLimits,
  LimitsRefused: noteLimits,
  ControlOverridden: grantOverride,
  OverrideRevoked: (event, to) => endOverride(event, event.payload.by, to),
  OverrideExpired: (event, to) => endOverride(event, null, to),
  RestrictionSet: restrict,
  ReconciliationRequested: requestReconciliation,
  VenueReconciled: finishReconciliation,
  ReconciliationDiffered: finishReconciliation,
  ChangeProposed: propose,
  ChangeApproved: ({ payload }, to) => settleProposal('APPROVED', payload, payload.approvedBy, to),
  ChangeRejected: ({ payload }, to) => settleProposal('REJECTED', payload, payload.by, to),
  ChangeWithdrawn: ({ payload }, to) => settleProposal('WITHDRAWN', payload, payload.by, to),
  ChangeExpired: ({ payload }, to) => settleProposal('EXPIRED', payload, null, to),
  ChangeApplied: ({ payload: { proposalId, commitId, at } }, { place, patch }) => {
    const applied = { applied_commit: commitId, applied_at: at };
    patch('proposals', { epoch: place.epoch, proposal_id: proposalId, ...applied });
  },
  InstrumentSettled: ({ payload: { instrument, at, deliveryPrice, source } }, { place, add }) =>
    add('settlements', {
      epoch: place.epoch,
      seq: place.seq,
      event_index: place.index,
      instrument,
      at,
      delivery_price: deliveryPrice,
      source,
    }),
};
