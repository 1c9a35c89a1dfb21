import type { DomainEvent, EventOf, HedgeDecision, MoneyAmount, RiskSnapshotTaken } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import { placeColumns } from './event-place';
import type { EventPlace } from './event-place';
import type { Row } from './row-batch';

export type PositionEvent = EventOf<'PositionAdopted' | 'FillApplied' | 'FundingAccrued' | 'OptionSettled'>;

export function bookRow(event: EventOf<'BookOpened'>, place: EventPlace): Row {
  const { payload } = event;
  return {
    epoch: place.epoch,
    book: payload.book,
    numeraire: payload.numeraire,
    opened_at: payload.at,
    opened_seq: place.seq,
    hedge_instruments: payload.hedgeInstruments,
    specifications: payload.specifications,
    file_hash: payload.fileHash,
  };
}

export function policyRow(event: EventOf<'PolicySet'>, place: EventPlace): Row {
  const { actor } = place.commit.commit;
  return {
    ...placeColumns(place),
    book: event.payload.book,
    at: event.payload.at,
    policy: event.payload.policy,
    policy_hash: event.payload.policyHash,
    target_delta: event.payload.targetDelta,
    hedge_instruments: event.payload.hedgeInstruments,
    actor: `${actor.kind}:${actor.id}`,
  };
}

const NO_ORDER = { realised: null, realised_currency: null, client_order_id: null, fill_id: null };

function cashColumns(amount: MoneyAmount): Row {
  return { cash_currency: amount.currency, cash: amount.amount };
}

/** What an event did to a position and to cash. Funding changes cash only, a settlement closes the position. */
export function positionChangeRow(event: PositionEvent, place: EventPlace): Row {
  const { payload } = event;
  const base = {
    ...placeColumns(place),
    book: payload.book,
    instrument: payload.instrument,
    at: payload.at,
  };
  switch (event.type) {
    case 'PositionAdopted': {
      const { quantity, price, positionAfter, cash } = event.payload;
      const after = { position_after: positionAfter, ...cashColumns(cash) };
      return { ...base, ...NO_ORDER, kind: 'adoption', quantity, price, ...after };
    }
    case 'FillApplied': {
      const { quantity, price, positionAfter, realised, clientOrderId, fillId, fee } = event.payload;
      return {
        ...base,
        kind: 'fill',
        quantity,
        price,
        position_after: positionAfter,
        ...cashColumns(fee),
        realised: realised.amount,
        realised_currency: realised.currency,
        client_order_id: clientOrderId,
        fill_id: fillId,
      };
    }
    case 'FundingAccrued': {
      const { position, price, cash } = event.payload;
      const after = { position_after: position, ...cashColumns(cash) };
      return { ...base, ...NO_ORDER, kind: 'funding', quantity: '0', price, ...after };
    }
    case 'OptionSettled': {
      const { deliveryPrice, cash } = event.payload;
      const quantity = Decimal.parse(event.payload.quantity).negated().toString();
      const after = { position_after: '0', ...cashColumns(cash) };
      return { ...base, ...NO_ORDER, kind: 'settlement', quantity, price: deliveryPrice, ...after };
    }
  }
}

/** The position after the event; none for funding, which leaves it as it is. */
export function positionRow(event: PositionEvent, place: EventPlace): Row | undefined {
  if (event.type === 'FundingAccrued') return undefined;
  const { book, instrument, at } = event.payload;
  const [quantity, averagePrice] =
    event.type === 'OptionSettled'
      ? ['0', '']
      : event.type === 'FillApplied'
        ? [event.payload.positionAfter, event.payload.averagePriceAfter]
        : [event.payload.positionAfter, event.payload.price];
  return {
    epoch: place.epoch,
    book,
    instrument,
    quantity,
    average_price: averagePrice === '' ? null : averagePrice,
    changed_at: at,
    changed_seq: place.seq,
  };
}

export function fillRow(event: EventOf<'OrderFilled'>, place: EventPlace): Row {
  const { clientOrderId, fillId, book, instrument, quantity, price, fee, liquidity, at, late } =
    event.payload;
  return {
    ...placeColumns(place),
    client_order_id: clientOrderId,
    fill_id: fillId,
    book,
    instrument,
    quantity,
    price,
    fee: fee.amount,
    fee_currency: fee.currency,
    liquidity,
    at,
    late,
  };
}

export function decisionRow(outcome: 'HEDGED' | 'DECLINED', decision: HedgeDecision, place: EventPlace): Row {
  return {
    ...placeColumns(place),
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

export function quietStretchRow(event: EventOf<'EvaluationsSummarised'>, place: EventPlace): Row {
  const { book, stretch } = event.payload;
  return {
    ...placeColumns(place),
    book,
    evaluations: stretch.evaluations,
    from_at: stretch.from === '' ? null : stretch.from,
    to_at: stretch.to === '' ? null : stretch.to,
    max_band_use: stretch.maxBandUse,
  };
}

export function pnlRow(snapshot: RiskSnapshotTaken, place: EventPlace): Row {
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

export function exposureRows(snapshot: RiskSnapshotTaken, place: EventPlace): readonly Row[] {
  return snapshot.exposures.map((exposure) => ({
    epoch: place.epoch,
    seq: place.seq,
    event_index: place.index,
    underlying: exposure.underlying,
    book: snapshot.book,
    spot: exposure.spot,
    spot_status: exposure.spotStatus,
    delta: exposure.delta,
    option_delta: exposure.optionDelta,
    hedge_delta: exposure.hedgeDelta,
    gamma: exposure.gamma,
    vega: exposure.vega,
    theta: exposure.theta,
  }));
}

/** What somebody on call wants to see; `undefined` for events that are none of it. */
export function incidentOf(event: DomainEvent, place: EventPlace): Row | undefined {
  const row = (subject: string, at: string, reasons: readonly string[] = []): Row =>
    incidentRow(event.type, subject, at, reasons, place);
  switch (event.type) {
    case 'PriceHalted':
      return row(event.payload.instrument, event.payload.at, event.payload.reasons);
    case 'PriceRestored':
      return row(event.payload.instrument, event.payload.at);
    case 'SourceDegraded':
      return row(event.payload.source, event.payload.at, event.payload.reasons);
    case 'SourceRecovered':
      return row(event.payload.source, event.payload.at);
    case 'ProgramHalted':
      return row(event.payload.book, event.payload.at, event.payload.reasons);
    case 'ProgramResumed':
      return row(event.payload.book, event.payload.at, [event.payload.by]);
    case 'KillEngaged':
    case 'KillReleased':
      return row(event.payload.scope, event.payload.at, [event.payload.by, event.payload.reason]);
    case 'OrderRefused':
      return row(event.payload.clientOrderId, event.payload.at, event.payload.reasons);
    case 'OrderRejected':
      return row(event.payload.clientOrderId, event.payload.at, [event.payload.reason]);
    case 'OrderUnresolved':
      return row(event.payload.clientOrderId, event.payload.at);
    default:
      return undefined;
  }
}

export function incidentRow(
  type: string,
  subject: string,
  at: string,
  reasons: readonly string[],
  place: EventPlace,
): Row {
  return { ...placeColumns(place), type, subject, book: place.commit.commit.book, at, reasons };
}
