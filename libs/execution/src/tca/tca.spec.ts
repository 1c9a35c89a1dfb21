import { contractOf, specificationOf } from '@evenkeel/instruments';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import fc from 'fast-check';
import { Worksite } from '../../test/worksite';
import { PERP, at } from '../../test/desk';
import { JournalTca } from './journal-tca';
import { observationsOf } from './observations';
import { shortfallOf } from './shortfall';
import type { FillForTca, TradeForTca } from './shortfall';
import { tcaReport } from './tca-report';
import { tcaHtml, tcaText } from './tca-text';
import { valueAt } from './valuation';

const spec = (id: string): InstrumentSpec => {
  const found = specificationOf(id);
  if (!found.ok) throw new Error(found.failure.message);
  return found.value;
};
const d = (text: string | number): Decimal => Decimal.parse(String(text));

/** The same number from the definition alone, without the split. */
function shortfallByDefinition({ unit, side, quantity, fills, endMid }: TradeForTca): Decimal {
  const sign = Decimal.ofInteger(side === 'buy' ? 1 : -1);
  let real = Decimal.ZERO;
  let filled = Decimal.ZERO;
  let fees = Decimal.ZERO;
  for (const fill of fills) {
    real = real.plus(fill.quantity.times(valueAt(unit, fill.price)));
    filled = filled.plus(fill.quantity);
    fees = fees.plus(fill.fee);
  }
  const unfilled = quantity.minus(filled).max(Decimal.ZERO);
  const paper = filled.plus(unfilled).times(valueAt(unit, unit.arrival));
  return sign.times(real.plus(unfilled.times(valueAt(unit, endMid))).minus(paper)).plus(fees);
}

const fill = (over: Partial<Record<keyof FillForTca, string>> = {}): FillForTca => ({
  quantity: d(over.quantity ?? '1'),
  price: d(over.price ?? '90012'),
  liquidity: over.liquidity === 'maker' ? 'maker' : 'taker',
  sentMid: d(over.sentMid ?? '90005'),
  sentTouch: d(over.sentTouch ?? '90010'),
  tradedMid: d(over.tradedMid ?? '90006'),
  fee: d(over.fee ?? '45'),
});
const trade = (over: Partial<TradeForTca> = {}): TradeForTca => ({
  unit: { contract: contractOf(spec(PERP)), arrival: d('90000'), underlyingUsd: undefined },
  side: 'buy',
  quantity: d('2'),
  fills: [fill()],
  endMid: d('90100'),
  ...over,
});
const texts = (of: TradeForTca): Record<string, string> =>
  Object.fromEntries(Object.entries(shortfallOf(of)).map(([part, value]) => [part, value.toString()]));

describe('implementation shortfall', () => {
  it('is split at the prices in between, by hand', () => {
    expect(texts(trade())).toEqual({
      timing: '5',
      spread: '5',
      impact: '2',
      fees: '45',
      opportunity: '100',
      total: '157',
    });
  });

  it('counts a maker’s price against the middle it traded at: earned spread is negative', () => {
    const maker = fill({ liquidity: 'maker', price: '90000', tradedMid: '90006', fee: '18' });
    expect(texts(trade({ fills: [maker], quantity: d('1') }))).toMatchObject({
      timing: '6',
      spread: '-6',
      impact: '0',
      total: '18',
    });
  });

  it('is in USD for contracts settled in coin', () => {
    // 90 contracts of 10 USD: 900 × (1/90000 − 1/90900) coin at 90000 USD.
    const unit = {
      contract: contractOf(spec('BTC-PERPETUAL@deribit')),
      arrival: d('90000'),
      underlyingUsd: undefined,
    };
    const size = unit.contract.sizeNumber;
    const one = {
      ...fill({ quantity: '90', price: '90900', sentMid: '90900', sentTouch: '90900', fee: '0' }),
    };
    const total = shortfallOf(trade({ unit, quantity: d('90'), fills: [one] })).total.toNumber();
    expect(total).toBeCloseTo(90 * size * 90_000 * (1 / 90_000 - 1 / 90_900), 6);
  });

  it('adds up to the definition exactly, to the last digit', () => {
    const price = fc.integer({ min: 100, max: 200_000_000 }).map((units) => d(units).dividedBy(d(1000), 3));
    const fills = fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 5000 }).map((units) => d(units).dividedBy(d(1000), 3)),
        price,
        liquidity: fc.constantFrom('maker' as const, 'taker' as const),
        sentMid: price,
        sentTouch: price,
        tradedMid: price,
        fee: fc.integer({ min: -1e6, max: 1e6 }).map((units) => d(units).dividedBy(d(1e6), 6)),
      }),
      { maxLength: 6 },
    );
    const trades = fc.record({
      id: fc.constantFrom(PERP, 'BTC-PERPETUAL@deribit', 'BTC-23JAN26-96000-C@deribit'),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      arrival: price,
      quantity: fc.integer({ min: 1, max: 30_000 }).map((units) => d(units).dividedBy(d(1000), 3)),
      fills,
      endMid: price,
    });
    fc.assert(
      fc.property(trades, ({ id, arrival, ...rest }) => {
        const of = { ...rest, unit: { contract: contractOf(spec(id)), arrival, underlyingUsd: d('90000') } };
        const { timing, spread, impact, fees, opportunity, total } = shortfallOf(of);
        const sum = timing.plus(spread).plus(impact).plus(fees).plus(opportunity);
        expect(sum.equals(total)).toBe(true);
        expect(shortfallByDefinition(of).equals(total)).toBe(true);
      }),
      { numRuns: 1500, seed: 1988 },
    );
  });
});

describe('the costs of a journal', () => {
  const site = new Worksite({ algorithm: 'twap', horizon: 'PT10M', slices: 2 });
  const opened = {
    type: 'BookOpened',
    payload: { specifications: [JSON.stringify(spec(PERP))] },
  };
  const snapshot = (seconds: number, price: string): unknown => ({
    type: 'RiskSnapshotTaken',
    payload: {
      at: at(seconds),
      marks: [
        { instrument: PERP, price },
        { instrument: 'BTC@composite', price },
      ],
    },
  });
  const record = (): JournalTca => {
    const tca = new JournalTca();
    // The reader looks at no other field of these.
    const add = (event: unknown): void => tca.add({ events: [event as never] });
    add(opened);
    add(snapshot(0, '90000'));
    add({ type: 'HedgeDecided', payload: { decisionId: 'd1', at: at(1), trades: [] } });
    for (const event of site.events) {
      if (event.type === 'OrderFilled') add(snapshot(Number(event.payload.at.slice(17, 19)) + 2, '90010'));
      add(event);
    }
    for (let seconds = 400; seconds <= 8000; seconds += 100)
      add(snapshot(seconds, String(90_000 + seconds / 10)));
    return tca;
  };
  site.decide('d1', 1, { quantity: '1' });
  site.runFilling(700);

  it('knows the parent of every child, and what its fills came to', () => {
    const report = tcaReport(record());
    expect(report.total).toMatchObject({ trades: 1, orders: 2, fills: 2, notionalUsd: '90000', fillRate: 1 });
    expect(report.byAlgorithm.map(({ key }) => key)).toEqual(['twap']);
    expect(report.byVenue.map(({ key }) => key)).toEqual(['binance']);
    expect(report.byHour.map(({ key }) => key)).toEqual(['00']);
    expect(report.total.shortfallUsd.fees).toBe('2');
    // Fills at the arrival price: the assumed half spread that was not paid comes back as negative impact.
    const { timing, spread, impact, opportunity, total, fees } = report.total.shortfallUsd;
    expect([timing, opportunity]).toEqual(['0', '0']);
    expect(d(spread).plus(d(impact)).isZero()).toBe(true);
    expect(total).toBe(fees);
  });

  it('looks at the market again after each horizon, in our favour positive', () => {
    const [minute, five, half, hour] = tcaReport(record()).total.markouts;
    expect([minute?.fills, five?.fills, half?.fills, hour?.fills]).toEqual([2, 2, 2, 2]);
    expect(hour?.bps ?? 0).toBeGreaterThan(half?.bps ?? 0);
    expect(half?.bps ?? 0).toBeGreaterThan(0);
  });

  it('leaves observations that a cost model can be fitted on', () => {
    const fills = observationsOf(record(), { dailyVolumeUsd: () => 1e9, fallbackVolatility: 0.03 });
    expect(fills).toHaveLength(2);
    expect(fills[0]).toMatchObject({
      instrument: PERP,
      side: 'buy',
      liquidity: 'taker',
      notionalUsd: 45_000,
      arrivalMid: 90_000,
      price: 90_000,
      feeUsd: 1,
      dailyVolumeUsd: 1e9,
    });
    expect(fills[0]?.dailyVolatility).toBeGreaterThan(0);
    expect(fills[0]?.markoutMid).toBeGreaterThan(90_000);
  });

  it('forgets a fill that the venue took back', () => {
    const tca = record();
    const order = site.payloads('OrderFilled')[0];
    tca.add({
      events: [{ type: 'FillBusted', payload: { ...order, reason: 'ERROR' } as never }], // the reader looks at ids only
    });
    expect(tcaReport(tca).total).toMatchObject({ fills: 1, fillRate: 0.5 });
  });

  it('can be read by people', () => {
    const report = tcaReport(record());
    expect(tcaText(report)).toContain('transaction costs of 1 trades, 2 fills, 90,000.00 USD decided');
    expect(tcaHtml(report)).toContain('<td>twap</td>');
  });
});
