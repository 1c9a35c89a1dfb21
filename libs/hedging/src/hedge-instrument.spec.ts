import type { Exposure, RiskSnapshotTaken } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { createRiskCore } from '@evenkeel/risk';
import {
  bookOpened,
  createScenario,
  filled,
  only,
  optionMark,
  priceMark,
  specificationText,
  spotMark,
} from '../../risk/test/scenario';
import { contractsFor, hedgeInstrumentOf } from './hedge-instrument';

const AT = '2026-01-02T10:00:00Z';
const HEDGES = [
  'BTCUSDT-PERP@binance',
  'BTC-PERPETUAL@deribit',
  'BTC-27MAR26@deribit',
  'BTCUSDT@binance',
  'BTC-30JAN26-95000-C@deribit',
  'BTC_USDC-30JAN26-85000-P@deribit',
] as const;

/** An account that already holds something of everything, its snapshot before and after one trade at the mark. */
function trading(numeraire: string, instrument: string, quantity: string) {
  const scenario = createScenario(createRiskCore(), 'book');
  const held = 'BTC-27MAR26-90000-C@deribit';
  const planned = [{ instrument: held, quantity: '-3', price: '0.06', at: AT }];
  scenario.own('b', AT, bookOpened({ planned, numeraire, hedges: HEDGES }));
  const price = (id: string): string =>
    id === 'BTC-30JAN26-95000-C@deribit' ? '0.02' : id.startsWith('BTC_USDC') ? '1500' : '90063';
  const marks = [
    optionMark(held, 0.5, 91300, AT),
    optionMark('BTC-30JAN26-95000-C@deribit', 0.42, 90400, AT, { bid: '0.0195', ask: '0.0205' }),
    optionMark('BTC_USDC-30JAN26-85000-P@deribit', 0.47, 90400, AT),
    ...HEDGES.slice(0, 4).map((id) => priceMark(id, price(id), AT)),
    spotMark('BTC', 90000, AT),
  ];
  const before = only(scenario.instant(AT, { marks }), 'RiskSnapshotTaken');
  const unit = before.legs.find((leg) => leg.instrument === instrument)?.unitValue;
  const at = unit === undefined ? price(instrument) : String(unit);
  const said = scenario.commit(
    'b',
    AT,
    filled({ instrument, quantity, price: at, fee: { currency: 'USDT', amount: '0' } }),
  );
  return { before, after: only(said, 'RiskSnapshotTaken') };
}

function instrumentIn(snapshot: RiskSnapshotTaken, id: string) {
  const contract = parseContract(specificationText(id));
  const mark = snapshot.marks.find(({ instrument }) => instrument === id);
  const leg = snapshot.legs.find(({ instrument }) => instrument === id);
  const ownCoin = snapshot.numeraire === 'BTC';
  const found =
    mark &&
    hedgeInstrumentOf(
      contract,
      mark,
      { spotUsd: 90000, numeraireUsd: ownCoin ? 90000 : 1, ownCoin, rate: 0 },
      leg,
    );
  if (found === undefined) throw new Error(`${id} has a mark`);
  return found;
}

function btc(snapshot: RiskSnapshotTaken): Exposure {
  const [exposure] = snapshot.exposures;
  if (exposure === undefined) throw new Error('the account has BTC');
  return exposure;
}

describe.each(['USD', 'BTC'])('in a %s book', (numeraire) => {
  it.each([
    [HEDGES[0], '0.5'],
    [HEDGES[1], '4000'],
    [HEDGES[2], '-3000'],
    [HEDGES[3], '0.7'],
    [HEDGES[4], '2'],
    [HEDGES[5], '-1.5'],
  ])('one contract of %s brings what the account’s Greeks change by', (id, quantity) => {
    const { before, after } = trading(numeraire, id, quantity);
    const instrument = instrumentIn(before, id);
    const contracts = Number(quantity);
    const change = (name: 'delta' | 'gamma' | 'vega' | 'theta' | 'vanna'): number =>
      btc(after)[name] - btc(before)[name];
    const close = (actual: number, expected: number, scale: number): void =>
      expect(Math.abs(actual - expected)).toBeLessThan(1e-6 * scale);
    close(contracts * instrument.deltaPerContract, change('delta'), 1);
    close(contracts * instrument.gammaPerContract, change('gamma'), 1e-4);
    close(contracts * instrument.vegaPerContract, change('vega'), Math.abs(btc(before).vega));
    close(contracts * instrument.thetaPerContract, change('theta'), Math.abs(btc(before).theta));
    close(contracts * instrument.vannaPerContract, change('vanna'), 1);
  });
});

describe('an option on the record of a release that did not say what one contract brings', () => {
  it.each(['USD', 'BTC'])('brings the same, to the last bit, in a %s book', (numeraire) => {
    const { before } = trading(numeraire, HEDGES[0], '0.1');
    const older: RiskSnapshotTaken = {
      ...before,
      legs: before.legs.map(({ perContract, ...leg }) => {
        expect(perContract).toBeDefined();
        return leg;
      }),
    };
    for (const id of [HEDGES[4], HEDGES[5]])
      expect(instrumentIn(older, id)).toEqual(instrumentIn(before, id));
  });
});

describe('what it costs', () => {
  it('is the half spread and the fee as fractions of notional, the underlying’s worth for options', () => {
    const { before } = trading('USD', HEDGES[0], '0.1');
    const option = instrumentIn(before, HEDGES[4]);
    expect(option.notionalPerContract).toBe(90000);
    // Half of 0.001 coin per contract.
    expect(option.halfSpread).toBeCloseTo(0.0005, 12);
    const perpetual = instrumentIn(before, HEDGES[1]);
    expect(perpetual.notionalPerContract).toBe(10);
    // 0.5 bp, widened to the tick of 0.5 on either side.
    expect(perpetual.halfSpread).toBeCloseTo(5 / 90063, 12);
  });
});

describe('sizing', () => {
  const { before } = trading('USD', HEDGES[0], '0.1');
  const perp = instrumentIn(before, HEDGES[0]);

  it.each([
    [0.10049, 'down', '0.1'],
    [-0.10149, 'down', '-0.101'],
    [-0.10109, 'up', '-0.102'],
    [0.0003, 'down', '0'],
    [0.0003, 'up', '0.001'],
  ] as const)('%d delta rounded %s is %s contracts', (delta, rounding, contracts) => {
    expect(contractsFor(perp, delta * perp.deltaPerContract, rounding).toString()).toBe(contracts);
  });

  it('is nothing for what is no number', () => {
    expect(contractsFor({ ...perp, deltaPerContract: 0 }, 1).equals(Decimal.ZERO)).toBe(true);
    expect(contractsFor(perp, Number.NaN).isZero()).toBe(true);
  });
});
