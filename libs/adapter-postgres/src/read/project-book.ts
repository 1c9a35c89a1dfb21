import { builtInContracts } from '@evenkeel/accounting';
import type { EventOf, HedgeDecision, RiskSnapshotTaken } from '@evenkeel/facts';
import { averageEntryPrice } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { EventPlace, Projected, Projections } from './event-place';
import { explainedRow } from './explained-rows';
import { positionChangeRow, positionRow } from './position-rows';
import type { PositionEvent } from './position-rows';
import type { Row } from './row';

function openBook({ payload }: EventOf<'BookOpened'>, { place, memory, add }: Projected<'books'>): void {
  memory.keepTerms(place.epoch, payload.book, payload.specifications);
  memory.explainFrom(place.epoch, payload.book, payload.numeraire);
  add('books', {
    epoch: place.epoch,
    book: payload.book,
    numeraire: payload.numeraire,
    opened_at: payload.at,
    opened_seq: place.seq,
    hedge_instruments: payload.hedgeInstruments,
    specifications: payload.specifications,
    file_hash: payload.fileHash,
  });
}

function setPolicy({ payload }: EventOf<'PolicySet'>, { place, add }: Projected<'policies'>): void {
  const { actor } = place.commit.commit;
  add('policies', {
    epoch: place.epoch,
    seq: place.seq,
    event_index: place.index,
    book: payload.book,
    at: payload.at,
    policy: payload.policy,
    policy_hash: payload.policyHash,
    target_delta: payload.targetDelta,
    hedge_instruments: payload.hedgeInstruments,
    actor: `${actor.kind}:${actor.id}`,
  });
}

function changePosition(
  event: PositionEvent,
  { place, add }: Projected<'positions' | 'position_changes'>,
): void {
  add('position_changes', positionChangeRow(event, place));
  add('positions', positionRow(event, place));
}

/** A position comes in; with its terms, where a trade of the desk is in what the book was opened without. */
function adopt(
  event: EventOf<'PositionAdopted'>,
  to: Projected<'books' | 'positions' | 'position_changes'>,
): void {
  const { book, specification } = event.payload;
  const { epoch } = to.place;
  if (specification !== undefined) {
    const specifications = [...to.memory.specifications(epoch, book), specification];
    to.memory.keepTerms(epoch, book, specifications);
    to.patch('books', { epoch, book, specifications });
  }
  changePosition(event, to);
}

function decided(outcome: 'HEDGED' | 'DECLINED', decision: HedgeDecision, place: EventPlace): Row {
  return {
    epoch: place.epoch,
    seq: place.seq,
    event_index: place.index,
    decision_id: decision.decisionId,
    book: decision.book,
    at: decision.at,
    outcome,
    policy_kind: decision.policyKind,
    policy_hash: decision.policyHash,
    snapshot_id: decision.snapshotId,
    reasons: decision.reasons,
    instruments: [...new Set(decision.trades.map((trade) => trade.instrument))],
    trades: JSON.stringify(decision.trades),
    assessments: JSON.stringify(decision.assessments),
    quiet_evaluations: decision.quietBefore.evaluations,
  };
}

function summarise(
  { payload }: EventOf<'EvaluationsSummarised'>,
  { place, add }: Projected<'quiet_stretches'>,
): void {
  const { book, stretch } = payload;
  add('quiet_stretches', {
    epoch: place.epoch,
    seq: place.seq,
    event_index: place.index,
    book,
    evaluations: stretch.evaluations,
    from_at: stretch.from === '' ? null : stretch.from,
    to_at: stretch.to === '' ? null : stretch.to,
    max_band_use: stretch.maxBandUse,
  });
}

function pnlRow(snapshot: RiskSnapshotTaken, place: EventPlace): Row {
  const { pnl } = snapshot;
  return {
    epoch: place.epoch,
    seq: place.seq,
    event_index: place.index,
    snapshot_id: snapshot.snapshotId,
    book: snapshot.book,
    at: snapshot.at,
    trigger: snapshot.trigger,
    status: snapshot.status,
    positions_version: snapshot.positionsVersion,
    unpriced: snapshot.unpriced.length,
    equity: snapshot.equity,
    unhedged: pnl.unhedged,
    hedged: pnl.hedged,
    options: pnl.options,
    hedge: pnl.hedge,
    fees: pnl.fees,
    funding: pnl.funding,
    settlement: pnl.settlement,
  };
}

function takeSnapshot(
  { payload }: EventOf<'RiskSnapshotTaken'>,
  { place, memory, add, set }: Projected<'pnl' | 'exposures' | 'explained_pnl'>,
): void {
  add('pnl', pnlRow(payload, place));
  for (const explained of memory.explained(place.epoch, payload.book)?.explain(payload) ?? [])
    set('explained_pnl', [place.epoch, explained.book, explained.day, explained.underlying], () =>
      explainedRow(explained, place),
    );
  for (const exposure of payload.exposures)
    add('exposures', {
      epoch: place.epoch,
      seq: place.seq,
      event_index: place.index,
      underlying: exposure.underlying,
      book: payload.book,
      spot: exposure.spot,
      spot_status: exposure.spotStatus,
      delta: exposure.delta,
      option_delta: exposure.optionDelta,
      hedge_delta: exposure.hedgeDelta,
      gamma: exposure.gamma,
      vega: exposure.vega,
      theta: exposure.theta,
    });
}

/** Positions that the book brings along; what came of them until then stands in the other epoch. */
function carryBook(
  { payload }: EventOf<'BookCarried'>,
  { place, memory, add }: Projected<'positions'>,
): void {
  const { book, at } = payload;
  memory.explained(place.epoch, book)?.note({ type: 'BookCarried', payload });
  const contracts = memory.terms(place.epoch, book) ?? builtInContracts;
  for (const { instrument, quantity, basis } of payload.positions) {
    const position = { quantity: Decimal.parse(quantity), basis: Decimal.parse(basis) };
    const average = averageEntryPrice(contracts(instrument), position).toString();
    add('positions', {
      epoch: place.epoch,
      book,
      instrument,
      quantity,
      average_price: average,
      changed_at: at,
      changed_seq: place.seq,
    });
  }
}

export const BOOK_PROJECTIONS: Projections<
  | 'BookOpened'
  | 'BookCarried'
  | 'PolicySet'
  | PositionEvent['type']
  | 'FundingAccrued'
  | 'RiskSnapshotTaken'
  | 'HedgeDecided'
  | 'HedgeDeclined'
  | 'EvaluationsSummarised'
> = {
  BookOpened: openBook,
  BookCarried: carryBook,
  PolicySet: setPolicy,
  PositionAdopted: adopt,
  FillApplied: changePosition,
  FundingAccrued: (event, { place, add }) => add('position_changes', positionChangeRow(event, place)),
  OptionSettled: changePosition,
  RiskSnapshotTaken: takeSnapshot,
  HedgeDecided: ({ payload }, { place, add }) => add('decisions', decided('HEDGED', payload, place)),
  HedgeDeclined: ({ payload }, { place, add }) => add('decisions', decided('DECLINED', payload, place)),
  EvaluationsSummarised: summarise,
};
