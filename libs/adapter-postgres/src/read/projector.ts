import { postingsOf } from '@evenkeel/accounting';
import type { JournalEntry, ContractLookup } from '@evenkeel/accounting';
import type { DomainEvent, EventOf } from '@evenkeel/facts';
import { Decimal, sum } from '@evenkeel/kernel';
import { LedgerFault } from '../ledger/faults';
import type { LedgerCommit } from '../ledger/ledger-commit';
import { placeColumns } from './event-place';
import type { EventPlace } from './event-place';
import {
  bookRow,
  decisionRow,
  exposureRows,
  fillRow,
  incidentOf,
  incidentRow,
  pnlRow,
  policyRow,
  positionChangeRow,
  positionRow,
  quietStretchRow,
} from './event-rows';
import type { PositionEvent } from './event-rows';
import { afterFill, intendedOrder, orderRow, refusedOrder } from './order-state';
import type { OrderState, OrderStatus } from './order-state';
import type { RowBatch } from './row-batch';

/** The double entries of an event; by default those of libs/accounting. */
export type EntriesOf = (event: DomainEvent, terms: ContractLookup | undefined) => readonly JournalEntry[];

/** What the projector must remember between commits: orders, which later events change, and the terms of books. */
export interface ProjectorMemory {
  order(epoch: string, clientOrderId: string): OrderState | undefined;
  keepOrder(order: OrderState): void;
  terms(epoch: string, book: string): ContractLookup | undefined;
  keepTerms(epoch: string, book: string, specifications: readonly string[]): void;
}

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

/**
 * Turns commits into rows of the read models. Pure but for its memory: the same commits give the same rows in whatever
 * batches they come, which is what makes a rebuild identical.
 */
export class Projector {
  constructor(
    private readonly memory: ProjectorMemory,
    private readonly entriesOf: EntriesOf = postingsOf,
  ) {}

  /** Throws `LEDGER.UNPROJECTABLE` naming the sequence when an event makes no sense to the books. */
  apply(commit: LedgerCommit, batch: RowBatch): void {
    commit.commit.events.forEach(({ event }, index) => {
      const place: EventPlace = { epoch: commit.epoch, seq: commit.seq, index, commit };
      try {
        this.applyEvent(event, place, batch);
        this.applyEntries(event, place, batch);
      } catch (cause) {
        if (cause instanceof LedgerFault) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        const message = `${event.type} cannot be projected: ${reason}`;
        throw new LedgerFault('LEDGER.UNPROJECTABLE', commit.epoch, commit.seq, message, cause);
      }
    });
  }

  private applyEvent(event: DomainEvent, place: EventPlace, batch: RowBatch): void {
    const incident = incidentOf(event, place);
    if (incident !== undefined) batch.add('incidents', incident);
    switch (event.type) {
      case 'BookOpened':
        this.memory.keepTerms(place.epoch, event.payload.book, event.payload.specifications);
        return batch.add('books', bookRow(event, place));
      case 'PolicySet':
        return batch.add('policies', policyRow(event, place));
      case 'PositionAdopted':
      case 'FillApplied':
      case 'FundingAccrued':
      case 'OptionSettled':
        return applyPosition(event, place, batch);
      case 'RiskSnapshotTaken':
        batch.add('pnl', pnlRow(event.payload, place));
        for (const row of exposureRows(event.payload, place)) batch.add('exposures', row);
        return;
      case 'HedgeDecided':
        return batch.add('decisions', decisionRow('HEDGED', event.payload, place));
      case 'HedgeDeclined':
        return batch.add('decisions', decisionRow('DECLINED', event.payload, place));
      case 'EvaluationsSummarised':
        return batch.add('quiet_stretches', quietStretchRow(event, place));
      case 'OrderIntended':
      case 'OrderRefused':
      case 'OrderAcknowledged':
      case 'OrderFilled':
      case 'OrderCancelled':
      case 'OrderRejected':
      case 'OrderExpired':
      case 'OrderUnresolved':
        return this.applyOrder(event, place, batch);
      default:
    }
  }

  private applyOrder(event: OrderEvent, place: EventPlace, batch: RowBatch): void {
    const { clientOrderId, at } = event.payload;
    const step = { ...placeColumns(place), client_order_id: clientOrderId, type: event.type, at };
    batch.add('order_events', step);
    if (event.type === 'OrderFilled') batch.add('fills', fillRow(event, place));
    const order = this.orderAfter(event, place);
    if (order === undefined) {
      batch.add('incidents', incidentRow('OrderWithoutIntent', clientOrderId, at, [event.type], place));
      return;
    }
    this.memory.keepOrder(order);
    batch.add('orders', orderRow(order));
  }

  private orderAfter(event: OrderEvent, place: EventPlace): OrderState | undefined {
    if (event.type === 'OrderIntended') return intendedOrder(place.epoch, place.seq, event.payload);
    if (event.type === 'OrderRefused') return refusedOrder(place.epoch, place.seq, event.payload);
    const order = this.memory.order(place.epoch, event.payload.clientOrderId);
    if (order === undefined) return undefined;
    if (event.type === 'OrderFilled') return afterFill(order, place.seq, event.payload);
    const changed = { ...order, changedAt: event.payload.at, changedSeq: place.seq };
    if (event.type === 'OrderAcknowledged') {
      const open = order.status === 'INTENDED' || order.status === 'UNRESOLVED';
      const status = open ? 'ACKNOWLEDGED' : order.status;
      return { ...changed, status, venueOrderId: event.payload.venueOrderId };
    }
    if (event.type === 'OrderUnresolved') return { ...changed, status: 'UNRESOLVED' };
    const reasons = event.payload.reason === '' ? order.reasons : [...order.reasons, event.payload.reason];
    return { ...changed, status: CLOSED_AS[event.type], reasons };
  }

  private applyEntries(event: DomainEvent, place: EventPlace, batch: RowBatch): void {
    const { book } = place.commit.commit;
    this.entriesOf(event, this.memory.terms(place.epoch, book)).forEach((entry, number) => {
      assertBalanced(entry, place);
      const { epoch, seq, index } = place;
      const entryId = `${seq}.${index}.${number}`;
      batch.add('journal_entries', {
        epoch,
        entry_id: entryId,
        seq,
        book: entry.book,
        at: entry.at,
        event_type: entry.eventType,
        instrument: entry.instrument,
      });
      entry.lines.forEach(({ account, currency, amount }, line) => {
        const posting = { epoch, entry_id: entryId, line, book: entry.book };
        batch.add('postings', { ...posting, account, currency, amount });
      });
    });
  }
}

function applyPosition(event: PositionEvent, place: EventPlace, batch: RowBatch): void {
  batch.add('position_changes', positionChangeRow(event, place));
  const position = positionRow(event, place);
  if (position !== undefined) batch.add('positions', position);
}

function assertBalanced(entry: JournalEntry, place: EventPlace): void {
  for (const currency of new Set(entry.lines.map((line) => line.currency))) {
    const lines = entry.lines.filter((line) => line.currency === currency);
    const left = sum(lines.map((line) => Decimal.parse(line.amount)));
    if (left.isZero()) continue;
    const message = `the entry of ${entry.eventType} leaves ${left.toString()} ${currency} over`;
    throw new LedgerFault('LEDGER.UNPROJECTABLE', place.epoch, place.seq, message);
  }
}
