import type { DomainEvent, EventPayloads, Exposure, ProfitAndLoss, RiskSnapshotTaken } from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { canonicalJson } from '@evenkeel/kernel';
import { createRunStatistics } from './run-statistics';

const NO_PNL: ProfitAndLoss = {
  unhedged: '0',
  hedged: '0',
  options: '0',
  hedge: '0',
  fees: '0',
  funding: '0',
  settlement: '0',
};

function specificationText(id: string): string {
  const found = specificationOf(id);
  if (!found.ok) throw new Error(found.failure.message);
  // An InstrumentSpec is plain JSON.
  return canonicalJson(found.value);
}

function opened(book: string): DomainEvent {
  const specifications = ['BTCUSDT-PERP@binance', 'BTC-PERPETUAL@deribit'].map(specificationText);
  const evaluation = {
    priceMoveBps: '10',
    maxInterval: 'PT1H',
    maxPriceAge: 'PT30M',
    maxVolatilityAge: 'PT24H',
  };
  const payload = {
    book,
    numeraire: 'USD',
    at: '2026-01-01T00:00:00Z',
    planned: [],
    specifications,
    hedgeInstruments: [],
    evaluation,
    fileHash: '',
  };
  return { type: 'BookOpened', payload };
}

function exposure(over: Partial<Exposure>): Exposure {
  const zero = {
    delta: 0,
    optionDelta: 0,
    balanceDelta: 0,
    hedgeDelta: 0,
    gamma: 0,
    vega: 0,
    theta: 0,
    vanna: 0,
    volga: 0,
  };
  return {
    underlying: 'BTC',
    spot: 90000,
    spotStatus: 'OK',
    ...zero,
    volatility: 0,
    expiryYears: 0,
    ...over,
  };
}

function snapshot(
  at: string,
  exposures: Exposure[],
  hedged: number,
  unhedged: number,
  unpriced: RiskSnapshotTaken['unpriced'] = [],
): DomainEvent {
  const payload: RiskSnapshotTaken = {
    snapshotId: at,
    book: 'b',
    numeraire: 'USD',
    at,
    trigger: 'interval',
    positionsVersion: 1,
    model: '',
    kernelHash: '',
    rate: 0,
    status: 'OK',
    reasons: [],
    marks: [],
    legs: [],
    unpriced,
    balances: [],
    exposures,
    equity: '0',
    pnl: { ...NO_PNL, hedged: String(hedged), unhedged: String(unhedged) },
  };
  return { type: 'RiskSnapshotTaken', payload };
}

function fill(over: Partial<EventPayloads['FillApplied']>): DomainEvent {
  const payload = {
    book: 'b',
    instrument: 'BTCUSDT-PERP@binance',
    clientOrderId: 'o',
    fillId: 'f',
    quantity: '-0.5',
    price: '90000',
    fee: { currency: 'USDT', amount: '-22.5' },
    realised: { currency: 'USDT', amount: '0' },
    at: '2026-01-01T00:00:00Z',
    positionAfter: '-0.5',
    averagePriceAfter: '90000',
    ...over,
  };
  return { type: 'FillApplied', payload };
}

function decision(type: 'HedgeDecided' | 'HedgeDeclined', reasons: string[]): DomainEvent {
  const quietBefore = { evaluations: 0, from: '', to: '', maxBandUse: 0 };
  const payload = {
    decisionId: '',
    book: 'b',
    at: '',
    snapshotId: '',
    policyKind: '',
    policyHash: '',
    assessments: [],
    candidates: [],
    trades: [],
    checks: [],
    reasons,
    quietBefore,
  };
  return { type, payload };
}

function reportOf(events: DomainEvent[]) {
  const statistics = createRunStatistics();
  for (const event of [opened('b'), ...events]) statistics.add({ book: 'b', events: [event] });
  const [report] = statistics.report();
  if (report === undefined) throw new Error('a book was opened');
  return report;
}

describe('run statistics', () => {
  it('count decisions by reason, fills, and turnover of linear and coin-settled contracts', () => {
    const report = reportOf([
      decision('HedgeDecided', ['BAND_BREACHED']),
      decision('HedgeDeclined', ['PRICE_HALTED', 'UNPRICED_LEGS']),
      decision('HedgeDeclined', ['PRICE_HALTED']),
      fill({}),
      fill({ instrument: 'BTC-PERPETUAL@deribit', quantity: '100' }),
    ]);
    expect(report.decisions).toEqual({
      total: 3,
      hedged: 1,
      declined: 2,
      byReason: { BAND_BREACHED: 1, PRICE_HALTED: 2, UNPRICED_LEGS: 1 },
    });
    expect(report).toMatchObject({ fills: 2, turnoverUsd: '46000' });
  });

  it('weigh delta by the time it was held, without hedges and with them', () => {
    const report = reportOf([
      snapshot(
        '2026-01-01T00:00:00Z',
        [exposure({ optionDelta: -0.5, balanceDelta: 0.1, delta: -0.4 })],
        0,
        0,
      ),
      snapshot('2026-01-01T01:00:00Z', [exposure({ optionDelta: 0.2, balanceDelta: 0, delta: 0.05 })], 0, 0),
      snapshot('2026-01-01T04:00:00Z', [exposure({})], 0, 0),
    ]);
    expect(report.absDeltaUnit).toBe('BTC');
    expect(report.absDelta.before.max).toBeCloseTo(0.4, 12);
    expect(report.absDelta.before.timeWeighted).toBeCloseTo((0.4 + 3 * 0.2) / 4, 12);
    expect(report.absDelta.after.timeWeighted).toBeCloseTo((0.4 + 3 * 0.05) / 4, 12);
  });

  it('say when delta was largest, and that an expiry was the cause', () => {
    const settled = snapshot('2026-01-01T08:00:00Z', [exposure({ delta: 3.5 })], 0, 0);
    if (settled.type !== 'RiskSnapshotTaken') throw new Error('a snapshot');
    const { absDelta } = reportOf([
      snapshot('2026-01-01T07:00:00Z', [exposure({ optionDelta: -3.4, delta: 0.1 })], 0, 0),
      { ...settled, payload: { ...settled.payload, trigger: 'settlement' } },
      snapshot('2026-01-01T09:00:00Z', [exposure({})], 0, 0),
    ]);
    expect(absDelta.before).toMatchObject({ max: 3.4, maxAt: '2026-01-01T07:00:00Z', maxBecause: 'market' });
    expect(absDelta.after).toMatchObject({ max: 3.5, maxAt: '2026-01-01T08:00:00Z', maxBecause: 'expiry' });
  });

  it('keep the P&L at the end of each day, and the risk of a day whatever the time between evaluations', () => {
    const report = reportOf([
      snapshot('2026-01-01T00:00:00Z', [exposure({})], 0, 0),
      snapshot('2026-01-01T12:00:00Z', [exposure({})], 100, 200),
      snapshot('2026-01-02T00:00:00Z', [exposure({})], 0, 0),
      snapshot('2026-01-02T12:00:00Z', [exposure({})], 100, 200),
      snapshot('2026-01-03T00:00:00Z', [exposure({})], 0, 0),
    ]);
    expect(report.days.map(({ day, hedged }) => [day, hedged])).toEqual([
      ['2026-01-01', '100'],
      ['2026-01-02', '100'],
      ['2026-01-03', '0'],
    ]);
    // Moves of ±100 every half day: ±141 a day.
    expect(report.dailyRisk.hedged).toBeCloseTo(100 * Math.SQRT2, 9);
    expect(report.dailyRisk.unhedged).toBeCloseTo(200 * Math.SQRT2, 9);
  });

  it('tell the bands that hedges saw', () => {
    const hedge = (half: number): DomainEvent => {
      const decided = decision('HedgeDecided', ['BAND_BREACHED']);
      if (decided.type !== 'HedgeDecided') throw new Error('a hedge');
      const assessment = {
        underlying: 'BTC',
        spot: 90000,
        delta: 1,
        gamma: 0,
        vega: 0,
        inFlightDelta: 0,
        exposure: 1,
        target: 0,
        bandLower: 0.5 - half,
        bandUpper: 0.5 + half,
        ingredients: [],
        breached: true,
        exposureAfter: 0,
      };
      return { type: 'HedgeDecided', payload: { ...decided.payload, assessments: [assessment] } };
    };
    const { bands } = reportOf([hedge(0.125), hedge(0.375)]);
    expect(bands).toEqual({ BTC: { hedges: 2, narrowest: 0.125, mean: 0.25, widest: 0.375 } });
    expect(reportOf([hedge(0)]).bands).toEqual({});
  });

  it('add several underlyings up in the numeraire and keep each in its own unit', () => {
    const eth = exposure({ underlying: 'ETH', spot: 3000, optionDelta: 10, delta: 0 });
    const report = reportOf([
      snapshot('2026-01-01T00:00:00Z', [exposure({ optionDelta: -0.5, delta: 0.1 }), eth], 0, 0),
    ]);
    expect(report.absDeltaUnit).toBe('USD');
    expect(report.absDelta).toMatchObject({
      before: { max: 75000, timeWeighted: 75000 },
      after: { max: 9000, timeWeighted: 9000 },
    });
    expect(report.absDeltaByUnderlying['ETH']?.before.max).toBe(10);
  });

  it('compare the variance of hedged and unhedged moves, leaving incomplete evaluations out', () => {
    const gap = [{ instrument: 'x', quantity: '1', code: 'RISK.NO_MARK', message: '' }];
    const report = reportOf([
      snapshot('2026-01-01T00:00:00Z', [], 0, 0),
      snapshot('2026-01-01T01:00:00Z', [], 1, 10),
      snapshot('2026-01-01T02:00:00Z', [], 999, -999, gap),
      snapshot('2026-01-01T03:00:00Z', [], 0, 0),
      snapshot('2026-01-01T04:00:00Z', [], 2, 20),
    ]);
    expect(report.varianceRatio).toBeCloseTo(0.01, 12);
    expect(report).toMatchObject({ evaluations: 5, evaluationsIncomplete: 1 });
    expect(reportOf([]).varianceRatio).toBeNull();
  });
});

describe('orders that did not trade', () => {
  const of = {
    clientOrderId: 'o',
    book: 'b',
    instrument: 'BTCUSDT-PERP@binance',
    at: '2026-01-01T00:00:00Z',
  };
  const closed = (
    type: 'OrderCancelled' | 'OrderExpired' | 'OrderRejected',
    reason: string,
    unfilled = '1',
  ): DomainEvent => ({ type, payload: { ...of, unfilled, reason } });
  const refused = (...reasons: string[]): DomainEvent => ({
    type: 'OrderRefused',
    payload: { ...of, decisionId: 'd', side: 'buy', quantity: '1', checks: [], reasons },
  });

  it('are counted by what stopped them, and by why', () => {
    const { orders } = reportOf([
      refused('GROSS_NOTIONAL', 'MAX_ORDERS_PER_MINUTE'),
      refused('GROSS_NOTIONAL'),
      closed('OrderRejected', 'VENUE_DOWN'),
      closed('OrderExpired', 'IOC_REMAINDER'),
      closed('OrderCancelled', 'REQUESTED', '0'),
    ]);
    expect(orders).toEqual({
      sent: 0,
      refused: { total: 2, byReason: { GROSS_NOTIONAL: 2, MAX_ORDERS_PER_MINUTE: 1 } },
      rejected: { total: 1, byReason: { VENUE_DOWN: 1 } },
      unfilled: { total: 1, byReason: { IOC_REMAINDER: 1 } },
      beyondSize: { fills: 0, contracts: {} },
    });
  });

  it('tell what a venue filled beyond them, by instrument', () => {
    const filled = (quantity: string, excess?: string): DomainEvent => ({
      type: 'OrderFilled',
      payload: {
        ...of,
        fillId: `f-${quantity}`,
        quantity,
        price: '90000',
        fee: { currency: 'USDT', amount: '0' },
        liquidity: 'taker',
        remaining: '0',
        late: false,
        ...(excess === undefined ? {} : { excess }),
      },
    });
    const { orders } = reportOf([filled('1'), filled('1.5', '0.5'), filled('-0.25', '0.25')]);
    expect(orders.beyondSize).toEqual({ fills: 2, contracts: { [of.instrument]: '0.75' } });
  });
});
