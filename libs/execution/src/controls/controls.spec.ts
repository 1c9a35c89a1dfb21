import type { ControlOverridden, DomainEvent } from '@evenkeel/facts';
import { BOOK, Desk, PERP, at, snapshotOf } from '../../test/desk';
import { amendOrder, clientOrderIdOf } from '../order-placement';
import { Decimal } from '@evenkeel/kernel';

function granted(over: Partial<ControlOverridden> = {}): DomainEvent {
  const payload = {
    overrideId: 'grant',
    book: BOOK,
    control: 'order-quantity',
    instrument: '',
    upTo: '7',
    by: 'ann',
    reason: 'expiry',
    at: at(1),
    expiresAt: at(60),
    ...over,
  };
  return { type: 'ControlOverridden', payload };
}

const refusal = (desk: Desk): unknown =>
  desk.types().at(-1) === 'OrderRefused' ? desk.last()['reasons'] : desk.types().at(-1);

describe('an override of a soft limit', () => {
  it('lets an order pass up to its own limit, names itself on the record, and leaves the check failed', () => {
    const desk = new Desk({ maxGrossNotionalUsd: '10000000' });
    desk.fold(granted());
    desk.decide('d1', 2, { quantity: '7' });
    expect(refusal(desk)).toBe('OrderIntended');
    expect(desk.last()['checks']).toContainEqual({
      name: 'order-quantity',
      limit: '5',
      observed: '7',
      passed: false,
      overriddenBy: 'grant',
    });
    desk.decide('d2', 3, { quantity: '7.001' });
    expect(refusal(desk)).toEqual(['ORDER_QUANTITY']);
  });

  it('holds to the instant before its expiry, and its end is said once', () => {
    const desk = new Desk({ maxGrossNotionalUsd: '10000000' });
    desk.fold(granted());
    desk.decide('d1', 59.999, { quantity: '6' });
    expect(refusal(desk)).toBe('OrderIntended');
    desk.decide('d2', 60, { quantity: '6.5' });
    expect(refusal(desk)).toEqual(['ORDER_QUANTITY']);
    const quiet = new Desk();
    quiet.fold(granted());
    expect(quiet.core.nextWake(quiet.state)).toBeDefined();
    quiet.wake(60);
    expect(quiet.types()).toEqual(['OverrideExpired']);
    quiet.wake(61);
    expect(quiet.types()).toHaveLength(1);
  });

  it.each([
    ['another instrument', granted({ instrument: 'ETHUSDT-PERP@binance' })],
    ['another control', granted({ control: 'order-notional' })],
  ])('of %s changes nothing', (_name, event) => {
    const desk = new Desk();
    desk.fold(event);
    desk.decide('d1', 2, { quantity: '6' });
    expect(refusal(desk)).toEqual(['ORDER_QUANTITY']);
  });

  it('is of no use against a hard limit, and ends when it is revoked', () => {
    const desk = new Desk();
    desk.fold(granted({ control: 'price-reference', upTo: '' }));
    desk.decide('d1', 2, { referencePrice: '91000' });
    expect(refusal(desk)).toEqual(['PRICE_REFERENCE']);
    desk.fold(granted());
    const payload = {
      overrideId: 'grant',
      book: BOOK,
      control: 'order-quantity',
      by: 'bob',
      reason: 'r',
      at: at(3),
    };
    desk.fold({ type: 'OverrideRevoked', payload });
    desk.decide('d2', 4, { quantity: '6' });
    expect(refusal(desk)).toEqual(['ORDER_QUANTITY']);
  });
});

describe('the repeated-execution throttle', () => {
  it('trips once on record, stays shut when the window is over, and opens only for a person', () => {
    const desk = new Desk({ maxOrdersPerMinute: 100, maxRepeatedExecutions: 2, throttleWindow: 'PT1M' });
    for (const [index, seconds] of [1, 2, 3, 4].entries())
      desk.decide(`d${index}`, seconds, { quantity: `0.1${index}` });
    expect(desk.types()).toEqual([
      'OrderIntended',
      'OrderIntended',
      'ThrottleTripped',
      'OrderRefused',
      'OrderRefused',
    ]);
    desk.mark('90000', 599);
    desk.decide('later', 600, { quantity: '0.1' });
    expect(refusal(desk)).toEqual(['THROTTLED']);
    const payload = { book: BOOK, instrument: PERP, by: 'ann', reason: 'fixed', at: at(601) };
    desk.fold({ type: 'ThrottleReset', payload });
    desk.decide('after', 602, { quantity: '0.1' });
    expect(refusal(desk)).toBe('OrderIntended');
  });
});

describe('the restricted list', () => {
  it('is what a person last said, over what the limits say', () => {
    const desk = new Desk({ restrictedInstruments: [PERP] });
    const set = (restricted: boolean): DomainEvent => ({
      type: 'RestrictionSet',
      payload: { book: BOOK, instrument: PERP, restricted, by: 'ann', reason: 'r', at: at(1) },
    });
    desk.fold(set(false));
    desk.decide('d1', 2, {});
    expect(refusal(desk)).toBe('OrderIntended');
    desk.fold(set(true));
    desk.decide('d2', 4, {});
    expect(refusal(desk)).toEqual(['RESTRICTED_LIST']);
  });
});

describe('what risk says', () => {
  it('counts fills that its snapshot does not have yet, and those once', () => {
    const desk = new Desk({ maxGreeks: [{ underlying: 'BTC', greek: 'delta', max: '2' }] });
    desk.risk(snapshotOf({ delta: 0 }), 1);
    desk.decide('d1', 2, { quantity: '2' });
    desk.fill(clientOrderIdOf('d1', 0), 'f', '2', 3);
    desk.decide('d2', 4, { quantity: '0.001' });
    expect(refusal(desk)).toEqual(['DELTA_AFTER']);
    const applied = { type: 'FillApplied', payload: { fillId: 'f' } } as unknown as DomainEvent; // execution reads no other field
    desk.risk([applied, snapshotOf({ delta: -1 })], 5);
    desk.decide('d3', 6, { quantity: '3' });
    expect(refusal(desk)).toBe('OrderIntended');
  });

  it('measures the day from the last snapshot of the day before', () => {
    const desk = new Desk({ maxDailyLoss: '100', maxOrdersPerMinute: 100 });
    desk.risk(snapshotOf({ hedged: '-500', at: '2026-01-04T23:00:00Z' }), 1);
    desk.risk(snapshotOf({ hedged: '-600', at: '2026-01-05T01:00:00Z' }), 2);
    desk.decide('d1', 3, {});
    expect(refusal(desk)).toBe('OrderIntended');
    desk.risk(snapshotOf({ hedged: '-600.01', at: '2026-01-05T02:00:00Z' }), 4);
    desk.decide('d2', 5, {});
    expect(refusal(desk)).toEqual(['DAILY_LOSS']);
  });

  it('refuses where a limit is set and nothing is known', () => {
    const desk = new Desk({
      maxGreeks: [{ underlying: 'BTC', greek: 'delta', max: '2' }],
      maxDailyLoss: '1',
    });
    desk.decide('d1', 2, {});
    expect(refusal(desk)).toEqual(['DELTA_AFTER', 'DAILY_LOSS']);
  });
});

describe('an amendment', () => {
  it('goes through the checks, is durable before it leaves, and takes effect when the venue says so', () => {
    const desk = new Desk({ maxOrdersPerMinute: 100 });
    desk.decide('d1', 1, { quantity: '3', urgency: 'passive', limitPrice: '89990' });
    const id = clientOrderIdOf('d1', 0);
    desk.report({ kind: 'acknowledged', clientOrderId: id, venueOrderId: 'v' }, 2);
    const amend = (quantity: string, limitPrice: string) => {
      const order = desk.state.orders.get(id);
      if (order === undefined) throw new Error('it was sent');
      return amendOrder(desk.state, order, { quantity: Decimal.parse(quantity), limitPrice }, at(3));
    };
    expect(amend('4', '89990').commits[0]?.events[0]).toMatchObject({
      type: 'AmendRefused',
      payload: { reasons: ['PARENT_BUDGET'] },
    });
    expect(amend('2', '80000').commits[0]?.events[0]).toMatchObject({
      type: 'AmendRefused',
      payload: { reasons: ['PRICE_COLLAR'] },
    });
    const step = amend('2', '89995');
    expect(step.effects).toEqual([
      expect.objectContaining({ kind: 'amend', clientOrderId: id, quantity: '2', limitPrice: '89995' }),
    ]);
    for (const commit of step.commits) for (const event of commit.events) desk.fold(event, commit);
    expect(amend('1', '89996').commits).toEqual([]);
    desk.report({ kind: 'amended', clientOrderId: id, quantity: '2', limitPrice: '89995' }, 4);
    expect(desk.last()).toMatchObject({ quantity: '2', remaining: '2', limitPrice: '89995' });
    desk.fill(id, 'f', '2', 5);
    expect(desk.state.orders.get(id)?.status).toBe('filled');
  });
});
