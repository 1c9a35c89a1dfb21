import { commitIdOf } from '@evenkeel/eventing';
import type { AggregateRef, DomainEvent } from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { required } from '@evenkeel/kernel';
import type { LedgerCommit } from '../ledger/ledger-commit';
import { ProjectionMemory } from './projection-memory';
import { Projector } from './projector';
import { CollectedRows } from './collected-rows.test-support';
import { RowBatch } from './row-batch';
import type { Row } from './row';
import type { ReadTableName } from './tables';

const AT = '2026-01-05T08:00:00Z';
const ID = 'order-1';
const INSTRUMENT = 'BTC-PERPETUAL@deribit';
const ORDER: AggregateRef = { context: 'execution', type: 'hedge-order', id: ID };

const intended: DomainEvent = {
  type: 'OrderIntended',
  payload: {
    clientOrderId: ID,
    decisionId: 'decision-1',
    book: 'alpha',
    venue: 'deribit',
    instrument: INSTRUMENT,
    side: 'buy',
    quantity: '3',
    orderType: 'limit',
    timeInForce: 'IOC',
    limitPrice: '101',
    referencePrice: '100',
    at: AT,
    timeoutAt: AT,
    checks: [],
  },
};
const acknowledged: DomainEvent = {
  type: 'OrderAcknowledged',
  payload: { clientOrderId: ID, venueOrderId: 'v-1', at: AT },
};
const unresolved: DomainEvent = {
  type: 'OrderUnresolved',
  payload: { clientOrderId: ID, book: 'alpha', instrument: INSTRUMENT, at: AT, attempt: 1 },
};

function closed(type: 'OrderCancelled' | 'OrderExpired' | 'OrderRejected'): DomainEvent {
  const payload = {
    clientOrderId: ID,
    book: 'alpha',
    instrument: INSTRUMENT,
    at: AT,
    unfilled: '2',
    reason: 'WHY',
  };
  return { type, payload };
}

function filled(quantity: string, remaining: string, late = false): DomainEvent {
  return {
    type: 'OrderFilled',
    payload: {
      clientOrderId: ID,
      book: 'alpha',
      instrument: INSTRUMENT,
      fillId: `f-${remaining}`,
      quantity,
      price: '100.5',
      fee: { currency: 'USD', amount: '-0.1' },
      liquidity: 'taker',
      at: AT,
      remaining,
      late,
    },
  };
}

function commitOf(seq: number, aggregate: AggregateRef, ...events: readonly DomainEvent[]): LedgerCommit {
  const commitId = commitIdOf(aggregate, String(seq), 0);
  const none = new Uint8Array(0);
  const clock = { eventTime: 0n, receivedTime: 0n, decidedTime: 0n, source: '', maxErrorNs: 0n };
  return {
    epoch: '1',
    seq,
    aggregate: 'unused',
    bytes: none,
    hash: none,
    leafHash: none,
    commit: {
      schemaVersion: 1,
      commitId,
      epoch: '1',
      partition: '00',
      aggregate,
      book: 'alpha',
      fromVersion: seq,
      toVersion: seq,
      prevHash: none,
      causation: { stream: '', seq: 0n, commitId: '' },
      correlationId: '',
      traceparent: '',
      actor: { kind: 'algo', id: 'test' },
      producer: { service: '', version: '', gitSha: '', kernelHash: '' },
      config: { policyHash: '', limitsVersion: '' },
      clock,
      events: events.map((event, index) => ({ id: `${commitId}:${index}`, version: 1, event })),
    },
  };
}

function project(...events: readonly DomainEvent[]): ReadonlyMap<ReadTableName, readonly Row[]> {
  const projector = new Projector(new ProjectionMemory());
  const collected = new CollectedRows();
  events.forEach((event, index) => projector.apply(commitOf(index + 1, ORDER, event), collected));
  return collected.rows;
}

function orderAfter(...events: readonly DomainEvent[]): Row {
  return required(
    project(...events)
      .get('orders')
      ?.at(-1),
    'the order',
  );
}

describe('the order read model', () => {
  it.each<[string, readonly DomainEvent[], Row]>([
    ['intended', [intended], { status: 'INTENDED', filled: '0', venue_order_id: null }],
    ['acknowledged', [intended, acknowledged], { status: 'ACKNOWLEDGED', venue_order_id: 'v-1' }],
    [
      'partly filled',
      [intended, acknowledged, filled('1', '2')],
      { status: 'PARTIALLY_FILLED', filled: '1', notional: '100.5' },
    ],
    [
      'filled',
      [intended, filled('1', '2'), filled('2', '0')],
      { status: 'FILLED', filled: '3', notional: '301.5' },
    ],
    [
      'cancelled',
      [intended, filled('1', '2'), closed('OrderCancelled')],
      { status: 'CANCELLED', filled: '1', reasons: ['WHY'] },
    ],
    [
      'filled late, after it was given up',
      [intended, closed('OrderExpired'), filled('1', '2', true)],
      { status: 'EXPIRED', filled: '1', late_fills: 1 },
    ],
    ['unknown', [intended, unresolved], { status: 'UNRESOLVED' }],
    ['known again', [intended, unresolved, acknowledged], { status: 'ACKNOWLEDGED' }],
    [
      'acknowledged after its fill',
      [intended, filled('3', '0'), acknowledged],
      { status: 'FILLED', venue_order_id: 'v-1' },
    ],
  ])('shows an order that is %s', (_name, events, expected) => {
    expect(orderAfter(...events)).toMatchObject({ ...expected, intended_seq: 1, changed_seq: events.length });
  });

  it('records steps, fills and incidents, and an order nobody intended as an incident', () => {
    const tables = project(intended, unresolved, filled('3', '0'));
    expect(tables.get('order_events')?.map((row) => row['type'])).toEqual([
      'OrderIntended',
      'OrderUnresolved',
      'OrderFilled',
    ]);
    expect(tables.get('fills')).toHaveLength(1);
    expect(tables.get('incidents')?.map((row) => row['type'])).toEqual(['OrderUnresolved']);
    const stray = project(acknowledged);
    expect(stray.get('orders')).toBeUndefined();
    expect(stray.get('incidents')).toMatchObject([
      { type: 'OrderWithoutIntent', subject: ID, reasons: ['OrderAcknowledged'] },
    ]);
  });
});

describe('a fill that the venue took back', () => {
  const busted: DomainEvent = {
    type: 'FillBusted',
    payload: {
      clientOrderId: ID,
      book: 'alpha',
      instrument: INSTRUMENT,
      fillId: 'f-1',
      quantity: '2',
      price: '100.5',
      fee: { currency: 'USD', amount: '-0.1' },
      reason: 'ERRONEOUS',
      at: AT,
    },
  };

  it('is not counted on its order any more, and is an incident', () => {
    expect(orderAfter(intended, filled('2', '1'), busted)).toMatchObject({ filled: '0', notional: '0' });
    const incidents = project(intended, filled('2', '1'), busted).get('incidents');
    expect(incidents).toMatchObject([{ type: 'FillBusted', severity: 'act', subject: ID }]);
  });

  it('says so on its own row, whether or not that is already written', () => {
    const batch = new RowBatch();
    const projector = new Projector(new ProjectionMemory());
    [intended, filled('2', '1'), busted].forEach((event, index) =>
      projector.apply(commitOf(index + 1, ORDER, event), batch),
    );
    const fills = [...batch.tables()].find(({ table }) => table.name === 'fills');
    expect(fills?.patches).toEqual([
      { epoch: '1', client_order_id: ID, fill_id: 'f-1', busted_at: AT, bust_reason: 'ERRONEOUS' },
    ]);
  });
});

describe('an order that was changed', () => {
  it('shows the terms that the venue confirmed, and none that were only wanted', () => {
    const at = { clientOrderId: ID, book: 'alpha', instrument: INSTRUMENT, at: AT };
    const wanted: DomainEvent = {
      type: 'AmendIntended',
      payload: { ...at, quantity: '5', limitPrice: '102', checks: [] },
    };
    const amended: DomainEvent = {
      type: 'OrderAmended',
      payload: { ...at, quantity: '5', limitPrice: '102', remaining: '4' },
    };
    expect(orderAfter(intended, acknowledged, wanted)).toMatchObject({ quantity: '3', limit_price: '101' });
    expect(orderAfter(intended, acknowledged, wanted, amended)).toMatchObject({
      quantity: '5',
      limit_price: '102',
      remaining: '4',
    });
  });
});

describe('the projector', () => {
  it('names the commit whose event makes no sense', () => {
    const projector = new Projector(new ProjectionMemory());
    projector.apply(commitOf(1, ORDER, intended), new RowBatch());
    expect(() => projector.apply(commitOf(7, ORDER, filled('all of it', '0')), new RowBatch())).toThrow(
      expect.objectContaining({ code: 'LEDGER.UNPROJECTABLE', seq: 7 }) as Error,
    );
  });

  it('refuses to book on instruments a book has no terms of', () => {
    const memory = new ProjectionMemory();
    const other = specificationOf('ETH-PERPETUAL@deribit');
    memory.keepTerms('1', 'alpha', other.ok ? [JSON.stringify(other.value)] : []);
    const book: AggregateRef = { context: 'risk', type: 'book', id: 'alpha' };
    const adopted: DomainEvent = {
      type: 'PositionAdopted',
      payload: {
        book: 'alpha',
        instrument: INSTRUMENT,
        quantity: '1',
        price: '1',
        at: AT,
        cash: { currency: 'USD', amount: '1' },
        positionAfter: '1',
        index: 0,
      },
    };
    expect(() => new Projector(memory).apply(commitOf(3, book, adopted), new RowBatch())).toThrow(
      /no terms of BTC-PERPETUAL/,
    );
  });
});
