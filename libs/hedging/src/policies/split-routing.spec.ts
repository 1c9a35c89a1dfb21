import type { RiskSnapshotTaken, TradeChosen } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { specificationText } from '../../test/scenario';
import { PLAIN_COSTS, withHash } from '../cost-model/cost-model';
import type { HedgeInstrument } from '../hedge-instrument';
import type { Policy, PolicyInput, PolicyOutput, UnderlyingView } from '../policy/policy';
import { parsePolicy } from './registry';
import { parseRouting, withSplitRouting } from './split-routing';

const instrument = (id: string, over: Partial<HedgeInstrument> = {}): HedgeInstrument => ({
  id,
  contract: parseContract(specificationText(id)),
  kind: 'perpetual',
  underlying: 'BTC',
  referencePrice: '90000',
  bid: 89_999,
  ask: 90_001,
  deltaPerContract: 1,
  gammaPerContract: 0,
  vegaPerContract: 0,
  thetaPerContract: 0,
  vannaPerContract: 0,
  expiryYears: 0,
  volatility: 0,
  notionalPerContract: 90_000,
  takerFee: 0.0005,
  makerFee: 0.0002,
  halfSpread: 0.00001,
  lot: Decimal.parse('0.001'),
  minQuantity: Decimal.parse('0.001'),
  status: 'OK',
  ageSeconds: 0,
  ...over,
});

const LINEAR = instrument('BTCUSDT-PERP@binance');
// 10 USD contracts, paid in coin.
const INVERSE = instrument('BTC-PERPETUAL@deribit', {
  deltaPerContract: 10 / 90_000,
  notionalPerContract: 10,
  lot: Decimal.parse('1'),
  minQuantity: Decimal.parse('1'),
});
const IMPACT = { squareRootImpact: est(1), dailyVolume: est(1e8) };
const COSTS = withHash({
  ...PLAIN_COSTS,
  instruments: { '*': IMPACT },
});

function est(value: number) {
  return { value, standardError: 0, samples: 0 };
}

const inputOf = (...instruments: HedgeInstrument[]): PolicyInput => {
  const contracts = new Map<string, number>();
  const view = {
    underlying: 'BTC',
    spot: 90_000,
    spotUsd: 90_000,
    volatility: 0.6,
    instruments,
    inFlightContracts: contracts,
  };
  // Routing reads no other field.
  const snapshot = { legs: [] } as unknown as RiskSnapshotTaken;
  const underlyings = [view as unknown as UnderlyingView];
  return { snapshot, now: 0n, numeraireUsd: 1, underlyings, remembered: {} } as unknown as PolicyInput;
};

/** A policy that wants one trade, whatever it sees. */
function wanting(trade: Partial<TradeChosen>): Policy {
  const chosen: TradeChosen = {
    instrument: LINEAR.id,
    quantity: '2',
    referencePrice: '90000',
    delta: 2,
    urgency: 'immediate',
    ...trade,
  };
  const nought = { fee: 0, spread: 0, impact: 0, funding: 0, gas: 0, margin: 0, total: 0 };
  const output = {
    assessments: [{ underlying: 'BTC', exposure: -2, exposureAfter: 0 }],
    candidates: [
      {
        name: 'one',
        trades: [chosen],
        expectedCost: nought,
        residualRisk: 7,
        score: 5,
        chosen: true,
        rejected: '',
      },
    ],
    trades: [chosen],
    reasons: [],
    refusals: [],
    rebalanced: [],
  };
  return { kind: 'test', evaluate: () => output as unknown as PolicyOutput }; // what routing does not read is left out
}

const settings = (routing: unknown) => {
  const parsed = parseRouting({ routing });
  if (!parsed.ok || parsed.value === undefined) throw new Error('a split');
  return parsed.value;
};
const split = (policy: Policy, input: PolicyInput, routing: unknown = 'split', costs = COSTS): PolicyOutput =>
  withSplitRouting(policy, settings(routing), costs).evaluate(input);

describe('a hedge spread over instruments and venues', () => {
  it('is divided where impact makes that cheaper, and says what each part costs', () => {
    const output = split(wanting({}), inputOf(LINEAR, INVERSE));
    expect(output.trades.map((trade) => trade.instrument)).toEqual([LINEAR.id, INVERSE.id]);
    const delta = output.trades.reduce((sum, trade) => sum + trade.delta, 0);
    expect(delta).toBeGreaterThan(2 - 0.001);
    expect(delta).toBeLessThanOrEqual(2 + 1e-9);
    // Equal liquidity: equal shares of delta.
    expect(output.trades[0]?.delta).toBeCloseTo(1, 2);
    const [one, divided] = output.candidates;
    expect([one?.chosen, one?.rejected]).toEqual([false, 'dearer than the split']);
    expect(divided).toMatchObject({ chosen: true, residualRisk: 7 });
    expect(divided?.trades).toEqual(output.trades);
    expect(divided?.name).toMatch(
      /^BTC split over 1(\.\d+)? BTCUSDT-PERP@binance at \d+\.\d\d bps, \d+ BTC-PERPETUAL@deribit/,
    );
    expect(divided?.expectedCost.impact).toBeGreaterThan(0);
    expect(divided?.score).toBeLessThan(5);
    expect(output.assessments[0]?.exposureAfter).toBeCloseTo(delta - 2, 9);
  });

  it('sells as it buys', () => {
    const output = split(wanting({ quantity: '-2', delta: -2 }), inputOf(LINEAR, INVERSE));
    expect(output.trades.every(({ quantity, delta }) => quantity.startsWith('-') && delta < 0)).toBe(true);
  });

  it('leaves the policy’s own choice where a split is no cheaper, and keeps the split on record', () => {
    const dear = { ...INVERSE, takerFee: 0.01 };
    const output = split(wanting({}), inputOf(LINEAR, dear));
    expect(output.trades.map(({ quantity }) => quantity)).toEqual(['2']);
    expect(output.candidates[1]).toMatchObject({ chosen: false, rejected: 'no cheaper than one instrument' });
    expect(output.candidates[1]?.name).toContain('BTC-PERPETUAL@deribit none: DEARER_AT_THE_MARGIN');
  });

  it('keeps a venue within its limit, counting what is held there', () => {
    const output = split(wanting({}), inputOf(LINEAR, INVERSE), { venueLimitUsd: { binance: 45_000 } });
    expect(output.trades.map(({ quantity }) => quantity)[0]).toBe('0.5');
  });

  it('shies away from funding to pay and from basis risk', () => {
    const paying = withHash({
      ...COSTS,
      instruments: { '*': IMPACT, [LINEAR.id]: { ...IMPACT, fundingRate: est(0.5) } },
    });
    const even = split(wanting({}), inputOf(LINEAR, INVERSE)).trades[0]?.delta ?? 0;
    expect(split(wanting({}), inputOf(LINEAR, INVERSE), 'split', paying).trades[0]?.delta).toBeLessThan(even);
    const risky = { basisVolatility: { [INVERSE.id]: 0.05 }, riskAversion: 1e-3 };
    expect(split(wanting({}), inputOf(LINEAR, INVERSE), risky).trades[0]?.delta).toBeGreaterThan(even);
  });

  it('leaves ladders, resting trades and lone instruments as they are', () => {
    expect(split(wanting({ urgency: 'passive' }), inputOf(LINEAR, INVERSE)).candidates).toHaveLength(1);
    expect(split(wanting({}), inputOf(LINEAR)).candidates).toHaveLength(1);
  });

  it('is a field of every policy, read with the rest', () => {
    const parse = (routing: unknown) =>
      parsePolicy(JSON.stringify({ kind: 'delta-band', band: '0.05', routing }));
    expect(parse('split').ok).toBe(true);
    expect(parse('single').ok).toBe(true);
    expect(parse({ horizonDays: 0.5 }).ok).toBe(true);
    for (const [wrong, path] of [
      ['twice', 'routing'],
      [{ colour: 1 }, 'routing.colour'],
      [{ degradedFactor: 0.5 }, 'routing.degradedFactor'],
      [{ venueLimitUsd: { binance: -1 } }, 'routing.venueLimitUsd'],
      [{ horizonDays: 0 }, 'routing.horizonDays'],
    ])
      expect(parse(wrong)).toMatchObject({ ok: false, failure: { path } });
  });
});
