import type { DomainEvent } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import {
  BTC_PERP,
  ETH_PERP,
  closed,
  createProgram,
  fillApplied,
  intended,
  only,
  orderFilled,
  straddleLegs,
} from '../test/scenario';

const BAND = { kind: 'delta-band', band: '0.05' };
const at = (minute: number, hour = 10): string => `2026-01-01T${hour}:${String(minute).padStart(2, '0')}:00Z`;
const types = (events: readonly DomainEvent[]): string[] => events.map((event) => event.type);

describe('a breached band', () => {
  it('is hedged back to the target, with everything the decision was made of', () => {
    const program = createProgram(BAND);
    const decision = only(program.snapshot(at(0), [{ delta: 0.2 }]), 'HedgeDecided');
    expect(decision.trades).toEqual([
      { instrument: BTC_PERP, quantity: '-0.2', referencePrice: '90000', delta: -0.2, urgency: 'immediate' },
    ]);
    expect(decision).toMatchObject({
      reasons: ['BAND_BREACHED'],
      policyKind: 'delta-band',
      policyHash: 'h',
      snapshotId: 's-1',
    });
    expect(decision.assessments).toMatchObject([
      { exposure: 0.2, exposureAfter: 0, bandLower: -0.05, bandUpper: 0.05, breached: true },
    ]);
    expect(decision.candidates.map(({ chosen }) => chosen)).toEqual([true, false]);
    expect(decision.candidates[0]?.expectedCost.fee).toBeCloseTo(0.2 * 90000 * 0.0005, 9);
    expect(decision.candidates[0]?.expectedCost.spread).toBeCloseTo(0.2 * 90000 * 0.00001, 9);
    expect(decision.checks.every(({ passed }) => passed)).toBe(true);
  });

  it('is hedged to the edge where the policy says so, rounding the lot into the band', () => {
    const program = createProgram({ ...BAND, mode: 'edge' });
    const decision = only(program.snapshot(at(0), [{ delta: -0.20049 }]), 'HedgeDecided');
    expect(decision.trades[0]?.quantity).toBe('0.151');
    expect(decision.assessments[0]?.exposureAfter).toBeCloseTo(-0.04949, 12);
  });

  it('aims at the target delta', () => {
    const program = createProgram(BAND, [BTC_PERP], '0.5');
    expect(only(program.snapshot(at(0), [{ delta: 0.2 }]), 'HedgeDecided').trades[0]?.quantity).toBe('0.3');
  });

  it('takes the cheapest instrument and shows the one passed over', () => {
    const program = createProgram(BAND, ['BTCUSDT@binance', BTC_PERP]);
    const marks = [mark('BTC@composite'), mark('BTCUSDT@binance'), mark(BTC_PERP)];
    const decision = only(program.snapshot(at(0), [{ delta: 0.2 }], { marks }), 'HedgeDecided');
    expect(decision.trades.map(({ instrument }) => instrument)).toEqual([BTC_PERP]);
    expect(decision.candidates.map(({ chosen, rejected }) => [chosen, rejected])).toEqual([
      [false, `scores worse than ${BTC_PERP}`],
      [true, ''],
      [false, 'the policy calls for a hedge'],
    ]);
  });

  it('hedges several underlyings in one decision, each with its own instrument', () => {
    const program = createProgram(BAND, [BTC_PERP, ETH_PERP]);
    const decision = only(
      program.snapshot(at(0), [{ delta: 0.2 }, { underlying: 'ETH', delta: -3 }]),
      'HedgeDecided',
    );
    expect(decision.trades.map(({ instrument, quantity }) => [instrument, quantity])).toEqual([
      [BTC_PERP, '-0.2'],
      [ETH_PERP, '3'],
    ]);
  });
});

describe('orders in flight', () => {
  function hedging() {
    const program = createProgram(BAND);
    const { decisionId } = only(program.snapshot(at(0), [{ delta: 0.2 }]), 'HedgeDecided');
    return { program, decisionId };
  }

  it('count from the decision on, through order and fill, until risk has applied them', () => {
    const { program, decisionId } = hedging();
    const declined = only(program.snapshot(at(1), [{ delta: 0.2 }]), 'HedgeDeclined');
    expect(declined).toMatchObject({
      reasons: ['ORDER_IN_FLIGHT'],
      trades: [],
      assessments: [{ inFlightDelta: -0.2, exposure: 0 }],
    });
    program.order(at(1), intended(decisionId));
    expect(program.snapshot(at(2), [{ delta: 0.2 }])).toEqual([]);
    program.order(at(2), orderFilled());
    expect(program.snapshot(at(3), [{ delta: 0.2 }])).toEqual([]);
    program.order(at(3), fillApplied('f-1'), 'risk');
    expect(program.snapshot(at(4), [{ delta: 0 }])).toEqual([]);
    expect(only(program.snapshot(at(5), [{ delta: 0.2 }]), 'HedgeDecided').trades[0]?.quantity).toBe('-0.2');
  });

  it('that are options count as risk values them, and stop hedging where it does not', () => {
    const legs = straddleLegs(1, { strike: 95_000 });
    const { instrument: option, delta, unitValue } = required(legs[0], 'a call');
    const program = createProgram(BAND, [BTC_PERP, option]);
    program.order(
      at(0),
      intended('d-1', { instrument: option, side: 'buy', quantity: '2', venue: 'deribit' }),
    );
    const valued = only(program.snapshot(at(1), [{ delta: 0.2 }], { legs }), 'HedgeDecided');
    // A coin-settled option is paid in coin: buying one takes its premium out of the balance.
    expect(valued.assessments[0]?.inFlightDelta).toBeCloseTo(2 * (delta - unitValue), 9);
    const unknown = only(program.snapshot(at(2), [{ delta: 0.4 }]), 'HedgeDeclined');
    expect(unknown).toMatchObject({ reasons: ['UNPRICED_LEGS'], trades: [] });
    expect(unknown.checks).toContainEqual({
      name: 'BTC orders on their way without a price',
      limit: 'none',
      observed: option,
      passed: false,
    });
  });

  it('count with what a partial fill has left', () => {
    const { program, decisionId } = hedging();
    program.order(at(1), intended(decisionId));
    program.order(at(1), orderFilled({ quantity: '-0.05', remaining: '0.15' }));
    program.order(at(1), fillApplied('f-1'), 'risk');
    const decision = only(program.snapshot(at(2), [{ delta: 0.3 }]), 'HedgeDecided');
    expect(decision.assessments[0]?.inFlightDelta).toBeCloseTo(-0.15, 12);
    expect(decision.trades[0]?.quantity).toBe('-0.15');
  });

  it.each(['OrderRejected', 'OrderExpired', 'OrderCancelled'] as const)(
    're-arm the program after %s',
    (type) => {
      const { program, decisionId } = hedging();
      program.order(at(1), intended(decisionId));
      program.order(at(1), closed(type));
      expect(only(program.snapshot(at(2), [{ delta: 0.2 }]), 'HedgeDecided').trades[0]?.quantity).toBe(
        '-0.2',
      );
    },
  );

  it('re-arm after a pre-trade refusal', () => {
    const { program, decisionId } = hedging();
    const payload = {
      clientOrderId: 'o-1',
      decisionId,
      book: 'b',
      instrument: BTC_PERP,
      side: 'sell',
      quantity: '0.2',
      at: at(0),
      checks: [],
      reasons: [],
    } as const;
    expect(program.order(at(0), { type: 'OrderRefused', payload })).toEqual([]);
    expect(types(program.snapshot(at(2), [{ delta: 0.2 }]))).toEqual(['HedgeDecided']);
  });

  it('of unknown outcome stop sizing until the venue has answered', () => {
    const { program, decisionId } = hedging();
    program.order(at(1), intended(decisionId));
    program.order(at(1), {
      type: 'OrderUnresolved',
      payload: { clientOrderId: 'o-1', book: 'b', instrument: BTC_PERP, at: at(1), attempt: 1 },
    });
    expect(only(program.snapshot(at(2), [{ delta: 0.5 }]), 'HedgeDeclined').reasons).toEqual([
      'ORDER_IN_FLIGHT',
    ]);
    program.order(at(3), closed('OrderExpired'));
    expect(only(program.snapshot(at(4), [{ delta: 0.5 }]), 'HedgeDecided').trades[0]?.quantity).toBe('-0.5');
  });

  it('are counted when a fill comes after the order was given up', () => {
    const { program, decisionId } = hedging();
    program.order(at(1), intended(decisionId));
    program.order(at(1), closed('OrderExpired'));
    program.order(at(2), orderFilled({ late: true }));
    expect(only(program.snapshot(at(3), [{ delta: 0.2 }]), 'HedgeDeclined').reasons).toEqual([
      'ORDER_IN_FLIGHT',
    ]);
  });
});

describe('refusals', () => {
  it('name the reason, once, again when it changes, and hourly while it lasts', () => {
    const program = createProgram(BAND);
    const halted = [{ delta: 0.2, spotStatus: 'HALTED' as const }];
    expect(types(program.snapshot(at(0), halted))).toEqual(['ProgramHalted', 'HedgeDeclined']);
    expect(program.snapshot(at(5), halted)).toEqual([]);
    const unpriced = [
      { instrument: 'BTC-9JAN26-89000-C@deribit', quantity: '-1', code: 'RISK.NO_MARK', message: '' },
    ];
    const changed = only(program.snapshot(at(10), halted, { unpriced }), 'HedgeDeclined');
    expect(changed.reasons).toEqual(['PRICE_HALTED', 'UNPRICED_LEGS']);
    expect(changed.quietBefore).toMatchObject({ evaluations: 1, from: at(5), to: at(5) });
    expect(program.snapshot(at(59), halted, { unpriced })).toEqual([]);
    expect(types(program.snapshot(at(10, 11), halted, { unpriced }))).toEqual(['HedgeDeclined']);
    expect(types(program.snapshot(at(15, 11), [{ delta: 0.2 }]))).toEqual(['ProgramResumed', 'HedgeDecided']);
  });

  it('leave other underlyings alone', () => {
    const program = createProgram(BAND, [BTC_PERP, ETH_PERP]);
    const said = program.snapshot(at(0), [
      { delta: 0.2, spotStatus: 'HALTED' },
      { underlying: 'ETH', delta: 3 },
    ]);
    expect(types(said)).toEqual(['HedgeDecided']);
    expect(only(said, 'HedgeDecided')).toMatchObject({
      reasons: ['BAND_BREACHED', 'PRICE_HALTED'],
      trades: [{ instrument: ETH_PERP }],
    });
  });

  it('come when a leg has no price, unless it has expired and only its payoff is unknown', () => {
    const program = createProgram(BAND);
    const leg = { instrument: 'BTC-9JAN26-89000-C@deribit', quantity: '-1', message: '' };
    const stale = only(
      program.snapshot(at(0), [{ delta: 0.2 }], { unpriced: [{ ...leg, code: 'RISK.STALE_VOLATILITY' }] }),
      'HedgeDeclined',
    );
    expect(stale.reasons).toEqual(['UNPRICED_LEGS', 'STALE_INPUTS']);
    expect(stale.checks.filter(({ passed }) => !passed)).toMatchObject([
      { name: 'BTC legs without a price', observed: '1 RISK.STALE_VOLATILITY' },
    ]);
    expect(
      types(
        program.snapshot(at(5), [{ delta: 0.2 }], { unpriced: [{ ...leg, code: 'RISK.EXPIRED_UNSETTLED' }] }),
      ),
    ).toEqual(['HedgeDecided']);
  });

  it('come when there is nothing to hedge with, or it has no price', () => {
    expect(
      only(createProgram(BAND, [ETH_PERP]).snapshot(at(0), [{ delta: 0.2 }]), 'HedgeDeclined').reasons,
    ).toEqual(['NO_HEDGE_INSTRUMENT']);
    const marks = [mark('BTC@composite')];
    expect(
      only(createProgram(BAND).snapshot(at(0), [{ delta: 0.2 }], { marks }), 'HedgeDeclined').reasons,
    ).toEqual(['STALE_INPUTS']);
    const halted = [mark('BTC@composite'), mark(BTC_PERP, 'HALTED')];
    expect(
      only(createProgram(BAND).snapshot(at(0), [{ delta: 0.2 }], { marks: halted }), 'HedgeDeclined').reasons,
    ).toEqual(['PRICE_HALTED']);
  });

  it('come when the trade is under a lot', () => {
    const program = createProgram({ kind: 'delta-band', band: '0.0002', mode: 'edge' });
    const declined = only(program.snapshot(at(0), [{ delta: 0.0005 }]), 'HedgeDeclined');
    expect(declined.reasons).toEqual(['BELOW_LOT']);
    expect(declined.candidates[0]).toMatchObject({
      trades: [],
      chosen: false,
      rejected: 'less than one lot',
    });
  });

  it('hold while the kill switch is engaged, and end with its release', () => {
    const program = createProgram(BAND);
    const kill = { scope: 'firm', by: 'ann', reason: 'drill', at: at(0) };
    expect(program.order(at(0), { type: 'KillEngaged', payload: kill })).toMatchObject([
      { type: 'ProgramHalted', payload: { reasons: ['KILL_ENGAGED'] } },
    ]);
    expect(only(program.snapshot(at(1), [{ delta: 0.2 }]), 'HedgeDeclined').reasons).toEqual([
      'PROGRAM_HALTED',
    ]);
    const released = program.order(at(2), { type: 'KillReleased', payload: { ...kill, by: 'bob' } });
    expect(released).toMatchObject([{ type: 'ProgramResumed', payload: { haltedSince: at(0), by: 'bob' } }]);
    expect(types(program.snapshot(at(3), [{ delta: 0.2 }]))).toEqual(['HedgeDecided']);
  });

  it('take away only the venue or the instrument that a latch names', () => {
    const program = createProgram(BAND, ['BTCUSDT@binance', 'BTC-PERPETUAL@deribit']);
    const marks = [mark('BTC@composite'), mark('BTCUSDT@binance'), mark('BTC-PERPETUAL@deribit')];
    const kill = { by: 'ann', reason: 'drill', at: at(0) };
    expect(
      program.order(at(0), { type: 'KillEngaged', payload: { ...kill, scope: 'venue:deribit' } }),
    ).toEqual([]);
    const decision = only(program.snapshot(at(1), [{ delta: 0.2 }], { marks }), 'HedgeDecided');
    expect(decision.trades.map(({ instrument }) => instrument)).toEqual(['BTCUSDT@binance']);
    program.order(at(2), {
      type: 'OrderRefused',
      payload: {
        clientOrderId: 'o',
        decisionId: decision.decisionId,
        book: 'b',
        instrument: 'BTCUSDT@binance',
        side: 'sell',
        quantity: '0.2',
        at: at(2),
        checks: [],
        reasons: [],
      },
    });
    program.order(at(2), { type: 'KillEngaged', payload: { ...kill, scope: 'instrument:BTCUSDT@binance' } });
    expect(only(program.snapshot(at(3), [{ delta: 0.2 }], { marks }), 'HedgeDeclined').reasons).toEqual([
      'PROGRAM_HALTED',
    ]);
    program.order(at(4), { type: 'KillReleased', payload: { ...kill, scope: 'venue:deribit' } });
    expect(types(program.snapshot(at(5), [{ delta: 0.2 }], { marks }))).toEqual(['HedgeDecided']);
  });
});

describe('a degraded price', () => {
  it('widens the band by two, on the record', () => {
    const program = createProgram(BAND);
    expect(program.snapshot(at(0), [{ delta: 0.075, spotStatus: 'DEGRADED' }])).toEqual([]);
    const decision = only(program.snapshot(at(1), [{ delta: 0.11, spotStatus: 'DEGRADED' }]), 'HedgeDecided');
    expect(decision.assessments[0]).toMatchObject({
      bandUpper: 0.1,
      ingredients: [
        { name: 'band', value: 0.05 },
        { name: 'degraded price factor', value: 2 },
      ],
    });
    expect(decision.quietBefore).toMatchObject({ evaluations: 1, maxBandUse: expect.closeTo(0.75, 12) });
  });
});

describe('quiet evaluations', () => {
  it('are carried by the next decision and summarised when the UTC day ends', () => {
    const program = createProgram(BAND);
    expect(program.snapshot(at(0, 22), [{ delta: 0.01 }])).toEqual([]);
    expect(program.snapshot(at(0, 23), [{ delta: -0.04 }])).toEqual([]);
    const said = program.snapshot('2026-01-02T00:00:00Z', [{ delta: 0.2 }]);
    expect(types(said)).toEqual(['EvaluationsSummarised', 'HedgeDecided']);
    expect(only(said, 'EvaluationsSummarised').stretch).toEqual({
      evaluations: 2,
      from: at(0, 22),
      to: at(0, 23),
      maxBandUse: expect.closeTo(0.8, 12),
    });
    expect(only(said, 'HedgeDecided').quietBefore.evaluations).toBe(0);
  });

  it('are not lost across a restart', () => {
    const program = createProgram(BAND);
    program.snapshot(at(0), [{ delta: 0.01 }]);
    program.reload();
    expect(only(program.snapshot(at(5), [{ delta: 0.2 }]), 'HedgeDecided').quietBefore.evaluations).toBe(1);
  });
});

function mark(instrument: string, status: 'OK' | 'HALTED' = 'OK') {
  const base = {
    instrument,
    price: '90000',
    bid: '89999',
    ask: '90001',
    reasons: [],
    source: 'test',
    eventTime: at(0),
    ageSeconds: 0,
  };
  return { ...base, status };
}
