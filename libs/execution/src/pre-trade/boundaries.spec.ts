import type { Check, DomainEvent, OrderLimits, TradeChosen } from '@evenkeel/facts';
import { BOOK, Desk, OPTION, PERP, at, snapshotOf } from '../../test/desk';
import { parseInstant } from '@evenkeel/kernel';
import { Decimal } from '@evenkeel/kernel';
import { placeOrder } from '../order-placement';
import { CONTROLS } from './control-table';
import type { ControlName } from './control-table';

/** The leg of the option as risk says it: so much held, and what one contract more brings. */
const held = (quantity: string) => ({ quantity, perContract: { delta: 0.5, gamma: 0.25, vega: 50 } });

interface Case {
  readonly control: ControlName;
  readonly limits?: Partial<OrderLimits>;
  /** Brings the desk to where the limit matters. */
  readonly given?: (desk: Desk) => void;
  /** Lies on the limit. */
  readonly passes: Partial<TradeChosen>;
  /** Lies one step beyond it. */
  readonly refused: Partial<TradeChosen>;
  /** Of the refused one, where the step beyond lies in the desk and not in the trade. */
  readonly givenRefused?: (desk: Desk) => void;
  readonly limitsRefused?: Partial<OrderLimits>;
  readonly decidedAt?: number;
}

const kill = (scope: string): DomainEvent => ({
  type: 'KillEngaged',
  payload: { scope, by: 'ann', reason: 'r', at: at(1) },
});
const halt: DomainEvent = {
  type: 'VenueHalted',
  payload: { book: BOOK, venue: 'binance', reason: 'RECONCILIATION_DIFFERED', at: at(1) },
};
const manyDecisions =
  (count: number) =>
  (desk: Desk): void => {
    for (let index = 0; index < count; index += 1)
      desk.decide(`earlier${index}`, index + 1, { quantity: `0.1${index}` });
  };

const CALL = { instrument: OPTION, referencePrice: '0.05' };

const CASES: readonly Case[] = [
  {
    control: 'kill-latch',
    passes: {},
    refused: {},
    givenRefused: (desk) => desk.fold(kill('strategy:delta-band')),
  },
  { control: 'venue-halt', passes: {}, refused: {}, givenRefused: (desk) => desk.fold(halt) },
  {
    control: 'decision-age',
    given: (desk) => desk.wake(100),
    decidedAt: 40,
    passes: {},
    refused: {},
    givenRefused: (desk) => desk.wake(100.001),
  },
  { control: 'instrument-permitted', passes: {}, refused: { instrument: 'ETHUSDT-PERP@binance' } },
  {
    control: 'restricted-list',
    limits: { restrictedInstruments: ['ETHUSDT-PERP@binance'] },
    limitsRefused: { restrictedInstruments: [PERP] },
    passes: {},
    refused: {},
  },
  {
    control: 'price-status',
    given: (desk) => desk.mark('90000', 1, 'DEGRADED'),
    givenRefused: (desk) => desk.mark('90000', 1, 'HALTED'),
    passes: {},
    refused: {},
  },
  { control: 'lot-size', passes: { quantity: '1.001' }, refused: { quantity: '1.0005' } },
  { control: 'minimum-quantity', passes: { quantity: '0.001' }, refused: { quantity: '0' } },
  { control: 'order-quantity', passes: { quantity: '5' }, refused: { quantity: '5.001' } },
  {
    control: 'order-notional',
    limits: { maxOrderNotionalUsd: '90000' },
    passes: { quantity: '1' },
    refused: { quantity: '1.001' },
  },
  { control: 'price-reference', passes: { referencePrice: '90450' }, refused: { referencePrice: '90450.1' } },
  {
    control: 'price-collar',
    passes: { urgency: 'passive', limitPrice: '89550' },
    refused: { urgency: 'passive', limitPrice: '89549.9' },
  },
  {
    control: 'position-after',
    limits: { maxPosition: [{ instrument: PERP, maxQuantity: '2' }] },
    given: (desk) => desk.decide('earlier', 1, { quantity: '1' }),
    passes: { quantity: '1' },
    refused: { quantity: '1.001' },
  },
  {
    control: 'gross-notional',
    limits: { maxGrossNotionalUsd: '180000' },
    given: (desk) => desk.decide('earlier', 1, { quantity: '1' }),
    passes: { quantity: '1' },
    refused: { quantity: '1.001' },
  },
  {
    control: 'venue-notional',
    limits: { maxVenueNotionalUsd: [{ venue: 'binance', maxUsd: '180000' }] },
    given: (desk) => desk.decide('earlier', 1, { quantity: '1' }),
    passes: { quantity: '1' },
    refused: { quantity: '1.001' },
  },
  {
    control: 'delta-after',
    limits: { maxGreeks: [{ underlying: 'BTC', greek: 'delta', max: '3' }] },
    given: (desk) => desk.risk(snapshotOf({ delta: 1 }), 1),
    passes: { quantity: '2' },
    refused: { quantity: '2.001' },
  },
  {
    control: 'gamma-after',
    limits: { maxGreeks: [{ underlying: 'BTC', greek: 'gamma', max: '0.5' }] },
    given: (desk) => desk.risk(snapshotOf({ gamma: 0.25, leg: held('1') }), 1),
    passes: { ...CALL, quantity: '1' },
    refused: { ...CALL, quantity: '1.1' },
  },
  {
    control: 'vega-after',
    limits: { maxGreeks: [{ underlying: 'BTC', greek: 'vega', max: '100' }] },
    given: (desk) => desk.risk(snapshotOf({ vega: 50, leg: held('1') }), 1),
    passes: { ...CALL, quantity: '1' },
    refused: { ...CALL, quantity: '1.1' },
  },
  {
    control: 'daily-loss',
    limits: { maxDailyLoss: '1000' },
    given: (desk) => desk.risk(snapshotOf({ hedged: '-1000' }), 1),
    givenRefused: (desk) => desk.risk(snapshotOf({ hedged: '-1000.00000001' }), 1),
    passes: {},
    refused: {},
  },
  {
    control: 'message-rate',
    given: manyDecisions(2),
    givenRefused: manyDecisions(3),
    passes: {},
    refused: {},
  },
  {
    control: 'repeated-execution',
    limits: { maxRepeatedExecutions: 3 },
    given: manyDecisions(2),
    givenRefused: manyDecisions(3),
    passes: {},
    refused: {},
  },
  {
    control: 'duplicate-order',
    given: (desk) => desk.decide('earlier', 9, { quantity: '1' }),
    givenRefused: (desk) => desk.decide('earlier', 9.001, { quantity: '1' }),
    passes: { quantity: '1' },
    refused: { quantity: '1' },
  },
];

function deskOf({ control, limits, limitsRefused, given, givenRefused }: Case, beyond: boolean): Desk {
  const rate = control === 'message-rate' ? 3 : 1000;
  const used = beyond ? { ...limits, ...limitsRefused } : limits;
  const desk = new Desk({ maxOrdersPerMinute: rate, ...used });
  desk.account('deribit', OPTION, { maxOrdersPerMinute: rate, ...used });
  desk.mark('0.05', 0.5, 'OK', OPTION);
  if (beyond && givenRefused !== undefined) givenRefused(desk);
  else given?.(desk);
  return desk;
}

describe.each(CASES)('$control', (one) => {
  const { control, decidedAt = 10 } = one;

  it('lets an order pass that lies on the limit', () => {
    const desk = deskOf(one, false);
    desk.decide('judged', decidedAt, one.passes);
    expect([desk.types().at(-1), desk.last()['reasons']]).toEqual(['OrderIntended', undefined]);
    expect(desk.last()['checks']).toContainEqual(expect.objectContaining({ name: control, passed: true }));
  });

  it('refuses one step beyond, for that reason, and nothing leaves', () => {
    const desk = deskOf(one, true);
    const before = desk.effects.length;
    desk.decide('judged', decidedAt, one.refused);
    expect(desk.types().at(-1)).toBe('OrderRefused');
    expect(desk.last()['reasons']).toContain(CONTROLS[control].reason);
    expect(desk.last()['checks']).toContainEqual(expect.objectContaining({ name: control, passed: false }));
    expect(desk.effects).toHaveLength(before);
  });
});

describe('a Greek limit on an option that risk watches and the book does not hold', () => {
  const limits = { maxGreeks: [{ underlying: 'BTC', greek: 'vega', max: '100' }] };
  const decided = (leg: Parameters<typeof held>[0] | undefined, quantity: string) => {
    const desk = new Desk(limits);
    desk.account('deribit', OPTION, limits);
    desk.mark('0.05', 1, 'OK', OPTION);
    const perContract = leg === undefined ? { quantity: '0' } : held(leg);
    desk.risk(snapshotOf({ vega: 50, leg: perContract }), 1);
    desk.decide('judged', 10, { ...CALL, quantity });
    return desk.last();
  };
  const check = (event: Record<string, unknown>) =>
    (event['checks'] as Check[]).find(({ name }) => name === 'vega-after'); // of an order, intended or refused

  it('is held to what one contract brings, whatever is held of it', () => {
    expect(check(decided('0', '1'))).toEqual({
      name: 'vega-after',
      limit: '100',
      observed: '100',
      passed: true,
    });
    expect(check(decided('0', '1.1'))).toEqual({
      name: 'vega-after',
      limit: '100',
      observed: '105',
      passed: false,
    });
    expect(check(decided('-7', '1.1'))?.observed).toBe('105');
  });

  it('lets nothing pass where the record does not say what one contract brings', () => {
    const refused = decided(undefined, '0.1');
    expect(refused['reasons']).toEqual(['VEGA_AFTER']);
    expect(check(refused)?.observed).toBe('unknown');
  });
});

describe('parent-budget', () => {
  const proposal = (quantity: string) => ({
    clientOrderId: `c${quantity}`,
    policyHash: 'p',
    decisionId: 'd',
    book: BOOK,
    venue: 'binance',
    instrument: PERP,
    side: 'buy' as const,
    quantity: Decimal.parse(quantity),
    approved: Decimal.parse('1'),
    decidedAt: at(2),
    decidedInstant: parseInstant(at(2)),
    referencePrice: '90000',
    urgency: 'normal',
    strategy: 'delta-band',
  });
  const place = (desk: Desk, quantity: string, parentId?: string) =>
    placeOrder(
      desk.state,
      { ...proposal(quantity), ...(parentId === undefined ? {} : { parentId }) },
      parseInstant(at(5)) - parseInstant(at(0)),
    );
  const reasons = (step: ReturnType<typeof place>): unknown => {
    const event = step.commits[0]?.events[0];
    return event?.type === 'OrderRefused' ? event.payload.reasons : event?.type;
  };
  const parent: DomainEvent = {
    type: 'ParentOrderStarted',
    payload: {
      parentId: 'parent',
      decisionId: 'd',
      book: BOOK,
      venue: 'binance',
      instrument: PERP,
      side: 'buy',
      quantity: '3',
      referencePrice: '90000',
      at: at(1),
      endsAt: at(600),
      algorithm: 'twap',
      parameters: '{}',
      urgency: 0,
      ingredients: [],
      schedule: [],
      explanation: '',
      checks: [],
      strategy: 'delta-band',
    },
  };

  it('holds an order to the trade that was approved', () => {
    const desk = new Desk();
    expect(reasons(place(desk, '1'))).toBe('OrderIntended');
    expect(reasons(place(desk, '1.001'))).toEqual(['PARENT_BUDGET']);
  });

  it('holds the children together to what was approved for their parent, and gives back what died', () => {
    const desk = new Desk({ maxOrdersPerMinute: 100 });
    expect(reasons(place(desk, '1', 'parent'))).toEqual(['PARENT_BUDGET']);
    desk.fold(parent);
    const send = (quantity: string): void => {
      for (const commit of place(desk, quantity, 'parent').commits)
        for (const event of commit.events) desk.fold(event, commit);
    };
    send('2');
    expect(reasons(place(desk, '1', 'parent'))).toBe('OrderIntended');
    expect(reasons(place(desk, '1.001', 'parent'))).toEqual(['PARENT_BUDGET']);
    desk.fill('c2', 'f', '0.5', 3);
    desk.report({ kind: 'cancelled', clientOrderId: 'c2', reason: 'IOC_REMAINDER' }, 3);
    expect(reasons(place(desk, '2.5', 'parent'))).toBe('OrderIntended');
    expect(reasons(place(desk, '2.501', 'parent'))).toEqual(['PARENT_BUDGET']);
  });
});

it('has a boundary case for every control there is', () => {
  const covered = new Set<string>([...CASES.map(({ control }) => control), 'parent-budget']);
  expect(Object.keys(CONTROLS).filter((name) => !covered.has(name))).toEqual([]);
});
