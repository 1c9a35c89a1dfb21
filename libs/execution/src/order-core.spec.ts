import type { DomainEvent, OrderLimits, TradeChosen } from '@evenkeel/facts';
import { BOOK, Desk, PERP, T0, at } from '../test/desk';
import { nextTimeout, openIntents, openOrdersUnder, recoveryActions } from './open-orders';
import { clientOrderIdOf } from './order-placement';

const FIRST = clientOrderIdOf('d1', 0);
const RESTS = { urgency: 'passive', limitPrice: '89990' } as const;

describe('a decision becomes orders', () => {
  it('sends each trade only after its intent, under an id made of decision and place', () => {
    const desk = new Desk();
    desk.decide('d1', 1, { quantity: '1' }, { quantity: '-2' });
    expect(desk.types()).toEqual(['OrderIntended', 'OrderIntended']);
    expect(
      desk.effects.map(
        (effect) =>
          effect.kind === 'submit' && [effect.order.clientOrderId, effect.order.side, effect.order.quantity],
      ),
    ).toEqual([
      [FIRST, 'buy', '1'],
      [clientOrderIdOf('d1', 1), 'sell', '2'],
    ]);
    expect(desk.events[0]?.payload).toMatchObject({
      limitPrice: '90450',
      timeInForce: 'IOC',
      timeoutAt: at(6),
    });
    expect(desk.events[1]?.payload).toMatchObject({ limitPrice: '89550' });
  });

  it('does not place the same decision twice', () => {
    const desk = new Desk();
    desk.decide('d1', 1, {});
    desk.decide('d1', 1, {});
    expect(desk.types()).toEqual(['OrderIntended']);
    expect(desk.effects).toHaveLength(1);
  });

  it('rests passive trades at their own price, post-only, on the tick', () => {
    const desk = new Desk();
    desk.decide('d1', 1, { urgency: 'passive', limitPrice: '89990.07' });
    expect(desk.last()).toMatchObject({ limitPrice: '89990', timeInForce: 'POST_ONLY' });
  });
});

describe('the life of an order', () => {
  const sent = (trade: Partial<TradeChosen> = {}): Desk => {
    const desk = new Desk();
    desk.decide('d1', 1, { quantity: '2', ...trade });
    return desk;
  };

  it('is acknowledged, filled in parts, and done', () => {
    const desk = sent({ quantity: '-2' });
    desk.report({ kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' }, 1.25);
    desk.fill(FIRST, 'f1', '0.5', 1.25);
    expect(desk.last()).toMatchObject({ quantity: '-0.5', remaining: '1.5', late: false });
    desk.fill(FIRST, 'f1', '0.5', 1.3);
    desk.fill(FIRST, 'f2', '1.5', 1.4);
    expect(desk.types()).toEqual(['OrderIntended', 'OrderAcknowledged', 'OrderFilled', 'OrderFilled']);
    expect(openIntents(desk.state)).toEqual([]);
    expect(desk.state.books.get(BOOK)?.positions.get(PERP)?.toString()).toBe('-2');
  });

  it.each([
    [{ kind: 'rejected', clientOrderId: FIRST, reason: 'NO' } as const, 'OrderRejected', 'NO'],
    [
      { kind: 'cancelled', clientOrderId: FIRST, reason: 'IOC_REMAINDER' } as const,
      'OrderCancelled',
      'IOC_REMAINDER',
    ],
    [{ kind: 'expired', clientOrderId: FIRST } as const, 'OrderExpired', 'EXPIRED'],
  ])('ends by %j', (report, type, reason) => {
    const desk = sent();
    desk.fill(FIRST, 'f1', '0.5', 1.2);
    desk.report(report, 1.25);
    expect(desk.types().at(-1)).toBe(type);
    expect(desk.last()).toMatchObject({ unfilled: '1.5', reason });
    desk.report(report, 1.3);
    expect(desk.types()).toHaveLength(3);
    expect(nextTimeout(desk.state)).toBeUndefined();
  });

  it('asks when the venue is silent, waits twice as long each time, and gives up on the record', () => {
    const desk = sent();
    const waits: number[] = [];
    for (let timeout = nextTimeout(desk.state); timeout !== undefined; timeout = nextTimeout(desk.state)) {
      const seconds = Number(timeout - T0) / 1e9;
      waits.push(seconds);
      desk.wake(seconds);
    }
    expect(waits).toEqual([6, 11, 21, 41, 81, 161, 321]);
    expect(desk.effects.filter(({ kind }) => kind === 'query')).toHaveLength(6);
    expect(desk.types().at(-1)).toBe('OrderExpired');
    expect(desk.last()).toMatchObject({ reason: 'OUTCOME_UNKNOWN', unfilled: '2' });
  });

  describe('that was given up without an answer', () => {
    const givenUp = (trade: Partial<TradeChosen> = {}, limits: Partial<OrderLimits> = {}): Desk => {
      const desk = new Desk(limits);
      desk.decide('d1', 1, { quantity: '2', ...trade });
      for (const seconds of [6, 11, 21, 41, 81, 161, 321]) desk.wake(seconds);
      return desk;
    };

    it('is still reached by a latch, asked for after a login and counted on the worse side', () => {
      const desk = givenUp({}, { maxPosition: [{ instrument: PERP, maxQuantity: '3' }] });
      expect([...desk.state.open.keys()]).toEqual([]);
      for (const scope of ['firm', `book:${BOOK}`, 'venue:binance', `instrument:${PERP}`])
        expect(openOrdersUnder(desk.state, scope).map(({ clientOrderId }) => clientOrderId)).toEqual([FIRST]);
      expect(openIntents(desk.state).map(({ clientOrderId }) => clientOrderId)).toEqual([FIRST]);
      expect(recoveryActions(desk.state)).toMatchObject([{ kind: 'query', clientOrderId: FIRST }]);
      desk.mark('90000', 330);
      desk.decide('d2', 331, { quantity: '1.5' });
      expect(desk.last()).toMatchObject({ reasons: ['POSITION_AFTER'] });
    });

    it('is asked for again while the market goes on, and not on a tape that is over', () => {
      const desk = givenUp();
      expect(nextTimeout(desk.state)).toBeUndefined();
      desk.mark('90000', 400);
      expect(Number((nextTimeout(desk.state) ?? 0n) - T0) / 1e9).toBe(621);
      desk.wake(621);
      expect(desk.types().at(-1)).toBe('OrderUnresolved');
      expect(desk.effects.at(-1)).toMatchObject({ kind: 'query', clientOrderId: FIRST });
      expect(nextTimeout(desk.state)).toBeUndefined();
      expect(desk.state.unknown.has(FIRST)).toBe(true);
    });

    it('is taken back under a latch', () => {
      const desk = givenUp();
      desk.commit(
        [{ type: 'KillEngaged', payload: { scope: 'firm', by: 'ann', reason: 'r', at: at(330) } }],
        330,
      );
      expect(desk.types().at(-1)).toBe('CancelIntended');
      expect(desk.effects.at(-1)).toMatchObject({ kind: 'cancel', clientOrderId: FIRST });
    });

    it('is taken back when the venue turns out to have it, and is over when the venue says so', () => {
      const desk = givenUp(RESTS);
      desk.report({ kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' }, 400);
      expect(desk.types().slice(-2)).toEqual(['OrderAcknowledged', 'CancelIntended']);
      expect(desk.effects.at(-1)).toMatchObject({ kind: 'cancel', reason: 'WITHDRAWN' });
      expect(desk.state.unknown.size).toBe(0);
      desk.report({ kind: 'cancelled', clientOrderId: FIRST, reason: 'REQUESTED' }, 401);
      expect(openOrdersUnder(desk.state, 'firm')).toEqual([]);
    });

    it('ends as never arrived, or with its late fill, whichever the venue says', () => {
      const denied = givenUp();
      denied.report({ kind: 'not-found', clientOrderId: FIRST }, 400);
      expect(denied.last()).toMatchObject({ reason: 'NEVER_ARRIVED' });
      expect(openOrdersUnder(denied.state, 'firm')).toEqual([]);
      const filled = givenUp();
      filled.fill(FIRST, 'f1', '2', 400);
      expect(filled.last()).toMatchObject({ late: true, remaining: '0' });
      expect(filled.state.unknown.size).toBe(0);
    });
  });

  it('is taken back where it rests at a venue that is halted', () => {
    const desk = sent(RESTS);
    desk.report({ kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' }, 1.25);
    const payload = { book: BOOK, venue: 'binance', reason: 'FOREIGN_ORDER', at: at(2) };
    desk.fold({ type: 'VenueHalted', payload });
    desk.wake(2.1);
    expect(desk.last()).toMatchObject({ clientOrderId: FIRST, reason: 'VENUE_HALTED', attempt: 1 });
    desk.wake(2.2);
    expect(desk.effects.filter(({ kind }) => kind === 'cancel')).toHaveLength(1);
  });

  it('is taken back when it arrives after the venue had not known it', () => {
    const desk = sent(RESTS);
    desk.report({ kind: 'not-found', clientOrderId: FIRST }, 2);
    expect(openOrdersUnder(desk.state, 'firm')).toEqual([]);
    desk.report({ kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' }, 3);
    expect(desk.types().slice(-2)).toEqual(['OrderAcknowledged', 'CancelIntended']);
    expect(openOrdersUnder(desk.state, 'firm')).toHaveLength(1);
  });

  it('is rejected when the venue has never heard of it', () => {
    const desk = sent();
    desk.wake(6);
    desk.report({ kind: 'not-found', clientOrderId: FIRST }, 6.25);
    expect(desk.last()).toMatchObject({ reason: 'NEVER_ARRIVED', unfilled: '2' });
  });

  it('is told apart when the venue forgets what it had confirmed', () => {
    const desk = sent();
    desk.report({ kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' }, 1.25);
    desk.wake(6.25);
    desk.report({ kind: 'not-found', clientOrderId: FIRST }, 6.5);
    expect(desk.types().at(-1)).toBe('OrderCancelled');
    expect(desk.last()).toMatchObject({ reason: 'UNKNOWN_TO_VENUE' });
  });

  it('asks at once when the call failed with the outcome open', () => {
    const desk = sent();
    desk.report({ kind: 'no-answer', clientOrderId: FIRST, reason: 'timeout' }, 2);
    expect(desk.types().at(-1)).toBe('OrderUnresolved');
    expect(desk.effects.at(-1)?.kind).toBe('query');
  });

  it('takes a late fill in and says that it is late', () => {
    const desk = sent();
    desk.report({ kind: 'not-found', clientOrderId: FIRST }, 2);
    desk.fill(FIRST, 'f1', '2', 3);
    expect(desk.last()).toMatchObject({ late: true, quantity: '2', remaining: '0' });
    expect(desk.state.books.get(BOOK)?.positions.get(PERP)?.toString()).toBe('2');
  });

  it('stops the line when an exchange of ours reports on an order that was never sent', () => {
    const desk = sent();
    expect(() => desk.fill('stranger', 'f1', '1', 2)).toThrow(/never sent/);
  });

  it('of somebody else on the account halts that account with the trade on record, and asks what the venue holds', () => {
    const desk = sent();
    desk.foreignFill('by-hand', 'T-17', '1', 2);
    const [differed, halted, asked] = desk.events.slice(-3);
    expect(differed).toMatchObject({
      type: 'ReconciliationDiffered',
      payload: {
        differences: [
          {
            kind: 'foreign-order',
            name: 'by-hand',
            theirs: 'filled 1 at 90000, trade T-17',
            tolerable: false,
          },
        ],
      },
    });
    expect(halted).toMatchObject({
      type: 'VenueHalted',
      payload: { reason: 'FOREIGN_ORDER', venue: 'binance' },
    });
    expect(asked).toMatchObject({ type: 'ReconciliationRequested', payload: { trigger: 'foreign-order' } });
    expect(desk.effects.at(-1)).toMatchObject({ kind: 'reconcile', venue: 'binance', book: BOOK });
    const said = desk.events.length;
    desk.foreignFill('by-hand', 'T-17', '1', 2);
    expect(desk.events).toHaveLength(said);
    desk.foreignFill('by-hand', 'T-18', '1', 3);
    expect(desk.events.slice(said).map(({ type }) => type)).toEqual(['ReconciliationDiffered']);
    desk.fill(FIRST, 'f1', '2', 4);
    expect(desk.state.books.get(BOOK)?.positions.get(PERP)?.toString()).toBe('2');
  });

  it('after a crash is asked for, and sent only if the venue does not know it', () => {
    const desk = sent();
    expect(recoveryActions(desk.state)).toMatchObject([
      { kind: 'submit-unless-known', order: { clientOrderId: FIRST }, at: T0 + 1_000_000_000n },
    ]);
    desk.wake(6);
    expect(recoveryActions(desk.state)).toMatchObject([
      { kind: 'query', clientOrderId: FIRST, at: T0 + 6_000_000_000n },
    ]);
    desk.report({ kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' }, 6.25);
    expect(recoveryActions(desk.state)).toEqual([]);
  });
});

describe('the kill switch in the core', () => {
  const latch = (scope: string): DomainEvent => ({
    type: 'KillEngaged',
    payload: { scope, by: 'Ada', reason: 'test', at: at(1) },
  });

  it.each(['firm', `book:${BOOK}`, 'venue:binance', `instrument:${PERP}`])(
    'refuses new orders under %s until it is released',
    (scope) => {
      const desk = new Desk();
      desk.commit([latch(scope)], 1);
      desk.decide('d1', 2, {});
      expect(desk.last()).toMatchObject({ reasons: ['KILL_ENGAGED'] });
      desk.commit([{ type: 'KillReleased', payload: { scope, by: 'Ada', reason: 'over', at: at(3) } }], 3);
      desk.decide('d2', 4, {});
      expect(desk.types().at(-1)).toBe('OrderIntended');
    },
  );

  it('leaves what it does not cover alone', () => {
    const desk = new Desk();
    for (const scope of ['book:other', 'venue:deribit', 'instrument:BTCUSDT@binance'])
      desk.commit([latch(scope)], 1);
    desk.decide('d1', 2, {});
    expect(desk.types()).toEqual(['OrderIntended']);
  });

  it('takes open orders back, whichever way the latch arrives', () => {
    const desk = new Desk();
    desk.decide('d1', 1, { urgency: 'passive', limitPrice: '89990' });
    desk.report({ kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' }, 1.25);
    expect(openOrdersUnder(desk.state, 'venue:binance')).toHaveLength(1);
    desk.fold(latch('firm'));
    const soon = nextTimeout(desk.state) ?? 0n;
    expect(soon - T0).toBeLessThan(1_300_000_000n);
    desk.wake(Number(soon - T0) / 1e9);
    expect(desk.effects.at(-1)).toMatchObject({
      kind: 'cancel',
      clientOrderId: FIRST,
      reason: 'KILL_ENGAGED',
    });
    expect((nextTimeout(desk.state) ?? 0n) - soon).toBe(5_000_000_000n);
    desk.report({ kind: 'cancelled', clientOrderId: FIRST, reason: 'REQUESTED' }, 1.6);
    expect(desk.types().at(-1)).toBe('OrderCancelled');
  });

  it('asks again for a cancel that was lost on its way', () => {
    const desk = new Desk();
    desk.decide('d1', 1, { urgency: 'passive', limitPrice: '89990' });
    desk.report({ kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' }, 1.25);
    desk.commit([latch('firm')], 2);
    desk.wake(7);
    expect(desk.types().at(-1)).toBe('OrderUnresolved');
    desk.report({ kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' }, 7.25);
    desk.wake(8);
    expect(desk.effects.map(({ kind }) => kind)).toEqual(['submit', 'cancel', 'query', 'cancel']);
  });
});
