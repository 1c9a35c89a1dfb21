import { whalleyWilmottHalfBand } from '../bands/whalley-wilmott';
import { zakamoulineBand } from '../bands/zakamouline';
import { hodgesNeubergerBand } from './gamma-band';
import { solveOptionIndifference } from './option-band';

/** A short at-the-money option of one unit at price 1: variance 0.04, γNK = 10. */
const SHORT = {
  spot: 1,
  gamma: -0.3989422804 / 0.2,
  volatility: 0.2,
  expiryYears: 1,
  riskAversion: 10,
  rate: 0,
};
const option = (cost: number, steps: number, quantity = -1) =>
  solveOptionIndifference({
    quantity,
    strike: 1,
    volatility: 0.2,
    expiryYears: 1,
    cost,
    riskAversion: 10,
    steps,
  });

describe('the utility-indifference band', () => {
  it('is what the asymptotic bands come near to as costs go to zero', () => {
    const costs = [0.03, 0.01, 0.003, 0.001];
    const table = costs.map((cost) => {
      const { lower, upper } = hodgesNeubergerBand({ ...SHORT, cost });
      const exact = (upper - lower) / 2;
      return {
        cost,
        whalleyWilmott: whalleyWilmottHalfBand({ ...SHORT, cost }) / exact,
        zakamouline: zakamoulineBand({ ...SHORT, cost }).halfBand / exact,
      };
    });
    const gaps = table.map(({ whalleyWilmott, zakamouline }) => [whalleyWilmott - 1, zakamouline - 1]);
    for (let row = 1; row < gaps.length; row += 1) {
      for (const column of [0, 1]) {
        expect(Math.abs(gaps[row]?.[column] ?? 9)).toBeLessThan(Math.abs(gaps[row - 1]?.[column] ?? 0));
      }
    }
    // Seen: 1.19, 1.09, 1.04, 1.02 and 1.49, 1.23, 1.12, 1.09.
    expect(table[0]?.whalleyWilmott).toBeGreaterThan(1.15);
    expect(table[3]?.whalleyWilmott).toBeGreaterThan(1);
    expect(table[3]?.whalleyWilmott).toBeLessThan(1.03);
    expect(table[3]?.zakamouline).toBeLessThan(1.12);
  });

  it('of a book is that of the at-the-money option with its gamma', () => {
    for (const cost of [0.01, 0.003]) {
      const book = hodgesNeubergerBand({ ...SHORT, cost });
      const { lower, upper } = option(cost, 400).bandAt(1, 1);
      expect(book.upper / ((upper - lower) / 2)).toBeGreaterThan(0.985);
      expect(book.upper / ((upper - lower) / 2)).toBeLessThan(1.015);
    }
  });

  it('settles as the lattice is refined', () => {
    const width = (steps: number): number => {
      const { lower, upper } = option(0.01, steps).bandAt(1, 1);
      return upper - lower;
    };
    const finest = width(800);
    for (const steps of [100, 200, 400]) expect(Math.abs(width(steps) / finest - 1)).toBeLessThan(0.005);
  });

  it('scales: twice the contracts at half the risk aversion have twice the band, whatever the price unit', () => {
    const base = hodgesNeubergerBand({ ...SHORT, cost: 0.005 });
    const doubled = hodgesNeubergerBand({
      ...SHORT,
      cost: 0.005,
      gamma: 2 * SHORT.gamma,
      riskAversion: SHORT.riskAversion / 2,
    });
    expect(doubled.upper / base.upper).toBeCloseTo(2, 10);
    const inCents = hodgesNeubergerBand({
      ...SHORT,
      cost: 0.005,
      spot: 100,
      gamma: SHORT.gamma / 100,
      riskAversion: SHORT.riskAversion / 100,
    });
    expect(inCents.upper / base.upper).toBeCloseTo(1, 10);
  });

  it('widens with cost, narrows with risk aversion and moves smoothly between the solved points', () => {
    const at = (cost: number, riskAversion: number): number =>
      hodgesNeubergerBand({ ...SHORT, cost, riskAversion }).upper;
    let before = at(0.004, 10);
    for (let cost = 0.0042; cost < 0.008; cost += 0.0002) {
      const now = at(cost, 10);
      expect(now).toBeGreaterThan(before);
      expect(now / before).toBeLessThan(1.03);
      before = now;
    }
    expect(at(0.005, 20)).toBeLessThan(at(0.005, 10));
  });

  it('leaves a long book as much room as a short one of the same gamma, nearly, and a flat one none', () => {
    const short = hodgesNeubergerBand({ ...SHORT, cost: 0.003 }).upper;
    const long = hodgesNeubergerBand({ ...SHORT, cost: 0.003, gamma: -SHORT.gamma }).upper;
    expect(long / short).toBeGreaterThan(0.8);
    expect(long / short).toBeLessThan(1.25);
    expect(hodgesNeubergerBand({ ...SHORT, cost: 0.003, gamma: 0 })).toEqual({ lower: 0, upper: 0 });
  });

  it('far from the strike lets a hedge stand that would cost more than the rest of its risk', () => {
    const { lower, upper } = option(0.01, 400).bandAt(2.2, 1);
    // Without gamma: κ/(γ S σ²τ) to either side.
    const still = 0.01 / (10 * 2.2 * 0.04);
    expect(Math.abs(upper / still - 1)).toBeLessThan(0.1);
    expect(Math.abs(-lower / still - 1)).toBeLessThan(0.1);
  });

  it('never turns inside out, up to the last moment and at costs that make hedging pointless by then', () => {
    for (const [cost, riskAversion] of [
      [0.02, 100],
      [0.02, 10],
      [0.002, 100],
    ] as const) {
      const region = solveOptionIndifference({
        quantity: -1,
        strike: 1,
        volatility: 0.3,
        expiryYears: 0.25,
        cost,
        riskAversion,
        steps: 100,
      });
      for (const years of [0.25, 0.1, 0.02, 0.005, 0.0045, 0.003, 0.0025, 0.001, 0])
        for (let forward = 0.6; forward < 1.7; forward += 0.01) {
          const { lower, upper } = region.bandAt(forward, years);
          expect(upper).toBeGreaterThanOrEqual(lower);
        }
    }
  });
});
