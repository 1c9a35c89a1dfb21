import { JOURNAL_GAP } from '@evenkeel/execution';
import type { OrderLimits, VenueReport } from '@evenkeel/facts';
import { NANOS_PER_MINUTE, NANOS_PER_SECOND, formatInstant } from '@evenkeel/kernel';
import { BOOK, OrderFlow, PERP, START, decisionOf, specOf } from '../test/order-flow';
import { createSimulatedVenue } from './simulated-venue';

const LIMITS: OrderLimits = {
  maxOrderQuantity: [],
  maxGrossNotionalUsd: '100000000',
  priceCollarBps: '50',
  maxOrdersPerMinute: 1000,
  reconciliation: { atStart: true, interval: 'PT1M', positionTolerance: '0.01', balanceTolerance: '0' },
};
const at = (seconds: number): bigint => START + BigInt(seconds) * NANOS_PER_SECOND;

function flowOf(limits: Partial<OrderLimits> = {}): OrderFlow {
  const venue = createSimulatedVenue({ seed: 's', specifications: [specOf(PERP)] });
  const flow = new OrderFlow(venue, { ...LIMITS, ...limits });
  flow.market('90000', at(1));
  return flow;
}

/** The market goes on: a quote every ten seconds until then. */
function carryOn(flow: OrderFlow, until: number, price = '90000'): void {
  for (let second = 10; second < until; second += 10)
    if (at(second) > flow.now) flow.market(price, at(second));
  flow.advanceTo(at(until));
}

function resume(flow: OrderFlow, acceptsDifferences: boolean): void {
  const now = formatInstant(flow.now);
  flow.fold({
    aggregate: { context: 'execution', type: 'venue-account', id: `binance/${BOOK}` },
    book: BOOK,
    eventTime: now,
    actor: { kind: 'human', id: 'ann' },
    events: [
      {
        type: 'VenueResumed',
        payload: { book: BOOK, venue: 'binance', by: 'ann', reason: 'seen', at: now, acceptsDifferences },
      },
    ],
  });
}

const lastOf = (flow: OrderFlow, type: string): Record<string, unknown> => ({
  ...flow.events.filter((event) => event.type === type).at(-1)?.payload,
});

describe('reconciliation with the exchange', () => {
  it('asks at the start, refuses orders until it is answered, and again on the timer', () => {
    const flow = flowOf();
    flow.decide(decisionOf('d0', at(1), '1', '90000'));
    expect(lastOf(flow, 'OrderRefused')['reasons']).toEqual(['VENUE_HALTED']);
    flow.advanceTo(at(2));
    expect(flow.types()).toEqual(['OrderRefused', 'ReconciliationRequested', 'VenueReconciled']);
    flow.decide(decisionOf('d1', at(2), '1', '90000'));
    carryOn(flow, 125);
    expect(flow.types().slice(3)).toEqual([
      'OrderIntended',
      'OrderAcknowledged',
      'OrderFilled',
      'ReconciliationRequested',
      'VenueReconciled',
      'ReconciliationRequested',
      'VenueReconciled',
    ]);
    expect(lastOf(flow, 'VenueReconciled')).toMatchObject({ positions: 1, openOrders: 0 });
    expect(lastOf(flow, 'ReconciliationRequested')).toMatchObject({ trigger: 'interval', attempt: 1 });
  });

  it('never asks by itself where the limits do not say so', () => {
    const venue = createSimulatedVenue({ seed: 's', specifications: [specOf(PERP)] });
    const { reconciliation: _left, ...silent } = LIMITS;
    const flow = new OrderFlow(venue, silent);
    flow.market('90000', at(1));
    expect(flow.core.nextWake(flow.state)).toBeUndefined();
    flow.advanceTo(START + 60n * NANOS_PER_MINUTE);
    expect(flow.types()).toEqual([]);
  });

  it('asks after a gap of the journal whatever the limits say, and sends nothing before an answer without differences', () => {
    const venue = createSimulatedVenue({ seed: 's', specifications: [specOf(PERP)] });
    const { reconciliation: _left, ...silent } = LIMITS;
    const flow = new OrderFlow(venue, silent);
    flow.market('90000', at(1));
    flow.venue.adjust({ book: BOOK, venue: 'binance', instrument: PERP, quantity: '3' });
    flow.fold({
      aggregate: { context: 'execution', type: 'venue-account', id: `binance/${BOOK}` },
      book: BOOK,
      eventTime: formatInstant(flow.now),
      actor: { kind: 'system', id: 'execution' },
      events: [
        {
          type: 'VenueHalted',
          payload: { book: BOOK, venue: 'binance', reason: JOURNAL_GAP, at: formatInstant(flow.now) },
        },
      ],
    });
    carryOn(flow, 15);
    expect(lastOf(flow, 'ReconciliationRequested')).toMatchObject({ trigger: 'gap' });
    expect(lastOf(flow, 'ReconciliationDiffered')).toMatchObject({ tolerable: false });
    resume(flow, false);
    flow.decide(decisionOf('d1', flow.now, '1', '90000'));
    expect(lastOf(flow, 'OrderRefused')['reasons']).toEqual(['VENUE_HALTED']);
    flow.venue.adjust({ book: BOOK, venue: 'binance', instrument: PERP, quantity: '-3' });
    carryOn(flow, 40);
    resume(flow, false);
    carryOn(flow, 60);
    expect(flow.types()).toContain('VenueReconciled');
    flow.decide(decisionOf('d2', flow.now, '1', '90000'));
    expect(flow.types().at(-1)).toBe('OrderIntended');
    const asked = flow.types().filter((type) => type === 'ReconciliationRequested').length;
    carryOn(flow, 300);
    expect(flow.types().filter((type) => type === 'ReconciliationRequested')).toHaveLength(asked);
  });

  it('takes a difference up to the tolerance down, and goes on', () => {
    const flow = flowOf();
    flow.advanceTo(at(2));
    flow.venue.adjust({ book: BOOK, venue: 'binance', instrument: PERP, quantity: '0.01' });
    carryOn(flow, 65);
    expect(flow.types().slice(2)).toEqual(['ReconciliationRequested', 'ReconciliationDiffered']);
    expect(lastOf(flow, 'ReconciliationDiffered')).toMatchObject({ tolerable: true });
  });

  it('halts the venue one lot beyond, corrects nothing, and trades again when a person says so', () => {
    const flow = flowOf();
    flow.advanceTo(at(2));
    flow.venue.adjust({ book: BOOK, venue: 'binance', instrument: PERP, quantity: '0.011' });
    carryOn(flow, 65);
    expect(flow.types().slice(2)).toEqual([
      'ReconciliationRequested',
      'ReconciliationDiffered',
      'VenueHalted',
    ]);
    expect(lastOf(flow, 'ReconciliationDiffered')['differences']).toEqual([
      { kind: 'position', name: PERP, ours: '0', theirs: '0.011', tolerance: '0.01', tolerable: false },
    ]);
    expect(flow.state.books.get(BOOK)?.positions.size).toBe(0);
    flow.decide(decisionOf('d1', at(65), '1', '90000'));
    expect(lastOf(flow, 'OrderRefused')['reasons']).toEqual(['VENUE_HALTED']);
    resume(flow, false);
    carryOn(flow, 130);
    expect(flow.types().at(-1)).toBe('VenueHalted');
    resume(flow, true);
    flow.decide(decisionOf('d2', at(130), '1', '90000'));
    carryOn(flow, 250);
    expect(flow.types()).toContain('OrderFilled');
    expect(flow.types().at(-1)).toBe('VenueReconciled');
    flow.venue.adjust({ book: BOOK, venue: 'binance', instrument: PERP, quantity: '0.011' });
    carryOn(flow, 320);
    expect(flow.types().at(-1)).toBe('VenueHalted');
  });

  it('names an order that the venue filled beyond its size, and stops until a person has seen it', () => {
    const flow = flowOf();
    flow.advanceTo(at(2));
    flow.decide(decisionOf('d1', at(2), '1', '90000'));
    carryOn(flow, 10);
    const { clientOrderId, fee } = lastOf(flow, 'OrderFilled');
    const report = {
      kind: 'filled',
      clientOrderId,
      fillId: 'one-more',
      quantity: '0.5',
      price: '90000',
      fee: { ...(fee as object), amount: '0' }, // an amount of money
      liquidity: 'taker',
    };
    flow.venue.adjust({ book: BOOK, venue: 'binance', instrument: PERP, quantity: '0.5' });
    flow.feed({ kind: 'venue', id: 'r', at: formatInstant(flow.now), report: report as VenueReport }); // as written above
    expect(lastOf(flow, 'OrderFilled')).toMatchObject({ quantity: '0.5', remaining: '0', excess: '0.5' });
    expect(flow.state.books.get(BOOK)?.positions.get(PERP)?.toString()).toBe('1.5');
    carryOn(flow, 65);
    expect(lastOf(flow, 'ReconciliationDiffered')['differences']).toEqual([
      {
        kind: 'excess-fill',
        name: clientOrderId,
        ours: '1',
        theirs: '1.5',
        tolerance: '0',
        tolerable: false,
      },
    ]);
    expect(flow.types().at(-1)).toBe('VenueHalted');
    resume(flow, true);
    carryOn(flow, 130);
    expect(flow.types().at(-1)).toBe('VenueReconciled');
  });

  it('sees orders on their way as a range, and agrees with a fill that was not told yet', () => {
    const venue = createSimulatedVenue({ seed: 's', specifications: [specOf(PERP)], quirks: { silent: 1 } });
    const flow = new OrderFlow(venue, {
      ...LIMITS,
      reconciliation: { atStart: true, interval: 'PT1S', positionTolerance: '0', balanceTolerance: '0' },
    });
    flow.market('90000', at(1));
    flow.advanceTo(at(2));
    flow.decide(decisionOf('d1', at(2), '1', '90000'));
    carryOn(flow, 30);
    expect(flow.types()).toContain('OrderUnresolved');
    expect(flow.types()).toContain('OrderFilled');
    expect(flow.types().filter((type) => type === 'ReconciliationDiffered')).toEqual([]);
    expect(flow.types().filter((type) => type === 'VenueReconciled').length).toBeGreaterThan(2);
  });

  it('agrees on balances through fills, amendments and busts', () => {
    const flow = flowOf();
    flow.advanceTo(at(2));
    flow.decide(decisionOf('d1', at(2), '1', '90000'));
    carryOn(flow, 10);
    const { clientOrderId, fillId } = lastOf(flow, 'OrderFilled');
    flow.market('90100', at(20));
    flow.decide(decisionOf('d2', at(20), '-2', '90100'));
    carryOn(flow, 80);
    flow.venue.bust(String(clientOrderId), String(fillId), flow.now, 'ERROR_TRADE');
    carryOn(flow, 200);
    expect(flow.types()).toContain('FillBusted');
    expect(flow.types().filter((type) => type === 'ReconciliationDiffered')).toEqual([]);
    expect(flow.state.books.get(BOOK)?.positions.get(PERP)?.toString()).toBe('-2');
  });

  it('halts on an open order at the venue that is not ours', () => {
    const flow = flowOf();
    flow.advanceTo(at(2));
    const foreign = { clientOrderId: 'foreign', instrument: PERP, remaining: '1' };
    const report: VenueReport = {
      kind: 'account',
      venue: 'binance',
      book: BOOK,
      requestId: '',
      positions: [],
      openOrders: [foreign],
      balances: [],
      complete: true,
    };
    flow.feed({
      kind: 'venue',
      id: 'unasked',
      at: formatInstant(flow.now),
      report: { ...report, complete: false },
    });
    expect(flow.types().at(-1)).toBe('VenueReconciled');
    flow.feed({ kind: 'venue', id: 'unasked', at: formatInstant(flow.now), report });
    expect(flow.types().slice(-2)).toEqual(['ReconciliationDiffered', 'VenueHalted']);
    const said = flow.types().length;
    flow.feed({ kind: 'venue', id: 'unasked', at: formatInstant(flow.now), report });
    expect(flow.types()).toHaveLength(said);
  });

  it('asks a venue that does not answer six times, and then halts it', () => {
    const flow = flowOf({ reconciliation: { ...LIMITS.reconciliation!, interval: '' } });
    flow.venue = { ...flow.venue, perform: () => undefined };
    carryOn(flow, 120);
    expect(flow.types().filter((type) => type === 'ReconciliationRequested')).toHaveLength(6);
    expect(lastOf(flow, 'VenueHalted')['reason']).toBe('RECONCILIATION_UNANSWERED');
  });
});
