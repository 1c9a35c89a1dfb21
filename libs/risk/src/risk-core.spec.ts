import type { DomainEvent } from '@evenkeel/facts';
import {
  bookOpened,
  busted,
  createScenario,
  eventsOf,
  filled,
  only,
  optionMark,
  priceMark,
  spotMark,
} from '../test/scenario';
import { createRiskCore } from './risk-core';

const CALL = 'BTC-9JAN26-89000-C@deribit';
const PUT = 'BTC-9JAN26-89000-P@deribit';
const PERP = 'BTCUSDT-PERP@binance';
const ADOPTED = '2026-01-02T09:18:09.153333Z';

const straddle = [
  { instrument: CALL, quantity: '-1', price: '0.022', at: ADOPTED },
  { instrument: PUT, quantity: '-1', price: '0.02', at: ADOPTED },
];

function market(at: string, spot = 89000): { marks: ReturnType<typeof spotMark>[] } {
  return {
    marks: [
      optionMark(CALL, 0.45, spot * 1.001, at),
      optionMark(PUT, 0.45, spot * 1.001, at),
      priceMark(PERP, spot + 20, at),
      spotMark('BTC', spot, at),
    ],
  };
}

function opened(sketch: Parameters<typeof bookOpened>[0] = { planned: straddle }) {
  const scenario = createScenario(createRiskCore(), 'book');
  scenario.own('b', '2026-01-01T00:00:00Z', bookOpened(sketch));
  return scenario;
}

const types = (events: readonly DomainEvent[]): string[] => events.map((event) => event.type);

describe('adopting planned positions', () => {
  it('waits for their time, brings the premium in coin and takes one snapshot', () => {
    const scenario = opened();
    expect(scenario.instant('2026-01-02T09:15:00Z', market('2026-01-02T09:15:00Z'))).toEqual([]);
    const said = scenario.instant(ADOPTED, market(ADOPTED));
    expect(types(said)).toEqual(['PositionAdopted', 'PositionAdopted', 'RiskSnapshotTaken']);
    expect(eventsOf(said, 'PositionAdopted').map(({ cash, positionAfter }) => [cash, positionAfter])).toEqual(
      [
        [{ currency: 'BTC', amount: '0.022' }, '-1'],
        [{ currency: 'BTC', amount: '0.02' }, '-1'],
      ],
    );
    const snapshot = only(said, 'RiskSnapshotTaken');
    expect(snapshot).toMatchObject({
      trigger: 'position',
      positionsVersion: 2,
      status: 'OK',
      unpriced: [],
      model: 'black-76',
    });
    expect(snapshot.balances).toEqual([{ currency: 'BTC', amount: '0.042', value: 3738 }]);
    expect(snapshot.marks.map(({ instrument }) => instrument)).toEqual(['BTC@composite', PERP, CALL, PUT]);
  });

  it('adopts nothing on an instant that only wakes others', () => {
    const scenario = opened();
    expect(scenario.instant('2026-01-02T10:00:00Z', { wakes: ['execution'] })).toEqual([]);
    expect(types(scenario.instant('2026-01-02T10:05:00Z', {}))).toContain('PositionAdopted');
  });

  it('shows the hedge instrument with bid and ask from its half spread, to the tick', () => {
    const scenario = opened();
    const { marks } = only(scenario.instant(ADOPTED, market(ADOPTED)), 'RiskSnapshotTaken');
    expect(marks.find(({ instrument }) => instrument === PERP)).toMatchObject({
      price: '89020',
      bid: '89019.1',
      ask: '89020.9',
    });
  });
});

describe('what a leg is worth', () => {
  it('is the venue’s coin price at the spot it was quoted against, its forward following spot', () => {
    const scenario = opened();
    const [call, put] = only(scenario.instant(ADOPTED, market(ADOPTED)), 'RiskSnapshotTaken').legs;
    // Black-76 on F = 89089, K = 89000, 45 %, 6.945 days: value ÷ forward in coin, worked out independently.
    expect(call?.unitValue).toBeCloseTo(0.0252511744737, 11);
    expect(put?.unitValue).toBeCloseTo(0.0242521734747, 11);
    expect(call?.value).toBeCloseTo(-(call?.unitValue ?? 0) * 89000, 8);
    const at = '2026-01-02T09:30:00Z';
    const [later] = only(
      scenario.instant(at, { marks: [spotMark('BTC', 88000, at), priceMark(PERP, 88000, at)] }),
      'RiskSnapshotTaken',
    ).legs;
    expect(later?.forward).toBeCloseTo(88000 * 1.001, 6);
    expect(later?.volatilityTime).toBe(ADOPTED);
  });

  it('in a coin book has the venue’s net transaction delta: Black delta less the mark', () => {
    const scenario = opened({ planned: straddle, numeraire: 'BTC' });
    const snapshot = only(scenario.instant(ADOPTED, market(ADOPTED)), 'RiskSnapshotTaken');
    const [call] = snapshot.legs;
    const dollars = opened();
    const [inDollars] = only(dollars.instant(ADOPTED, market(ADOPTED)), 'RiskSnapshotTaken').legs;
    expect(call?.delta).toBeCloseTo((inDollars?.delta ?? 0) + (call?.unitValue ?? 0), 12);
    expect(snapshot.exposures[0]?.balanceDelta).toBeCloseTo(0, 15);
  });
});

describe('when a snapshot is taken', () => {
  const later = (minutes: number): string => `2026-01-02T10:${String(minutes).padStart(2, '0')}:00Z`;

  it('comes with a material move, not with a smaller one', () => {
    const scenario = opened();
    scenario.instant(ADOPTED, market(ADOPTED));
    expect(
      scenario.instant(later(0), {
        marks: [spotMark('BTC', 89000 * 1.0009, later(0)), priceMark(PERP, 89020, later(0))],
      }),
    ).toEqual([]);
    const said = scenario.instant(later(1), {
      marks: [spotMark('BTC', 89000 * 0.9989, later(1)), priceMark(PERP, 88900, later(1))],
    });
    expect(only(said, 'RiskSnapshotTaken').trigger).toBe('price-move');
  });

  it('comes after the longest interval even when nothing moves', () => {
    const scenario = opened({ planned: straddle, rules: { maxInterval: 'PT20M' } });
    scenario.instant(ADOPTED, market(ADOPTED));
    expect(scenario.instant('2026-01-02T09:38:00Z', market('2026-01-02T09:38:00Z'))).toEqual([]);
    expect(
      only(scenario.instant('2026-01-02T09:38:10Z', market('2026-01-02T09:38:10Z')), 'RiskSnapshotTaken')
        .trigger,
    ).toBe('interval');
  });

  it('comes when a price status changes, and carries the status with its reasons', () => {
    const scenario = opened();
    scenario.instant(ADOPTED, market(ADOPTED));
    const halted = spotMark('BTC', 89000, later(0), { status: 'HALTED', reasons: ['DEVIATES'] });
    const snapshot = only(
      scenario.instant(later(0), { marks: [halted, priceMark(PERP, 89020, later(0))] }),
      'RiskSnapshotTaken',
    );
    expect(snapshot).toMatchObject({
      trigger: 'status',
      status: 'HALTED',
      reasons: ['BTC@composite: DEVIATES'],
    });
    expect(snapshot.exposures).toMatchObject([{ underlying: 'BTC', spotStatus: 'HALTED' }]);
    const back = scenario.instant(later(5), {
      marks: [spotMark('BTC', 89000, later(5)), priceMark(PERP, 89020, later(5))],
    });
    expect(only(back, 'RiskSnapshotTaken')).toMatchObject({ trigger: 'status', status: 'OK', reasons: [] });
  });

  it('says nothing when decided again, and survives a JSON round trip at every step', () => {
    const straight = opened();
    const reloaded = opened();
    for (const [index, at] of [ADOPTED, later(0), later(20), later(40)].entries()) {
      const step = market(at, 89000 * (1 + index * 0.002));
      const expected = straight.instant(at, step);
      reloaded.reload();
      expect(reloaded.instant(at, step)).toEqual(expected);
      const instant = { number: 9, eventTime: at, fundings: [], deliveries: [], wakes: [], ...step };
      expect(straight.decideAgain({ kind: 'instant', instant })).toEqual([]);
    }
  });
});

describe('what cannot be priced', () => {
  const at = '2026-01-02T10:00:00Z';

  it('names a leg without a mark and leaves it out of every total', () => {
    const scenario = opened();
    const marks = [
      optionMark(CALL, 0.45, 89089, ADOPTED),
      priceMark(PERP, 89020, ADOPTED),
      spotMark('BTC', 89000, ADOPTED),
    ];
    const snapshot = only(scenario.instant(ADOPTED, { marks }), 'RiskSnapshotTaken');
    expect(snapshot.unpriced).toMatchObject([{ instrument: PUT, quantity: '-1', code: 'RISK.NO_MARK' }]);
    expect(snapshot.status).toBe('DEGRADED');
    expect(snapshot.legs.map(({ instrument }) => instrument)).toEqual([CALL]);
    expect(snapshot.exposures[0]?.optionDelta).toBe(snapshot.legs[0]?.delta);
  });

  it('does not value on an old volatility', () => {
    const scenario = opened({ planned: straddle, rules: { maxVolatilityAge: 'PT30M' } });
    scenario.instant(ADOPTED, market(ADOPTED));
    const fresh = [spotMark('BTC', 89000, at), priceMark(PERP, 89020, at)];
    const snapshot = only(scenario.instant(at, { marks: fresh }), 'RiskSnapshotTaken');
    expect(snapshot.trigger).toBe('status');
    expect(snapshot.unpriced.map(({ code }) => code)).toEqual([
      'RISK.STALE_VOLATILITY',
      'RISK.STALE_VOLATILITY',
    ]);
  });

  it('halts an underlying whose spot has gone silent', () => {
    const scenario = opened();
    scenario.instant(ADOPTED, market(ADOPTED));
    const snapshot = only(scenario.instant(at, {}), 'RiskSnapshotTaken');
    expect(snapshot.status).toBe('HALTED');
    expect(snapshot.unpriced.map(({ code }) => code)).toEqual(['RISK.STALE_SPOT', 'RISK.STALE_SPOT']);
  });
});

describe('the basis of an option', () => {
  /** Forwards 10 bp above a price that the composite, a bar older, says 30 bp too high or too low, or once 500. */
  function quoted(basisQuotes: number | undefined): number[] {
    const scenario = opened({ planned: straddle, rules: basisQuotes === undefined ? {} : { basisQuotes } });
    scenario.instant(ADOPTED, market(ADOPTED));
    return [30, -30, 30, 500, -30, 30, -30].map((lag, index) => {
      const at = `2026-01-02T${10 + index}:00:00Z`;
      const spot = 89_000 * (1 + lag / 10_000);
      scenario.instant(at, {
        marks: [
          spotMark('BTC', spot, at),
          priceMark(PERP, spot, at),
          ...[CALL, PUT].map((option) => optionMark(option, 0.45, 89_000 * 1.001, at)),
        ],
      });
      // Five minutes later the composite says what the price was.
      const later = at.replace(':00:00Z', ':05:00Z');
      const said = scenario.instant(later, {
        marks: [spotMark('BTC', 89_000, later), priceMark(PERP, 89_000, later)],
      });
      scenario.reload();
      const [leg] = only(said, 'RiskSnapshotTaken').legs;
      return Math.round(((leg?.forward ?? 0) / 89_000 - 1.001) * 10_000);
    });
  }

  it('is the median of its latest quotes: a composite that lags or errs moves it little, and not for long', () => {
    expect(quoted(5)).toEqual([-15, 0, -15, -30, -30, -30, -30]);
    expect(quoted(undefined)).toEqual([-30, 30, -30, -477, 30, -30, 30]);
  });
});

describe('settlement at expiry', () => {
  const expiry = '2026-01-09T08:00:00Z';
  const delivery = { underlying: 'BTC', venue: 'deribit', expiry, price: '90500', source: 'test' };

  it('pays the inverse payoff at the delivery price and keeps it fixed in dollars', () => {
    const scenario = opened();
    scenario.instant(ADOPTED, market(ADOPTED));
    const said = scenario.instant(expiry, { ...market(expiry, 90600), deliveries: [delivery] });
    expect(
      eventsOf(said, 'OptionSettled').map(({ instrument, payoff, cash }) => [instrument, payoff, cash]),
    ).toEqual([
      [CALL, '0.01657459', { currency: 'BTC', amount: '-0.01657459' }],
      [PUT, '0', { currency: 'BTC', amount: '0' }],
    ]);
    const snapshot = only(said, 'RiskSnapshotTaken');
    expect(snapshot).toMatchObject({ trigger: 'settlement', legs: [], unpriced: [] });
    expect(snapshot.pnl.settlement).toBe('-1500.000395');
    const after = only(
      scenario.instant('2026-01-09T08:05:00Z', market('2026-01-09T08:05:00Z', 92000)),
      'RiskSnapshotTaken',
    );
    expect(after.pnl.settlement).toBe('-1500.000395');
    // 0.00015 BTC for the call that was exercised, nothing for the put that was not.
    expect(eventsOf(said, 'OptionSettled').map(({ fee }) => fee)).toEqual([
      { currency: 'BTC', amount: '-0.00015' },
      undefined,
    ]);
    expect(snapshot.pnl.fees).toBe('-13.59');
    expect(after.pnl.fees).toBe('-13.8');
    expect(Number(after.pnl.unhedged)).toBeCloseTo((0.042 - 0.01657459) * 92000, 6);
  });

  it('leaves an expired option unpriced until the delivery price comes', () => {
    const scenario = opened();
    scenario.instant(ADOPTED, market(ADOPTED));
    const at = '2026-01-09T08:00:00Z';
    const snapshot = only(scenario.instant(at, market(at, 90600)), 'RiskSnapshotTaken');
    expect(snapshot.unpriced.map(({ code }) => code)).toEqual([
      'RISK.EXPIRED_UNSETTLED',
      'RISK.EXPIRED_UNSETTLED',
    ]);
    const said = scenario.instant('2026-01-09T08:05:00Z', { deliveries: [delivery] });
    expect(types(said)).toEqual(['OptionSettled', 'OptionSettled', 'RiskSnapshotTaken']);
  });
});

describe('fills and funding', () => {
  it('applies a fill with its fee once, and values it in the same breath', () => {
    const scenario = opened();
    scenario.instant(ADOPTED, market(ADOPTED));
    const said = scenario.commit(
      'b',
      '2026-01-02T09:30:00Z',
      filled({ quantity: '0.5', price: '89010', fee: { currency: 'USDT', amount: '-22.2525' } }),
    );
    expect(only(said, 'FillApplied')).toMatchObject({
      realised: { currency: 'USDT', amount: '0' },
      positionAfter: '0.5',
      averagePriceAfter: '89010',
    });
    const snapshot = only(said, 'RiskSnapshotTaken');
    expect(snapshot).toMatchObject({
      trigger: 'fill',
      at: '2026-01-02T09:30:00Z',
      pnl: { fees: '-22.2525', hedge: '5' },
    });
    expect(scenario.commit('b', '2026-01-02T09:30:00Z', filled({ quantity: '0.5', price: '89010' }))).toEqual(
      [],
    );
  });

  it('adopts a trade of somebody else once, with its evidence, and counts it like a fill, for the book and not for its hedges', () => {
    const outcome = (foreign: boolean) => {
      const scenario = opened();
      scenario.instant(ADOPTED, market(ADOPTED));
      const fee = { currency: 'USDT', amount: '-22.2525' };
      scenario.commit('b', '2026-01-02T09:29:00Z', filled({ quantity: '-0.2', price: '88000' }));
      const seen = {
        type: 'ForeignTradeSeen',
        payload: {
          book: 'b',
          venue: 'binance',
          at: '2026-01-02T09:30:00Z',
          venueOrderId: '4711',
          tradeId: '17',
          instrument: PERP,
          quantity: '0.5',
          price: '89010',
          fee,
          tradedAt: '2026-01-02T09:29:59.5Z',
        },
      } as const;
      const fill = filled({ fillId: 'f-2', quantity: '0.5', price: '89010', fee });
      const said = scenario.commit('b', '2026-01-02T09:30:00Z', foreign ? seen : fill);
      if (foreign) {
        expect(types(said)).toEqual(['PositionAdopted', 'RiskSnapshotTaken']);
        expect(only(said, 'PositionAdopted')).toMatchObject({
          quantity: '0.5',
          price: '89010',
          positionAfter: '0.3',
          venueTrade: {
            venue: 'binance',
            venueOrderId: '4711',
            tradeId: '17',
            tradedAt: '2026-01-02T09:29:59.5Z',
            fee,
            realised: { currency: 'USDT', amount: '-202' },
            averagePriceAfter: '89010',
          },
        });
        expect(scenario.commit('b', '2026-01-02T09:31:00Z', seen)).toEqual([]);
      }
      const at = '2026-01-02T12:00:00Z';
      const { pnl, exposures } = only(scenario.instant(at, market(at, 91000)), 'RiskSnapshotTaken');
      const { hedged, fees, funding, options } = pnl;
      const greeks = exposures.map(({ delta, gamma, vega, theta }) => ({ delta, gamma, vega, theta }));
      return { account: { hedged, fees, funding, greeks }, options };
    };
    const [theirs, hedge] = [outcome(true), outcome(false)];
    expect(theirs.account).toEqual(hedge.account);
    expect(Number(theirs.options) - Number(hedge.options)).toBeCloseTo(0.5 * (91020 - 89010), 8);
  });

  it('undoes a busted fill whatever was traded since: position, fee and profit as if it had never been', () => {
    const outcome = (withBust: boolean): unknown => {
      const scenario = opened();
      scenario.instant(ADOPTED, market(ADOPTED));
      const wrong = { fillId: 'wrong', quantity: '0.5', price: '88000' } as const;
      if (withBust) scenario.commit('b', '2026-01-02T09:30:00Z', filled(wrong));
      scenario.commit('b', '2026-01-02T09:31:00Z', filled({ fillId: 'f-2', quantity: '2', price: '89000' }));
      if (withBust) {
        const said = scenario.commit('b', '2026-01-02T09:40:00Z', busted(wrong));
        expect(only(said, 'FillApplied')).toMatchObject({
          fillId: 'wrong/bust',
          busts: 'wrong',
          quantity: '-0.5',
          positionAfter: '2',
          fee: { currency: 'USDT', amount: '45' },
        });
        expect(scenario.commit('b', '2026-01-02T09:40:00Z', busted(wrong))).toEqual([]);
        const early = busted({ fillId: 'unheard-of', quantity: '0', price: '0' });
        expect(scenario.commit('b', '2026-01-02T09:41:00Z', early)).toEqual([]);
      }
      const at = '2026-01-02T12:00:00Z';
      const snapshot = only(scenario.instant(at, market(at, 91000)), 'RiskSnapshotTaken');
      const { hedge, fees, hedged } = snapshot.pnl;
      return { hedge, fees, hedged };
    };
    expect(outcome(true)).toEqual(outcome(false));
  });

  it('pays funding on the position at the mark price', () => {
    const scenario = opened();
    scenario.instant(ADOPTED, market(ADOPTED));
    scenario.commit('b', '2026-01-02T10:00:00Z', filled({ quantity: '-2', price: '89000' }));
    const at = '2026-01-02T16:00:00Z';
    const funding = { instrument: PERP, rate: '0.0001', at, source: 'test' };
    const said = scenario.instant(at, { ...market(at, 89980), fundings: [funding] });
    expect(only(said, 'FundingAccrued')).toMatchObject({
      position: '-2',
      price: '90000',
      cash: { currency: 'USDT', amount: '18' },
    });
    expect(only(said, 'RiskSnapshotTaken')).toMatchObject({ trigger: 'funding', pnl: { funding: '18' } });
  });

  it('keeps a payment due until the notional can be known', () => {
    const scenario = opened({ planned: straddle, others: ['BTC-PERPETUAL@deribit'] });
    scenario.instant(ADOPTED, market(ADOPTED));
    scenario.commit(
      'b',
      '2026-01-02T10:00:00Z',
      filled({ instrument: 'BTC-PERPETUAL@deribit', quantity: '9000', price: '90000' }),
    );
    const funding = {
      instrument: 'BTC-PERPETUAL@deribit',
      rate: '0.0002',
      at: '2026-01-02T16:00:00Z',
      source: 'test',
    };
    expect(types(scenario.instant('2026-01-02T16:00:00Z', { fundings: [funding] }))).not.toContain(
      'FundingAccrued',
    );
    const at = '2026-01-02T16:05:00Z';
    const said = scenario.instant(at, {
      marks: [priceMark('BTC-PERPETUAL@deribit', 80000, at), spotMark('BTC', 80000, at)],
    });
    expect(only(said, 'FundingAccrued').cash).toEqual({ currency: 'BTC', amount: '-0.000225' });
  });

  it('pays funding at the last price that was believed, not at one that is halted', () => {
    const scenario = opened();
    scenario.instant(ADOPTED, market(ADOPTED));
    scenario.commit('b', '2026-01-02T10:00:00Z', filled({ quantity: '-2', price: '89000' }));
    const at = '2026-01-02T16:00:00Z';
    const halted = { ...priceMark(PERP, 900000, at), status: 'HALTED' as const, reasons: ['DEVIATES'] };
    const funding = { instrument: PERP, rate: '0.0001', at, source: 'test' };
    const said = scenario.instant(at, { marks: [halted, spotMark('BTC', 89000, at)], fundings: [funding] });
    expect(only(said, 'FundingAccrued')).toMatchObject({ price: '89020', cash: { amount: '17.804' } });
  });
});

describe('a coin that has no price', () => {
  const at = '2026-01-02T09:20:00Z';
  const coin = { instrument: 'ETH-9JAN26-3100-C@deribit', quantity: '-10', price: '0.02', at: ADOPTED };

  it('is in no total and is named, instead of being worth nothing', () => {
    const scenario = opened({ planned: [...straddle, coin] });
    const before = only(scenario.instant(ADOPTED, market(ADOPTED)), 'RiskSnapshotTaken');
    expect(before.status).toBe('HALTED');
    expect(before.balances.map(({ currency }) => currency)).toEqual(['BTC']);
    expect(before.unpriced).toContainEqual({
      instrument: 'ETH',
      quantity: '0.2',
      code: 'RISK.NO_SPOT',
      message: 'no spot price of ETH yet',
    });
    const after = only(scenario.instant(at, { marks: [spotMark('ETH', 3100, at)] }), 'RiskSnapshotTaken');
    expect(after.balances).toContainEqual({ currency: 'ETH', amount: '0.2', value: 620 });
    expect(Number(after.pnl.options) - Number(before.pnl.options)).toBeCloseTo(620, 0); // and two minutes of the options
  });

  it('holds back a payoff whose worth in the numeraire cannot be told', () => {
    const scenario = opened({ planned: [{ ...coin, quantity: '10' }], numeraire: 'BTC' });
    scenario.instant(ADOPTED, market(ADOPTED));
    const expiry = '2026-01-09T08:00:00Z';
    const delivery = { underlying: 'ETH', venue: 'deribit', expiry, price: '3200', source: 'test' };
    const later = '2026-01-09T08:05:00Z';
    expect(types(scenario.instant(expiry, { ...market(expiry), deliveries: [delivery] }))).not.toContain(
      'OptionSettled',
    );
    const said = scenario.instant(later, {
      marks: [spotMark('ETH', 3200, later), spotMark('BTC', 89600, later)],
    });
    expect(only(said, 'OptionSettled').cash).toEqual({ currency: 'ETH', amount: '0.3125' });
    // 0.3125 ETH at 3200 is 1000 USD.
    expect(Number(only(said, 'RiskSnapshotTaken').pnl.settlement)).toBeCloseTo(1000 / 89600, 8);
  });
});
