import type { HedgeDecision, TradeChosen } from '@evenkeel/facts';
import { BTC_PERP, closed, fillApplied, intended, orderFilled } from '../test/scenario';
import { foldDecided, foldOrderEvent, inFlightOf } from './in-flight';
import { createProgramBook } from './state';

function decision(trades: readonly Partial<TradeChosen>[]): HedgeDecision {
  const base = {
    instrument: BTC_PERP,
    quantity: '0',
    referencePrice: '90000',
    delta: 0,
    urgency: 'immediate',
  };
  const quietBefore = { evaluations: 0, from: '', to: '', maxBandUse: 0 };
  const text = { decisionId: 'd', book: 'b', at: '', snapshotId: '', policyKind: '', policyHash: '' };
  return {
    ...text,
    assessments: [],
    candidates: [],
    trades: trades.map((trade) => ({ ...base, ...trade })),
    checks: [],
    reasons: [],
    quietBefore,
  };
}

describe('a ladder of resting orders', () => {
  it('is listed with its limits and counts in no exposure until it trades', () => {
    const program = createProgramBook('b');
    foldDecided(
      program,
      decision([
        { quantity: '-0.1', urgency: 'passive' },
        { quantity: '-0.1', urgency: 'passive' },
        { quantity: '0.3' },
      ]),
    );
    expect(inFlightOf(program).contracts.get(BTC_PERP)).toBe(0.3);
    const rung = { timeInForce: 'POST_ONLY', quantity: '0.1', side: 'sell' } as const;
    foldOrderEvent(program, intended('d', { ...rung, clientOrderId: 'o-1', limitPrice: '91000' }));
    foldOrderEvent(program, intended('d', { ...rung, clientOrderId: 'o-2', limitPrice: '92000' }));
    foldOrderEvent(program, intended('d', { clientOrderId: 'o-3', side: 'buy', quantity: '0.3' }));
    expect(program.decided).toEqual({});
    expect(inFlightOf(program).resting).toEqual([
      { clientOrderId: 'o-1', instrument: BTC_PERP, contracts: -0.1, limitPrice: '91000' },
      { clientOrderId: 'o-2', instrument: BTC_PERP, contracts: -0.1, limitPrice: '92000' },
    ]);
    foldOrderEvent(program, orderFilled({ quantity: '-0.04', remaining: '0.06' }));
    expect(inFlightOf(program).contracts.get(BTC_PERP)).toBeCloseTo(0.26, 12);
    foldOrderEvent(program, fillApplied('f-1'));
    foldOrderEvent(program, closed('OrderCancelled', '0.06'));
    expect(inFlightOf(program).resting.map(({ clientOrderId }) => clientOrderId)).toEqual(['o-2']);
    expect(inFlightOf(program).contracts.get(BTC_PERP)).toBe(0.3);
  });
});

describe('a resting order that a decision takes back', () => {
  it('is no longer listed, and still counts when it fills before it is gone', () => {
    const program = createProgramBook('b');
    foldDecided(program, decision([{ quantity: '-0.1', urgency: 'passive' }]));
    expect([...inFlightOf(program).restingDecided]).toEqual([BTC_PERP]);
    foldOrderEvent(program, intended('d', { timeInForce: 'POST_ONLY', quantity: '0.1', side: 'sell' }));
    expect(inFlightOf(program).restingDecided.size).toBe(0);
    foldDecided(program, { ...decision([]), withdrawals: { clientOrderIds: ['o-1', 'unknown'] } });
    expect(inFlightOf(program).resting).toEqual([]);
    foldOrderEvent(program, orderFilled({ quantity: '-0.1', remaining: '0' }));
    expect(inFlightOf(program).contracts.get(BTC_PERP)).toBe(-0.1);
    foldOrderEvent(program, fillApplied('f-1'));
    expect(inFlightOf(program).contracts.get(BTC_PERP) ?? 0).toBe(0);
  });
});

describe('a decision split into several orders', () => {
  it('counts each contract once on the way', () => {
    const program = createProgramBook('b');
    foldDecided(program, decision([{ quantity: '-0.5' }]));
    foldOrderEvent(program, intended('d', { clientOrderId: 'o-1', quantity: '0.2' }));
    expect(inFlightOf(program).contracts.get(BTC_PERP)).toBe(-0.5);
    foldOrderEvent(program, intended('d', { clientOrderId: 'o-2', quantity: '0.3' }));
    expect(inFlightOf(program).contracts.get(BTC_PERP)).toBe(-0.5);
    foldOrderEvent(program, closed('OrderRejected'));
    expect(inFlightOf(program).contracts.get(BTC_PERP)).toBe(-0.3);
  });
});

describe('a trade carried out by a parent order', () => {
  it('counts what its children have not filled once, and re-arms for what it gives up', () => {
    const program = createProgramBook('b');
    foldDecided(program, decision([{ quantity: '-0.5' }]));
    const trade = { decisionId: 'd', book: 'b', instrument: BTC_PERP, at: '' };
    const timing = { referencePrice: '90000', endsAt: '', algorithm: 'twap', parameters: '{}', urgency: 0 };
    foldOrderEvent(program, {
      type: 'ParentOrderStarted',
      payload: {
        ...trade,
        ...timing,
        parentId: 'p',
        venue: 'v',
        side: 'sell',
        quantity: '0.5',
        ingredients: [],
        schedule: [],
        explanation: '',
        checks: [],
        strategy: 'delta-band',
      },
    });
    const flying = (): number | undefined => inFlightOf(program).contracts.get(BTC_PERP);
    expect(flying()).toBe(-0.5);
    foldOrderEvent(program, intended('d', { clientOrderId: 'o-1', quantity: '0.2', parentId: 'p' }));
    expect(flying()).toBe(-0.5);
    foldOrderEvent(program, orderFilled({ clientOrderId: 'o-1', quantity: '-0.1', remaining: '0.1' }));
    expect(flying()).toBe(-0.5);
    foldOrderEvent(program, fillApplied('f-1'));
    expect(flying()).toBeCloseTo(-0.4, 12);
    foldOrderEvent(program, closed('OrderCancelled', '0.1'));
    expect(flying()).toBeCloseTo(-0.4, 12);
    program.memory['BTC'] = { rebalancedAt: 'then', hedgedAt: '', hedgeSpotUsd: 0 };
    foldOrderEvent(program, {
      type: 'ParentOrderCompleted',
      payload: {
        ...trade,
        parentId: 'p',
        filled: '0.1',
        unfilled: '0.4',
        children: 1,
        reason: 'HORIZON_OVER',
      },
    });
    expect(inFlightOf(program).contracts.get(BTC_PERP) ?? 0).toBe(0);
    expect(program.parents).toEqual({});
  });
});
