import { Decimal } from '@evenkeel/kernel';
import fc from 'fast-check';
import { searchExhaustively } from './exhaustive.test-support';
import type { Route, RoutingProblem } from './route';
import { routeSplit } from './split';

const SOAK = process.env['EK_SOAK'] === '1';

const route = (instrument: string, over: Partial<Route> = {}): Route => ({
  instrument,
  venue: instrument.slice(instrument.lastIndexOf('@') + 1),
  side: 'buy',
  lot: Decimal.parse('0.1'),
  minQuantity: Decimal.parse('0.1'),
  deltaPerContract: 1,
  notionalPerContract: 90_000,
  feeRate: 0.0005,
  depth: [{ slippage: 1, contracts: Infinity }],
  impactCoefficient: 0,
  fundingPerContract: 0,
  basisVariance: 0,
  fixedCost: 0,
  health: 'UP',
  ...over,
});

const problem = (routes: readonly Route[], over: Partial<RoutingProblem> = {}): RoutingProblem => ({
  delta: 1,
  routes,
  venueLimits: [],
  residualPenalty: 9_000,
  riskAversion: 0,
  degradedFactor: 2,
  ...over,
});

const quantities = (of: RoutingProblem): string[] =>
  routeSplit(of).allocations.map(({ quantity }) => quantity.toString());

describe('a split over routes', () => {
  it('walks the cheaper book until the other is as cheap at the margin', () => {
    const depth = [
      { slippage: 0, contracts: 0.3 },
      { slippage: 50, contracts: 10 },
    ];
    const farther = [...depth.slice(0, 1), { slippage: 51, contracts: 10 }];
    expect(quantities(problem([route('A@x', { depth }), route('B@y', { depth: farther })]))).toEqual([
      '0.7',
      '0.3',
    ]);
    const dearer = route('B@y', { depth: [{ slippage: 20, contracts: 10 }] });
    expect(quantities(problem([route('A@x', { depth }), dearer]))).toEqual(['0.3', '0.7']);
  });

  it('splits impact in proportion to the square of liquidity', () => {
    // Equal marginal costs 1.5·k·√q: q₁ ÷ q₂ = (k₂ ÷ k₁)².
    const of = problem([route('A@x', { impactCoefficient: 10 }), route('B@y', { impactCoefficient: 20 })], {
      delta: 5,
    });
    expect(quantities(of)).toEqual(['4', '1']);
  });

  it('pays fees and funding on the record, and takes a venue that pays funding first', () => {
    const paid = route('B@y', { fundingPerContract: -30, maxQuantity: Decimal.parse('0.4') });
    const routing = routeSplit(problem([route('A@x'), paid]));
    expect(routing.allocations.map(({ quantity }) => quantity.toString())).toEqual(['0.6', '0.4']);
    expect(routing.cost.funding).toBeCloseTo(-12, 9);
    expect(routing.cost.fee).toBeCloseTo(45, 9);
    expect(routing.cost.total).toBeCloseTo(45 + 1 - 12, 9);
  });

  it('spreads basis risk where the book is averse to it', () => {
    const risky = route('B@y', { basisVariance: 1000, feeRate: 0.0004 });
    expect(quantities(problem([route('A@x'), risky]))).toEqual(['0', '1']);
    expect(quantities(problem([route('A@x'), risky], { riskAversion: 0.021 }))).toEqual(['0.6', '0.4']);
  });

  it('uses nothing below its minimum, no venue that is down, and a degraded one only at a price', () => {
    const large = route('A@x', { minQuantity: Decimal.parse('2'), feeRate: 0 });
    const down = route('B@y', { health: 'DOWN', feeRate: 0 });
    const routing = routeSplit(problem([large, down, route('C@z')]));
    expect(routing.allocations.map(({ quantity, unused }) => [quantity.toString(), unused])).toEqual([
      ['0', 'BELOW_MINIMUM'],
      ['0', 'VENUE_DOWN'],
      ['1', ''],
    ]);
    const spread = [{ slippage: 30, contracts: 10 }];
    const shaky = (health: Route['health']): RoutingProblem =>
      problem([
        route('A@x', { depth: spread, health }),
        route('C@z', { depth: [{ slippage: 40, contracts: 9 }] }),
      ]);
    expect(quantities(shaky('UP'))).toEqual(['1', '0']);
    expect(quantities(shaky('DEGRADED'))).toEqual(['0', '1']);
  });

  it('keeps within what a venue may still hold, over all its instruments', () => {
    const routes = [route('A@x', { feeRate: 0 }), route('B@x', { feeRate: 0.0001 }), route('C@z')];
    const of = problem(routes, { delta: 2, venueLimits: [{ venue: 'x', maxNotional: 90_000 }] });
    expect(quantities(of)).toEqual(['1', '0', '1']);
  });

  it('leaves what cannot be had, and says so', () => {
    const routing = routeSplit(problem([route('A@x', { depth: [{ slippage: 1, contracts: 0.45 }] })]));
    expect(routing.allocations[0]?.quantity.toString()).toBe('0.4');
    expect(routing.residualDelta).toBeCloseTo(0.6, 12);
  });

  it('does not use a pool whose gas costs more than it saves', () => {
    const gas = (fixedCost: number): RoutingProblem =>
      problem([
        route('A@x', { depth: [{ slippage: 10, contracts: 9 }] }),
        route('P@p', { feeRate: 0, fixedCost }),
      ]);
    expect(quantities(gas(50))).toEqual(['0', '1']);
    expect(quantities(gas(60))).toEqual(['1', '0']);
  });
});

const arbitraryRoute = (venues: number): fc.Arbitrary<Route> =>
  fc
    .record({
      venue: fc.integer({ min: 0, max: venues - 1 }),
      lot: fc.constantFrom('0.1', '0.25', '0.5', '1'),
      minLots: fc.integer({ min: 1, max: 4 }),
      most: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
      delta: fc.constantFrom(1, 0.97, 1.013, 0.5),
      feeBps: fc.integer({ min: -1, max: 8 }),
      levels: fc.array(
        fc.record({ step: fc.integer({ min: 0, max: 40 }), contracts: fc.constantFrom(0.3, 0.5, 1, 2.5) }),
        { minLength: 1, maxLength: 4 },
      ),
      endless: fc.boolean(),
      impact: fc.constantFrom(0, 3, 25, 60),
      linearImpact: fc.constantFrom(0, 0, 2, 30),
      funding: fc.integer({ min: -20, max: 20 }),
      basis: fc.constantFrom(0, 0, 400, 5000),
      fixed: fc.constantFrom(0, 0, 0, 15),
      health: fc.constantFrom<Route['health']>('UP', 'UP', 'UP', 'DEGRADED', 'DOWN'),
    })
    .map((drawn): Route => {
      let slippage = 0;
      const depth = drawn.levels.map(({ step, contracts }) => ({ slippage: (slippage += step), contracts }));
      const lot = Decimal.parse(drawn.lot);
      return route(`I@v${drawn.venue}`, {
        lot,
        minQuantity: lot.times(Decimal.ofInteger(drawn.minLots)),
        ...(drawn.most === undefined ? {} : { maxQuantity: lot.times(Decimal.ofInteger(drawn.most)) }),
        deltaPerContract: drawn.delta,
        feeRate: drawn.feeBps / 10_000,
        depth: drawn.endless ? [...depth, { slippage: slippage + 15, contracts: Infinity }] : depth,
        impactCoefficient: drawn.impact,
        linearImpactCoefficient: drawn.linearImpact,
        fundingPerContract: drawn.funding,
        basisVariance: drawn.basis,
        fixedCost: drawn.fixed,
        health: drawn.health,
      });
    });

const arbitraryProblem = fc
  .record({
    routes: fc.array(arbitraryRoute(3), { minLength: 1, maxLength: 4 }),
    delta: fc.constantFrom(0.4, 0.7, 1, 1.5, 2.3),
    limits: fc.array(
      fc.record({ venue: fc.constantFrom('v0', 'v1'), maxNotional: fc.integer({ min: 0, max: 300_000 }) }),
      { maxLength: 1 },
    ),
    riskAversion: fc.constantFrom(0, 0.001, 0.05),
    residualPenalty: fc.constantFrom(50, 500, 9_000),
  })
  .map(({ routes, delta, limits, riskAversion, residualPenalty }) =>
    problem(routes, { delta, venueLimits: limits, riskAversion, residualPenalty }),
  );

describe('against exhaustive search over small books', () => {
  it('is within a millionth of the optimum, and its own bound says so', () => {
    let visited = 0;
    let splits = 0;
    fc.assert(
      fc.property(arbitraryProblem, (of) => {
        const exact = searchExhaustively(of);
        visited += exact.visited;
        const routing = routeSplit(of);
        if (routing.allocations.filter(({ quantity }) => !quantity.isZero()).length > 1) splits += 1;
        const allowed = 1e-6 * Math.max(1, Math.abs(exact.objective));
        expect(routing.objective).toBeGreaterThanOrEqual(exact.objective - allowed);
        expect(routing.objective).toBeLessThanOrEqual(exact.objective + allowed);
        expect(routing.gap).toBeLessThanOrEqual(allowed);
        expect(routing.cost.total + of.residualPenalty * routing.residualDelta).toBeCloseTo(
          routing.objective,
          6,
        );
      }),
      { numRuns: SOAK ? 20_000 : 600, seed: 20260105 },
    );
    expect(splits).toBeGreaterThan(40);
    expect(visited).toBeGreaterThan(20_000);
  });

  it('proves a small gap for large books too, within its budget of nodes', () => {
    const drawn = fc.record({
      routes: fc.array(arbitraryRoute(8), { minLength: 6, maxLength: 8 }),
      delta: fc.constantFrom(37, 128.4),
    });
    fc.assert(
      fc.property(drawn, ({ routes, delta }) => {
        const fine = routes.map((entry) => ({
          ...entry,
          lot: Decimal.parse('0.001'),
          minQuantity: Decimal.parse('0.01'),
          depth: [...entry.depth, { slippage: 200, contracts: 1000 }],
        }));
        const routing = routeSplit(problem(fine, { delta }), { maxNodes: 300 });
        expect(routing.gap).toBeLessThan(0.01 * Math.abs(routing.objective) + 1);
      }),
      { numRuns: SOAK ? 100 : 12, seed: 7 },
    );
  });
});
