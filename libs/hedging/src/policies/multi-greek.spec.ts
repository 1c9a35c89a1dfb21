import type { HedgeDecision, LegValuation } from '@evenkeel/facts';
import { priceBlack76 } from '@evenkeel/pricing';
import { BTC_PERP, createProgram, exposureOf, intended, markOf, only } from '../../test/scenario';
import { parsePolicy } from './registry';

const HELD = 'BTC-27MAR26-90000-C@deribit';
const NEAR = 'BTC-30JAN26-90000-C@deribit';
const FAR = 'BTC-27MAR26-95000-C@deribit';
const TERMS: Readonly<Record<string, { readonly strike: number; readonly years: number }>> = {
  [HELD]: { strike: 90_000, years: 85 / 365 },
  [NEAR]: { strike: 90_000, years: 29 / 365 },
  [FAR]: { strike: 95_000, years: 85 / 365 },
};
const VOL = 0.45;
const policy = {
  kind: 'multi-greek',
  riskAversion: '0.0001',
  horizon: 'P1D',
  model: { volatilityHorizon: 'P7D' },
  capitalRate: '0',
};
const at = '2026-01-01T10:00:00Z';

const black = (id: string) => {
  const { strike, years } = TERMS[id] ?? { strike: 1, years: 1 };
  return priceBlack76({ type: 'call', F: 90_000, K: strike, T: years, sigma: VOL, r: 0 });
};

function legOf(instrument: string, contracts: number): LegValuation {
  const { strike, years } = TERMS[instrument] ?? { strike: 1, years: 1 };
  const unit = black(instrument);
  return {
    instrument,
    quantity: String(contracts),
    kind: 'option',
    underlying: 'BTC',
    value: contracts * unit.value,
    unitValue: unit.value / 90_000,
    forward: 90_000,
    strike,
    volatility: VOL,
    volatilityTime: at,
    expiryYears: years,
    delta: contracts * unit.delta,
    gamma: contracts * unit.gamma,
    vega: contracts * unit.vega,
    theta: contracts * unit.theta,
    vanna: 0,
    volga: 0,
  };
}

/** A book short of calls, with two options and the perpetual to hedge with. */
function book(written: object = policy, contracts = -10, delta = 0) {
  const program = createProgram(written, [BTC_PERP, NEAR, FAR]);
  const held = legOf(HELD, contracts);
  const exposure = exposureOf({
    delta,
    gamma: held.gamma,
    vega: held.vega,
    volatility: VOL,
    expiryYears: 85 / 365,
  });
  const marks = (time: string) => [
    markOf('BTC@composite', 90_000, time),
    markOf(BTC_PERP, 90_000, time),
    ...[NEAR, FAR].map((id) => {
      const coin = black(id).value / 90_000;
      return markOf(id, coin, time, { bid: String(coin - 0.0005), ask: String(coin + 0.0005) });
    }),
  ];
  const legs = [held, legOf(NEAR, 0), legOf(FAR, 0)];
  const evaluate = (time = at) => program.snapshot(time, [exposure], { marks: marks(time), legs });
  return { program, evaluate };
}

const quantityOf = (decision: HedgeDecision, id: string): number =>
  Number(decision.trades.find(({ instrument }) => instrument === id)?.quantity ?? 0);

describe('multi-greek', () => {
  it('buys back gamma and vega and sells the delta that this brings, in lots', () => {
    const decision = only(book().evaluate(), 'HedgeDecided');
    expect(decision.reasons).toEqual(['RISK_EXCEEDS_COST']);
    expect(quantityOf(decision, FAR) + quantityOf(decision, NEAR)).toBeGreaterThan(1);
    expect(quantityOf(decision, BTC_PERP)).toBeLessThan(0);
    const [assessed] = decision.assessments;
    expect(Math.abs(assessed?.exposureAfter ?? 9)).toBeLessThan(0.5);
    expect(assessed?.ingredients.map(({ name }) => name)).toContain('vega ≤90d');
  });

  it('records what it passed over, each with cost and risk, and none that scores better', () => {
    const decision = only(book().evaluate(), 'HedgeDecided');
    const chosen = decision.candidates.filter((candidate) => candidate.chosen);
    expect(chosen.map(({ name }) => name)).toEqual(['joint']);
    expect(decision.candidates.map(({ name }) => name)).toEqual([
      'joint',
      'leave',
      'delta only, cheapest linear',
      'greedy delta then vega',
      `only ${BTC_PERP}`,
      `only ${NEAR}`,
      `only ${FAR}`,
    ]);
    for (const { score, rejected } of decision.candidates.slice(1)) {
      expect(score).toBeGreaterThanOrEqual((chosen[0]?.score ?? 0) - 1e-9);
      expect(rejected).not.toBe('');
    }
    expect(chosen[0]?.trades).toEqual(decision.trades);
  });

  it('is still where nothing gains what it costs', () => {
    const { evaluate } = book({ ...policy, riskAversion: '0.0000001' });
    expect(evaluate()).toEqual([]);
  });

  it('counts vega and gamma in flight: the same snapshot again asks for nothing more', () => {
    const { program, evaluate } = book();
    const decision = only(evaluate(), 'HedgeDecided');
    const again = evaluate('2026-01-01T10:01:00Z');
    expect(again.flatMap((event) => (event.type === 'HedgeDecided' ? event.payload.trades : []))).toEqual([]);
    // The option's order died: it is wanted again.
    const option = decision.trades.find(({ instrument }) => instrument !== BTC_PERP);
    const order = {
      clientOrderId: 'o-9',
      instrument: option?.instrument ?? '',
      side: 'buy' as const,
      quantity: option?.quantity ?? '',
    };
    program.order(at, intended(decision.decisionId, order));
    program.order(at, {
      type: 'OrderExpired',
      payload: {
        clientOrderId: 'o-9',
        book: 'b',
        instrument: order.instrument,
        at,
        unfilled: order.quantity,
        reason: 'test',
      },
    });
    expect(only(evaluate('2026-01-01T10:02:00Z'), 'HedgeDecided').trades.length).toBeGreaterThan(0);
  });

  it('keeps hard limits, and shows what is left against each', () => {
    const limits = { vegaPerPoint: '100', delta: '0.2' };
    const decision = only(book({ ...policy, limits }).evaluate(), 'HedgeDecided');
    expect(decision.reasons).toContain('LIMIT_EXCEEDED');
    const check = decision.checks.find(({ name }) => name === 'multi-greek BTC vega');
    expect(check).toMatchObject({ limit: '100', passed: true });
    expect(Math.abs(Number(check?.observed))).toBeLessThanOrEqual(100);
  });

  it('gives a reason and names the limits where they cannot be met together, and hedges nothing in part', () => {
    const limits = { vegaPerPoint: '100', trade: { [NEAR]: '1', [FAR]: '1' }, margin: '20000' };
    const declined = only(book({ ...policy, limits }).evaluate(), 'HedgeDeclined');
    expect(declined.reasons).toEqual(['LIMITS_INFEASIBLE']);
    expect(declined.trades).toEqual([]);
    const failed = declined.checks.filter(({ passed }) => !passed).map(({ name }) => name);
    expect(failed).toContain('multi-greek BTC vega');
    expect(declined.candidates.find(({ name }) => name === 'joint')?.rejected).toMatch(
      /^LIMITS_INFEASIBLE: .*BTC vega \(limit 100, nearest /,
    );
  });

  it('weighs impact, funding and gas of the cost model', () => {
    const plain = only(book(policy, -10, 5).evaluate(), 'HedgeDecided');
    const costs = {
      instruments: {
        [BTC_PERP]: { squareRootImpact: 1, permanentImpact: 0.2, dailyVolume: 1e8, fundingRate: 0.2, gas: 3 },
      },
    };
    const dear = only(book({ ...policy, costs }, -10, 5).evaluate(), 'HedgeDecided');
    const cost = dear.candidates.find(({ chosen }) => chosen)?.expectedCost;
    expect(cost?.impact).toBeGreaterThan(0);
    expect(Math.abs(quantityOf(dear, BTC_PERP))).toBeLessThan(Math.abs(quantityOf(plain, BTC_PERP)));
  });

  it('does nothing beyond the lots of a halted underlying', () => {
    const { program } = book();
    const held = legOf(HELD, -10);
    const exposure = exposureOf({ delta: 3, gamma: held.gamma, vega: held.vega, spotStatus: 'HALTED' });
    const said = program.snapshot(at, [exposure], { legs: [held] });
    expect(said.filter(({ type }) => type === 'HedgeDecided')).toEqual([]);
  });

  it.each([
    [{ ...policy, riskAversion: '0' }, 'riskAversion'],
    [{ ...policy, horizon: 'soon' }, 'horizon'],
    [{ ...policy, model: { kurtosis: '1' } }, 'model.kurtosis'],
    [{ ...policy, model: { vol: 1 } }, 'model.vol'],
    [{ ...policy, limits: { vega: 1 } }, 'limits.vega'],
    [{ ...policy, limits: { position: { [FAR]: '-1' } } }, `limits.position.${FAR}`],
    [{ ...policy, kinds: { option: { capitalShort: 'much' } } }, 'kinds.option.capitalShort'],
    [{ ...policy, vegaBuckets: ['P30D', 'P7D'] }, 'vegaBuckets'],
    [{ ...policy, costs: { instruments: { x: { gas: -1 } } } }, 'costs.instruments.x.gas'],
  ])('refuses %j, naming the field', (written, path) => {
    expect(parsePolicy(JSON.stringify(written))).toMatchObject({ ok: false, failure: { path } });
  });
});
