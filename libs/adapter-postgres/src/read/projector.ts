import type { DomainEvent, EventOf, HedgeDecision, MoneyAmount, RiskSnapshotTaken } from '@evenkeel/facts';
import { Decimal, formatInstant, sum } from '@evenkeel/kernel';
import { LedgerFault } from '../ledger/faults';
import type { LedgerCommit } from '../ledger/ledger-commit';
import type { EntriesOf } from './journal-entries';
import { afterFill, intendedOrder, orderRow, refusedOrder } from './order-state';
import type { OrderState, OrderStatus } from './order-state';
import type { Row, RowBatch } from './row-batch';

/** What the projector must remember between commits: orders, which later events change. */
export interface ProjectorMemory {
  order(epoch: string, clientOrderId: string): OrderState | undefined;
  keep(order: OrderState): void;
}

interface Place {
  readonly epoch: string;
  readonly seq: number;
  readonly index: number;
  readonly commit: LedgerCommit;
}

/**
 * Turns commits into rows of the read models. Pure but for its memory: the same commits give the same rows in whatever
 * batches they come, which is what makes a rebuild identical.
 */
export class Projector {
  constructor(
    private readonly memory: ProjectorMemory,
    private readonly entriesOf: EntriesOf,
  ) {}

  apply(commit: LedgerCommit, batch: RowBatch): void {
    commit.commit.events.forEach(({ event }, index) => {
      const place: Place = { epoch: commit.epoch, seq: commit.seq, index, commit };
      try {
        this.applyEvent(event, place, batch);
        this.applyEntries(event, place, batch);
      } catch (cause) {
        if (cause instanceof LedgerFault) throw cause;
        const message = `${event.type} cannot be projected: ${cause instanceof Error ? cause.message : String(cause)}`;
        throw new LedgerFault('LEDGER.UNPROJECTABLE', commit.epoch, commit.seq, message, cause);
      }
    });
  }

  private applyEvent(event: DomainEvent, place: Place, batch: RowBatch): void {
    switch (event.type) {
      case 'BookOpened':
        batch.add('books', {
          epoch: place.epoch,
          book: event.payload.book,
          numeraire: event.payload.numeraire,
          opened_at: event.payload.at,
          opened_seq: place.seq,
          hedge_instruments: event.payload.hedgeInstruments,
          file_hash: event.payload.fileHash,
        });
        return;
      case 'PolicySet':
        batch.add('policies', policyRow(event, place));
        return;
      case 'PositionAdopted':
      case 'FillApplied':
      case 'FundingAccrued':
      case 'OptionSettled':
        this.applyPosition(event, place, batch);
        return;
      case 'RiskSnapshotTaken':
        addSnapshot(event.payload, place, batch);
        return;
      case 'HedgeDecided':
      case 'HedgeDeclined':
        batch.add(
          'decisions',
          decisionRow(event.type === 'HedgeDecided' ? 'HEDGED' : 'DECLINED', event.payload, place),
        );
        return;
      case 'EvaluationsSummarised':
        batch.add('quiet_stretches', {
          ...key(place),
          book: event.payload.book,
          evaluations: event.payload.stretch.evaluations,
          from_at: event.payload.stretch.from || null,
          to_at: event.payload.stretch.to || null,
          max_band_use: event.payload.stretch.maxBandUse,
        });
        return;
      case 'OrderIntended':
      case 'OrderRefused':
      case 'OrderAcknowledged':
      case 'OrderFilled':
      case 'OrderCancelled':
      case 'OrderRejected':
      case 'OrderExpired':
      case 'OrderUnresolved':
        this.applyOrder(event, place, batch);
        return;
      default:
        addIncident(event, place, batch);
    }
  }

  private applyPosition(event: PositionEvent, place: Place, batch: RowBatch): void {
    const row = positionChange(event, place);
    batch.add('position_changes', row);
    if (event.type === 'FundingAccrued') return;
    const averagePrice =
      event.type === 'FillApplied'
        ? event.payload.averagePriceAfter
        : event.type === 'PositionAdopted'
          ? event.payload.price
          : null;
    batch.add('positions', {
      epoch: place.epoch,
      book: event.payload.book,
      instrument: event.payload.instrument,
      quantity: row['position_after'] ?? null,
      average_price: averagePrice === '' ? null : averagePrice,
      changed_at: event.payload.at,
      changed_seq: place.seq,
    });
  }

  private applyOrder(event: OrderEvent, place: Place, batch: RowBatch): void {
    const { clientOrderId, at } = event.payload;
    batch.add('order_events', { ...key(place), client_order_id: clientOrderId, type: event.type, at });
    if (event.type === 'OrderFilled') batch.add('fills', fillRow(event, place));
    if (event.type === 'OrderRefused' || event.type === 'OrderRejected' || event.type === 'OrderUnresolved') {
      const reasons =
        event.type === 'OrderRefused'
          ? event.payload.reasons
          : event.type === 'OrderRejected'
            ? [event.payload.reason]
            : [];
      batch.add('incidents', incidentRow(event.type, clientOrderId, at, reasons, place));
    }
    const order = this.orderAfter(event, place);
    if (order === undefined) {
      batch.add('incidents', incidentRow('OrderWithoutIntent', clientOrderId, at, [event.type], place));
      return;
    }
    this.memory.keep(order);
    batch.add('orders', orderRow(order));
  }

  private orderAfter(event: OrderEvent, place: Place): OrderState | undefined {
    if (event.type === 'OrderIntended') return intendedOrder(place.epoch, place.seq, event.payload);
    if (event.type === 'OrderRefused') return refusedOrder(place.epoch, place.seq, event.payload);
    const order = this.memory.order(place.epoch, event.payload.clientOrderId);
    if (order === undefined) return undefined;
    if (event.type === 'OrderFilled') return afterFill(order, place.seq, event.payload);
    const changed = { ...order, changedAt: event.payload.at, changedSeq: place.seq };
    if (event.type === 'OrderAcknowledged') {
      const status =
        order.status === 'INTENDED' || order.status === 'UNRESOLVED' ? 'ACKNOWLEDGED' : order.status;
      return { ...changed, status, venueOrderId: event.payload.venueOrderId };
    }
    if (event.type === 'OrderUnresolved') return { ...changed, status: 'UNRESOLVED' };
    const reasons = event.payload.reason === '' ? order.reasons : [...order.reasons, event.payload.reason];
    return { ...changed, status: CLOSED_AS[event.type], reasons };
  }

  private applyEntries(event: DomainEvent, place: Place, batch: RowBatch): void {
    this.entriesOf(event, place.commit.commit.book).forEach((entry, number) => {
      const entryId = `${place.seq}.${place.index}.${number}`;
      const totals = new Map<string, Decimal[]>();
      for (const { currency, amount } of entry.postings)
        totals.set(currency, [...(totals.get(currency) ?? []), Decimal.parse(amount)]);
      for (const [currency, amounts] of totals) {
        if (!sum(amounts).isZero()) {
          const message = `the entry "${entry.description}" leaves ${sum(amounts).toString()} ${currency} over`;
          throw new LedgerFault('LEDGER.UNPROJECTABLE', place.epoch, place.seq, message);
        }
      }
      const book = place.commit.commit.book;
      const at = formatInstant(place.commit.commit.clock.eventTime);
      batch.add('journal_entries', {
        epoch: place.epoch,
        entry_id: entryId,
        seq: place.seq,
        book,
        at,
        description: entry.description,
      });
      entry.postings.forEach(({ account, currency, amount }, line) => {
        batch.add('postings', {
          epoch: place.epoch,
          entry_id: entryId,
          line,
          book,
          account,
          currency,
          amount,
        });
      });
    });
  }
}

type PositionEvent = EventOf<'PositionAdopted' | 'FillApplied' | 'FundingAccrued' | 'OptionSettled'>;
type OrderEvent = EventOf<
  | 'OrderIntended'
  | 'OrderRefused'
  | 'OrderAcknowledged'
  | 'OrderFilled'
  | 'OrderCancelled'
  | 'OrderRejected'
  | 'OrderExpired'
  | 'OrderUnresolved'
>;

const CLOSED_AS: Readonly<Record<'OrderCancelled' | 'OrderRejected' | 'OrderExpired', OrderStatus>> = {
  OrderCancelled: 'CANCELLED',
  OrderRejected: 'REJECTED',
  OrderExpired: 'EXPIRED',
};

function key(place: Place): Row {
  return { epoch: place.epoch, seq: place.seq, event_index: place.index };
}

function policyRow(event: EventOf<'PolicySet'>, place: Place): Row {
  const { actor } = place.commit.commit;
  return {
    ...key(place),
    book: event.payload.book,
    at: event.payload.at,
    policy: event.payload.policy,
    policy_hash: event.payload.policyHash,
    target_delta: event.payload.targetDelta,
    hedge_instruments: event.payload.hedgeInstruments,
    actor: `${actor.kind}:${actor.id}`,
  };
}

function positionChange(event: PositionEvent, place: Place): Row {
  const { payload } = event;
  const base = { ...key(place), book: payload.book, instrument: payload.instrument, at: payload.at };
  const noOrder = { realised: null, realised_currency: null, client_order_id: null, fill_id: null };
  const cash = (amount: MoneyAmount): Row => ({ cash_currency: amount.currency, cash: amount.amount });
  switch (event.type) {
    case 'PositionAdopted': {
      const { quantity, price, positionAfter } = event.payload;
      return {
        ...base,
        ...noOrder,
        kind: 'adoption',
        quantity,
        price,
        position_after: positionAfter,
        ...cash(event.payload.cash),
      };
    }
    case 'FillApplied': {
      const { quantity, price, positionAfter, realised, clientOrderId, fillId } = event.payload;
      return {
        ...base,
        kind: 'fill',
        quantity,
        price,
        position_after: positionAfter,
        ...cash(event.payload.fee),
        realised: realised.amount,
        realised_currency: realised.currency,
        client_order_id: clientOrderId,
        fill_id: fillId,
      };
    }
    case 'FundingAccrued': {
      const { position, price } = event.payload;
      return {
        ...base,
        ...noOrder,
        kind: 'funding',
        quantity: '0',
        price,
        position_after: position,
        ...cash(event.payload.cash),
      };
    }
    case 'OptionSettled': {
      const { quantity, deliveryPrice } = event.payload;
      const closed = Decimal.parse(quantity).negated().toString();
      return {
        ...base,
        ...noOrder,
        kind: 'settlement',
        quantity: closed,
        price: deliveryPrice,
        position_after: '0',
        ...cash(event.payload.cash),
      };
    }
  }
}

function fillRow(event: EventOf<'OrderFilled'>, place: Place): Row {
  const { clientOrderId, fillId, book, instrument, quantity, price, fee, liquidity, at, late } =
    event.payload;
  return {
    ...key(place),
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

function decisionRow(outcome: 'HEDGED' | 'DECLINED', decision: HedgeDecision, place: Place): Row {
  return {
    epoch: place.epoch,
    decision_id: decision.decisionId,
    seq: place.seq,
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

function addSnapshot(snapshot: RiskSnapshotTaken, place: Place, batch: RowBatch): void {
  const { pnl } = snapshot;
  batch.add('pnl', {
    epoch: place.epoch,
    snapshot_id: snapshot.snapshotId,
    seq: place.seq,
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
  });
  for (const exposure of snapshot.exposures) {
    batch.add('exposures', {
      epoch: place.epoch,
      seq: place.seq,
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
    });
  }
}

function addIncident(event: DomainEvent, place: Place, batch: RowBatch): void {
  switch (event.type) {
    case 'PriceHalted':
      batch.add(
        'incidents',
        incidentRow(event.type, event.payload.instrument, event.payload.at, event.payload.reasons, place),
      );
      return;
    case 'PriceRestored':
      batch.add('incidents', incidentRow(event.type, event.payload.instrument, event.payload.at, [], place));
      return;
    case 'SourceDegraded':
      batch.add(
        'incidents',
        incidentRow(event.type, event.payload.source, event.payload.at, event.payload.reasons, place),
      );
      return;
    case 'SourceRecovered':
      batch.add('incidents', incidentRow(event.type, event.payload.source, event.payload.at, [], place));
      return;
    case 'ProgramHalted':
      batch.add(
        'incidents',
        incidentRow(event.type, event.payload.book, event.payload.at, event.payload.reasons, place),
      );
      return;
    case 'ProgramResumed':
      batch.add(
        'incidents',
        incidentRow(event.type, event.payload.book, event.payload.at, [event.payload.by], place),
      );
      return;
    case 'KillEngaged':
    case 'KillReleased':
      batch.add(
        'incidents',
        incidentRow(
          event.type,
          event.payload.scope,
          event.payload.at,
          [event.payload.by, event.payload.reason],
          place,
        ),
      );
      return;
    default:
  }
}

function incidentRow(
  type: string,
  subject: string,
  at: string,
  reasons: readonly string[],
  place: Place,
): Row {
  return { ...key(place), type, subject, book: place.commit.commit.book, at, reasons };
}
