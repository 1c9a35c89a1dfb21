import type {
  CommitDraft,
  CoreInput,
  DomainEvent,
  HedgeDecision,
  MarkStatus,
  OrderLimits,
  TradeChosen,
  VenueReport,
} from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { canonicalJson, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { ExecutionState } from './execution-state';
import {
  clientOrderIdOf,
  createOrderCore,
  nextTimeout,
  openIntents,
  openOrdersUnder,
  recoveryActions,
} from './order-core';
import type { VenueEffect } from './order-core';

const PERP = 'BTCUSDT-PERP@binance';
const BOOK = 'desk';
const T0 = parseInstant('2026-01-05T00:00:00Z');
const at = (seconds: number): string => formatInstant(T0 + BigInt(Math.round(seconds * 1000)) * 1_000_000n);

const LIMITS: OrderLimits = {
  maxOrderQuantity: [{ instrument: PERP, maxQuantity: '5' }],
  maxGrossNotionalUsd: '1000000',
  priceCollarBps: '50',
  maxOrdersPerMinute: 3,
};

/** Given, when, then: drives the core as a host would and keeps what came out. */
class Desk {
  readonly core = createOrderCore();
  state: ExecutionState = this.core.initial();
  readonly events: DomainEvent[] = [];
  readonly effects: VenueEffect[] = [];

  constructor(limits: Partial<OrderLimits> = {}) {
    const spec = specificationOf(PERP);
    if (!spec.ok) throw new Error(spec.failure.message);
    this.fold({
      type: 'VenueAccountOpened',
      payload: {
        book: BOOK,
        venue: 'binance',
        at: at(0),
        specifications: [canonicalJson({ ...spec.value } as unknown as Json)], // a spec is plain data
        limits: { ...LIMITS, ...limits },
        limitsVersion: 'v1',
      },
    });
    this.mark('90000', 0);
  }

  mark(price: string, seconds: number, status: MarkStatus = 'OK'): void {
    const eventTime = at(seconds);
    const mark = {
      instrument: PERP,
      kind: 'price',
      price,
      eventTime,
      receivedTime: eventTime,
      source: 's',
      status,
      reasons: [],
    } as const;
    this.feed({
      kind: 'instant',
      instant: { number: 1, eventTime, marks: [mark], fundings: [], deliveries: [], wakes: [] },
    });
  }

  wake(seconds: number): void {
    const instant = {
      number: 1,
      eventTime: at(seconds),
      marks: [],
      fundings: [],
      deliveries: [],
      wakes: ['execution'],
    };
    this.feed({ kind: 'instant', instant });
  }

  decide(decisionId: string, seconds: number, ...trades: Partial<TradeChosen>[]): void {
    const decision: HedgeDecision = {
      decisionId,
      book: BOOK,
      at: at(seconds),
      snapshotId: 's',
      policyKind: 'delta-band',
      policyHash: 'p',
      assessments: [],
      candidates: [],
      trades: trades.map((trade) => ({
        instrument: PERP,
        quantity: '1',
        referencePrice: '90000',
        delta: 1,
        urgency: 'normal',
        ...trade,
      })),
      checks: [],
      reasons: [],
      quietBefore: { evaluations: 0, from: '', to: '', maxBandUse: 0 },
    };
    this.commit([{ type: 'HedgeDecided', payload: decision }], seconds);
  }

  commit(events: DomainEvent[], seconds: number): void {
    const aggregate = { context: 'strategy', type: 'hedge-program', id: BOOK } as const;
    this.feed({
      kind: 'commit',
      commit: { commitId: 'c', aggregate, book: BOOK, eventTime: at(seconds), correlationId: 'why', events },
    });
  }

  report(report: VenueReport, seconds: number): void {
    this.feed({
      kind: 'venue',
      id: `${report.clientOrderId}/${report.kind}/${seconds}`,
      at: at(seconds),
      report,
    });
  }

  fill(clientOrderId: string, fillId: string, quantity: string, seconds: number): void {
    const fee = { currency: 'USDT', amount: '-1' };
    this.report(
      { kind: 'filled', clientOrderId, fillId, quantity, price: '90000', fee, liquidity: 'taker' },
      seconds,
    );
  }

  feed(input: CoreInput): void {
    this.state = this.core.observe(this.state, input);
    for (;;) {
      const step = this.core.decide(this.state, input);
      for (const commit of step.commits) for (const event of commit.events) this.fold(event, commit);
      this.effects.push(...step.effects);
      if (step.commits.length === 0) break;
    }
    expect(this.core.decide(this.state, input).commits).toEqual([]);
  }

  fold(event: DomainEvent, draft?: CommitDraft): void {
    if (draft !== undefined) this.events.push(event);
    const aggregate = draft?.aggregate ?? { context: 'execution', type: 'venue-account', id: 'a' };
    this.state = this.core.evolve(this.state, {
      commitId: 'x',
      aggregate,
      book: BOOK,
      eventTime: draft?.eventTime ?? at(0),
      correlationId: 'why',
      events: [event],
    });
  }

  types(): string[] {
    return this.events.map((event) => event.type);
  }

  last(): Record<string, unknown> {
    return { ...this.events.at(-1)?.payload };
  }
}

const FIRST = clientOrderIdOf('d1', 0);

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

describe('pre-trade checks refuse on the record, and allow the limit itself', () => {
  const refusal = (desk: Desk): unknown =>
    desk.events.at(-1)?.type === 'OrderRefused' ? desk.last()['reasons'] : 'sent';

  it.each([
    ['order quantity', {}, { quantity: '5' }, 'sent'],
    ['order quantity', {}, { quantity: '5.001' }, ['ORDER_QUANTITY']],
    ['gross notional', { maxGrossNotionalUsd: '90000' }, { quantity: '1' }, 'sent'],
    ['gross notional', { maxGrossNotionalUsd: '89999.99' }, { quantity: '1' }, ['GROSS_NOTIONAL']],
    ['lot', {}, { quantity: '1.0005' }, ['LOT_SIZE']],
    ['minimum', {}, { quantity: '0' }, ['BELOW_MINIMUM']],
    [
      'restricted instrument',
      {},
      { instrument: 'ETHUSDT-PERP@binance' },
      ['INSTRUMENT_RESTRICTED', 'PRICE_UNAVAILABLE'],
    ],
    ['reference', {}, { referencePrice: '90450' }, 'sent'],
    ['reference', {}, { referencePrice: '90451' }, ['PRICE_REFERENCE']],
    ['collar', {}, { urgency: 'passive', limitPrice: '89550' }, 'sent'],
    ['collar', {}, { urgency: 'passive', limitPrice: '89549' }, ['PRICE_COLLAR']],
  ])('%s %j %j', (_name, limits: Partial<OrderLimits>, trade: Partial<TradeChosen>, expected) => {
    const desk = new Desk(limits);
    desk.decide('d1', 1, trade);
    expect(refusal(desk)).toEqual(expected);
    expect(desk.effects).toHaveLength(expected === 'sent' ? 1 : 0);
  });

  it('records every check with limit and observed value, passed or not', () => {
    const desk = new Desk();
    desk.decide('d1', 1, { quantity: '6' });
    expect(desk.last()['checks']).toContainEqual({
      name: 'order-quantity',
      limit: '5',
      observed: '6',
      passed: false,
    });
    expect(desk.last()['checks']).toContainEqual({
      name: 'message-rate',
      limit: '3 per minute',
      observed: '1 per minute',
      passed: true,
    });
    expect(desk.last()['checks']).toContainEqual({
      name: 'gross-notional',
      limit: '1000000 USD',
      observed: '540000 USD',
      passed: true,
    });
  });

  it('does not trade on a halted price, and does on a degraded one', () => {
    const desk = new Desk();
    desk.mark('90000', 1, 'HALTED');
    desk.decide('d1', 2, {});
    expect(refusal(desk)).toEqual(['PRICE_UNAVAILABLE']);
    desk.mark('90000', 3, 'DEGRADED');
    desk.decide('d2', 4, {});
    expect(refusal(desk)).toBe('sent');
  });

  it('counts orders of the last minute only', () => {
    const desk = new Desk();
    for (const [index, seconds] of [1, 2, 3].entries())
      desk.decide(`d${index}`, seconds, { quantity: '0.1' });
    desk.decide('fourth', 60, { quantity: '0.1' });
    expect(refusal(desk)).toEqual(['MESSAGE_RATE']);
    desk.decide('fifth', 61, { quantity: '0.1' });
    expect(refusal(desk)).toBe('sent');
  });

  it('counts open orders at their worst side, and lets a reduction through above the limit', () => {
    const desk = new Desk({ maxGrossNotionalUsd: '180000' });
    desk.decide('d1', 1, { quantity: '2' });
    desk.decide('d2', 2, { quantity: '0.001' });
    expect(refusal(desk)).toEqual(['GROSS_NOTIONAL']);
    desk.fill(FIRST, 'f1', '2', 3);
    desk.mark('100000', 70);
    desk.decide('d3', 71, { quantity: '-1', referencePrice: '100000' });
    expect(refusal(desk)).toBe('sent');
  });

  it('refuses a decision that reaches it too late', () => {
    const desk = new Desk();
    desk.wake(100);
    desk.decide('d1', 40, {});
    expect(refusal(desk)).toBe('sent');
    desk.decide('d2', 39, {});
    expect(refusal(desk)).toEqual(['DECISION_STALE']);
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

  it('stops the line when a venue reports on an order that was never sent', () => {
    const desk = sent();
    expect(() => desk.fill('stranger', 'f1', '1', 2)).toThrow(/never sent/);
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
    desk.report({ kind: 'cancelled', clientOrderId: FIRST, reason: 'REQUESTED' }, 1.6);
    expect(desk.types().at(-1)).toBe('OrderCancelled');
  });
});
