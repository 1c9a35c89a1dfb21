import { Decimal, createRandom } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import { LivePool, sqrtRatioAtTick } from '@evenkeel/pools';
import { costOf, routeSplit } from '@evenkeel/routing';
import type { Route, RoutingProblem } from '@evenkeel/routing';
import { poolRoute, requote } from './pool-route';
import type { PoolRouteTerms } from './pool-route';

const PLACE = { block: 1, time: 1_000, logIndex: 0 };
const STATES = 2_000;

interface PoolVenue {
  readonly pool: LivePool;
  readonly terms: PoolRouteTerms;
}

/** WETH against USDC near the reference, either of them token0; a few ranges, sometimes with a gap or nothing in range. */
function poolVenue(random: Random, side: 'buy' | 'sell', index: number, lot: Decimal): PoolVenue {
  const base = random.integer(2) === 0 ? 0 : 1;
  const [feePips, tickSpacing] = [[100, 1] as const, [500, 10] as const, [3_000, 60] as const][
    random.integer(3)
  ] ?? [500, 10];
  const pool = new LivePool({ feePips, tickSpacing });
  // 1.0001^−200,800 is 1,905 USDC a WETH in smallest units.
  const tick = (base === 0 ? -1 : 1) * (200_800 + random.integer(30) - 15);
  pool.initialize(PLACE, sqrtRatioAtTick(tick));
  for (let range = 0; range < 2 + random.integer(6); range += 1) {
    const low = Math.round((tick - 400 + random.integer(700)) / tickSpacing) * tickSpacing;
    const tickUpper = low + tickSpacing * Math.ceil((50 + random.integer(600)) / tickSpacing);
    const liquidity = BigInt(1 + random.integer(500)) * 10n ** 15n;
    pool.mint(PLACE, { owner: 'a', tickLower: low, tickUpper }, liquidity);
  }
  const decimals = base === 0 ? { decimals0: 18, decimals1: 6 } : { decimals0: 6, decimals1: 18 };
  const terms: PoolRouteTerms = {
    instrument: `WETH-USDC-${feePips}@pool${index}`,
    venue: `pool${index}`,
    side,
    base,
    ...decimals,
    lot,
    minQuantity: lot,
    maxQuantity: Decimal.ofNumber(1_000, 0),
    reference: 1_905,
    moneyPrice: 1,
    deltaPerContract: 1,
    gas: random.integer(3) === 0 ? 0 : random.next() * 8,
    carryPerContract: random.next() * 0.2 - 0.05,
  };
  return { pool, terms };
}

function perp(random: Random, side: 'buy' | 'sell', index: number, lot: Decimal): Route {
  let slippage = random.next() * 0.4;
  const depth = Array.from({ length: 5 }, () => {
    slippage += random.next() * 0.8;
    return { slippage, contracts: 2 + random.next() * 30 };
  });
  return {
    instrument: `ETHUSDT-PERP@v${index}`,
    venue: `v${index}`,
    side,
    lot,
    minQuantity: lot,
    deltaPerContract: 1,
    notionalPerContract: 1_905,
    feeRate: 0.0002 + random.next() * 0.0004,
    depth,
    impactCoefficient: random.integer(2) * random.next() * 0.05,
    fundingPerContract: random.next() * 0.6 - 0.3,
    basisVariance: random.integer(2) * random.next() * 40,
    fixedCost: 0,
    health: random.integer(8) === 0 ? 'DEGRADED' : 'UP',
  };
}

/** The least that whole lots can come to, by trying every split of at most `count` lots. */
function exhaustive(problem: RoutingProblem, lot: number, count: number): number {
  const tables = problem.routes.map((route) =>
    Array.from({ length: count + 1 }, (_, lots) => costOf(problem, route, lots * lot).total),
  );
  let best = Infinity;
  const visit = (route: number, left: number, cost: number): void => {
    const table = tables[route];
    if (table === undefined) {
      best = Math.min(best, cost + problem.residualPenalty * left * lot);
      return;
    }
    for (let lots = 0; lots <= left; lots += 1)
      visit(route + 1, left - lots, cost + (table[lots] ?? Infinity));
  };
  visit(0, count, 0);
  return best;
}

describe('a hedge split over three pools and two perpetuals', () => {
  it(`is within 0.1 bp of exhaustive search at ${STATES} random states, and of the integers`, () => {
    const random = createRandom('pools and perps');
    let [worst, requoted, worstQuote, poolLots, perpLots] = [0, 0, 0, 0, 0];
    for (let state = 0; state < STATES; state += 1) {
      const side = random.integer(2) === 0 ? 'buy' : 'sell';
      const lotSize = [0.25, 1, 4][random.integer(3)] ?? 1;
      const lot = Decimal.parse(String(lotSize));
      const count = 12;
      const delta = count * lotSize;
      const venues = [0, 1, 2].map((index) => poolVenue(random, side, index, lot));
      const problem: RoutingProblem = {
        delta,
        routes: [
          ...venues.map(({ pool, terms }) => poolRoute(pool, terms)),
          ...[0, 1].map((index) => perp(random, side, index, lot)),
        ],
        venueLimits: [],
        residualPenalty: 80,
        riskAversion: random.integer(2) * 0.01,
        degradedFactor: 2,
      };
      const routing = routeSplit(problem);
      const least = exhaustive(problem, lotSize, count);
      const off = (routing.objective - least) / (delta * 1_905);
      worst = Math.max(worst, off);
      expect({ state, within: off <= 1e-5 }).toEqual({ state, within: true });
      routing.allocations.forEach(({ route, quantity, cost }, index) => {
        const venue = venues[index];
        if (quantity.isZero()) return;
        if (venue === undefined) return void (perpLots += 1);
        poolLots += 1;
        const quote = requote(venue.pool, venue.terms, quantity, 0.003);
        if (quote === undefined) throw new Error(`state ${state}: the pool cannot give ${quantity}`);
        const exact = (side === 'buy' ? 1 : -1) * (quote.money - 1_905 * quantity.toNumber());
        worstQuote = Math.max(worstQuote, Math.abs(exact - cost.spread) / (1_905 * quantity.toNumber()));
        expect(side === 'buy' ? quote.bound > quote.taken : quote.bound < quote.given).toBe(true);
        expect(route.curve?.contracts).toBeGreaterThanOrEqual(quantity.toNumber());
        requoted += 1;
      });
    }
    expect(worst).toBeLessThanOrEqual(1e-5);
    expect(worstQuote).toBeLessThan(1e-8);
    expect(Math.min(requoted, poolLots, perpLots)).toBeGreaterThan(STATES / 4);
    process.stdout.write(
      `worst distance to exhaustive ${(worst * 1e4).toExponential(2)} bp, to the integers ${(worstQuote * 1e4).toExponential(2)} bp; ` +
        `${poolLots} pool legs, ${perpLots} perpetual legs\n`,
    );
  });

  it('says when a pool cannot give what is asked', () => {
    const random = createRandom('short');
    const { pool, terms } = poolVenue(random, 'buy', 0, Decimal.ONE);
    expect(requote(pool, terms, Decimal.parse('1000000'), 0.003)).toBeUndefined();
    expect(
      costOf(
        { delta: 1, routes: [], venueLimits: [], residualPenalty: 1, riskAversion: 0, degradedFactor: 1 },
        poolRoute(pool, terms),
        1_000_000,
      ).total,
    ).toBe(Infinity);
  });
});
