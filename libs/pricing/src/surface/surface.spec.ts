import * as fc from 'fast-check';
import { priceBlack76 } from '../door/black76';
import { priceInverse } from '../door/inverse';
import { math } from '../math';
import type { SmileSlice } from '../smile/arbitrage';
import { surfaceArbitrage } from '../smile/arbitrage';
import { sviRawOfSsvi } from '../smile/ssvi';
import type { SviRaw } from '../smile/svi';
import { sviTotalVariance } from '../smile/svi';
import { legVolatilities } from './leg-volatility';
import { createSurface, surfaceForward, surfaceSmile } from './surface';
import type { SurfacePoint, VolatilitySurface } from './surface';
import { fitSurface } from './surface-fit';
import { stickyGreeks } from './surface-greeks';
import type { ExpiryQuotes, VolatilityQuote } from './volatility-quotes';

const surfaceVolatility = (surface: VolatilitySurface, point: SurfacePoint): number =>
  surfaceSmile(surface, point).volatility;
const surfaceTotalVariance = (surface: VolatilitySurface, k: number, years: number): number => {
  const forward = surfaceForward(surface, years);
  return surfaceSmile(surface, { strike: forward * math.exp(k), years, forward }).totalVariance;
};

const SEED = 20260123;
const TIMES = [0.01, 0.05, 0.2, 1];
const unit = fc.double({ min: 0, max: 1, noNaN: true });

/** Arbitrage-free surfaces: SSVI with a power-law φ within its conditions, at-the-money variance rising. */
const surfaces: fc.Arbitrary<VolatilitySurface> = fc
  .record({ level: unit, rises: fc.array(unit, { minLength: 4, maxLength: 4 }), rho: unit, eta: unit })
  .map(({ level, rises, rho: lean, eta: share }) => {
    const rho = 1.6 * lean - 0.8;
    const eta = (0.2 + 0.75 * share) * (2 / Math.sqrt(1 + Math.abs(rho))); // η²(1+|ρ|) < 4 with γ = ½
    let theta = 0;
    let before = 0;
    return createSurface(
      TIMES.map((years, i) => {
        const forwardVariance = (0.1 + level) * (0.2 + (rises[i] as number)) * 0.5; // four rises
        theta += forwardVariance * (years - before);
        before = years;
        const phi = eta / Math.sqrt(theta * (1 + theta));
        return {
          expiry: `${years}Y`,
          years,
          forward: 100 * (1 + 0.04 * years),
          svi: sviRawOfSsvi({ theta, phi, rho }),
        };
      }),
    );
  });

describe('a surface', () => {
  it('has slices without arbitrage to start from', () => {
    fc.assert(
      fc.property(surfaces, (surface) => surfaceArbitrage(surface.slices).length === 0),
      { seed: SEED, numRuns: 50 },
    );
  });

  it('has no calendar arbitrage between expiries, before the first and after the last', () => {
    const time = fc.double({ min: 1e-4, max: 5, noNaN: true });
    fc.assert(
      fc.property(surfaces, time, time, fc.double({ min: -3, max: 3, noNaN: true }), (surface, t1, t2, k) => {
        const early = surfaceTotalVariance(surface, k, Math.min(t1, t2));
        const late = surfaceTotalVariance(surface, k, Math.max(t1, t2));
        return late >= early - 1e-14 && early >= 0;
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('keeps a positive density between expiries, before the first and after the last', () => {
    const time = fc.double({ min: 1e-4, max: 5, noNaN: true });
    fc.assert(
      fc.property(surfaces, time, fc.double({ min: -1.5, max: 1.5, noNaN: true }), (surface, years, k) => {
        const h = 1e-3;
        const forward = 100;
        const call = (x: number): number => {
          const K = forward * math.exp(x);
          const sigma = surfaceVolatility(surface, { strike: K, years, forward });
          return priceBlack76({ type: 'call', F: forward, K, T: years, sigma }).value;
        };
        const [left, middle, right] = [k - h, k, k + h].map((x) => forward * math.exp(x)) as [
          number,
          number,
          number,
        ];
        const bend = (call(k + h) - call(k)) / (right - middle) - (call(k) - call(k - h)) / (middle - left);
        return bend >= -1e-9;
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('extrapolates in strike no faster than Lee allows', () => {
    const far = fc.double({ min: 3, max: 500, noNaN: true });
    fc.assert(
      fc.property(
        surfaces,
        fc.constantFrom(0.003, 0.03, 0.5, 3),
        far,
        fc.boolean(),
        (surface, years, size, down) => {
          const k = down ? -size : size;
          const slope =
            (surfaceTotalVariance(surface, k * 1.01, years) - surfaceTotalVariance(surface, k, years)) /
            (0.01 * size);
          return slope >= 0 && slope <= 2;
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });

  const surface = createSurface([
    {
      expiry: 'near',
      years: 0.02,
      forward: 90_000,
      svi: { a: 0.0008, b: 0.02, rho: -0.2, m: 0, sigma: 0.05 },
    },
    { expiry: 'far', years: 0.25, forward: 91_500, svi: { a: 0.02, b: 0.1, rho: -0.3, m: 0.02, sigma: 0.2 } },
  ]);

  it('gives the slice its own volatility at an expiry, and interpolates the forward between', () => {
    const k = math.log(95_000 / 90_000);
    const own = Math.sqrt(sviTotalVariance((surface.slices[0] as SmileSlice).svi, k) / 0.02);
    expect(surfaceVolatility(surface, { strike: 95_000, years: 0.02 })).toBeCloseTo(own, 14);
    expect(surfaceForward(surface, 0.02)).toBe(90_000);
    expect(surfaceForward(surface, 0.25)).toBe(91_500);
    expect(surfaceForward(surface, 0.135)).toBeCloseTo(Math.sqrt(90_000 * 91_500), 6);
  });

  it('has the derivatives it reports', () => {
    for (const years of [0.01, 0.02, 0.1, 0.4]) {
      for (const strike of [70_000, 90_000, 120_000]) {
        const forward = 90_500;
        const smile = surfaceSmile(surface, { strike, years, forward });
        const at = (x: number, t = years): number =>
          surfaceSmile(surface, { strike: forward * math.exp(x), years: t, forward }).volatility;
        const k = smile.logMoneyness;
        const h = 1e-4;
        expect(smile.skew).toBeCloseTo((at(k + h) - at(k - h)) / (2 * h), 5);
        expect(smile.convexity).toBeCloseTo((at(k + h) - 2 * at(k) + at(k - h)) / (h * h), 4);
        if (years === 0.02) continue; // the term structure has a corner at an expiry
        expect(smile.perYear).toBeCloseTo((at(k, years + 1e-7) - at(k, years - 1e-7)) / 2e-7, 4);
      }
    }
  });

  it('gives every leg its volatility and says which it could not', () => {
    const legs = legVolatilities(surface, [
      { id: 'ok', strike: 90_000, years: 0.1 },
      { id: 'expired', strike: 90_000, years: -0.1 },
      { id: 'long', strike: 90_000, years: 2, forward: 95_000 },
    ]);
    expect(legs.map((leg) => [leg.id, leg.ok])).toEqual([
      ['ok', true],
      ['expired', false],
      ['long', true],
    ]);
    expect(legs[1]).toMatchObject({ code: 'PRICING.INVALID_INPUT' });
    expect(legs[2]).toMatchObject({ extrapolated: true });
  });

  it('refuses slices that are none', () => {
    const good = surface.slices[0] as SmileSlice;
    expect(() => createSurface([])).toThrow(/slices/);
    expect(() => createSurface([{ ...good, svi: { ...good.svi, rho: 1.2 } }])).toThrow(/near.*rho/);
    expect(() => createSurface([good, { ...good, expiry: 'twin' }])).toThrow(/years/);
  });
});

describe('Greeks on a surface', () => {
  const svi: SviRaw = { a: 0.004, b: 0.06, rho: -0.35, m: 0.01, sigma: 0.1 };
  const surface = createSurface([
    { expiry: 'near', years: 0.05, forward: 100, svi },
    { expiry: 'far', years: 0.3, forward: 100, svi: { ...svi, a: 0.02 } },
  ]);
  const [strike, years, forward] = [108, 0.12, 100];
  const value = (F: number, sigma: number, T = years): number =>
    priceBlack76({ type: 'call', F, K: strike, T, sigma }).value;
  const smileAt = (F: number) => surfaceSmile(surface, { strike, years, forward: F });
  const smile = smileAt(forward);
  const black = priceBlack76({ type: 'call', F: forward, K: strike, T: years, sigma: smile.volatility });
  const { stickyStrike, stickyDelta, rollDown } = stickyGreeks(black, smile, forward);
  const h = 0.02;

  it('are finite differences of the revalued option under sticky strike', () => {
    const v = (F: number): number => value(F, smile.volatility);
    expect(stickyStrike.delta).toBeCloseTo((v(forward + h) - v(forward - h)) / (2 * h), 6);
    expect(stickyStrike.gamma).toBeCloseTo((v(forward + h) - 2 * v(forward) + v(forward - h)) / (h * h), 5);
  });

  it('are finite differences of the revalued option under sticky delta', () => {
    const v = (F: number): number => value(F, smileAt(F).volatility);
    expect(stickyDelta.delta).toBeCloseTo((v(forward + h) - v(forward - h)) / (2 * h), 6);
    expect(stickyDelta.gamma).toBeCloseTo((v(forward + h) - 2 * v(forward) + v(forward - h)) / (h * h), 5);
    const vega = (F: number): number =>
      priceBlack76({ type: 'call', F, K: strike, T: years, sigma: smileAt(F).volatility }).vega;
    expect(stickyDelta.vanna).toBeCloseTo((vega(forward + h) - vega(forward - h)) / (2 * h), 4);
    expect(Math.abs(stickyDelta.delta - stickyStrike.delta)).toBeGreaterThan(1e-3); // the smile is not flat
  });

  it('are finite differences in coin for a coin-settled option', () => {
    const inverse = (F: number) =>
      priceInverse({ type: 'call', F, K: strike, T: years, sigma: smileAt(F).volatility });
    const at = inverse(forward);
    const inCoin = {
      delta: at.deltaCoin,
      gamma: at.gammaCoin,
      vega: at.vegaCoin,
      vanna: at.vannaCoin,
      volga: at.volgaCoin,
      theta: at.thetaCoin,
    };
    const { stickyDelta: coin } = stickyGreeks(inCoin, smile, forward);
    const v = (F: number): number => inverse(F).valueCoin;
    expect(coin.delta).toBeCloseTo((v(forward + h) - v(forward - h)) / (2 * h), 8);
    expect(coin.gamma).toBeCloseTo((v(forward + h) - 2 * v(forward) + v(forward - h)) / (h * h), 7);
  });

  it('roll down the term structure', () => {
    const t = 1e-5;
    const sigma = (T: number): number => surfaceVolatility(surface, { strike, years: T, forward });
    const slide =
      (value(forward, sigma(years - t), years - t) - value(forward, sigma(years + t), years + t)) / (2 * t);
    expect(stickyStrike.theta + rollDown).toBeCloseTo(slide, 4);
  });
});

describe('a surface fit', () => {
  const truth: SviRaw = { a: 0.0012, b: 0.03, rho: -0.25, m: 0.004, sigma: 0.06 };
  const quotesOf = (
    svi: SviRaw,
    years: number,
    forward: number,
    half: number,
    strikes = 31,
  ): VolatilityQuote[] =>
    Array.from({ length: strikes }, (_, i) => {
      const k = -0.25 + (0.5 * i) / (strikes - 1);
      const mid = Math.sqrt(sviTotalVariance(svi, k) / years);
      return { strike: forward * math.exp(k), bidVolatility: mid - half, askVolatility: mid + half };
    });
  const expiryOf = (quotes: readonly VolatilityQuote[], years = 0.05, expiry = 'near'): ExpiryQuotes => ({
    expiry,
    years,
    forward: 100,
    quotes,
  });

  it('recovers the slice its quotes were made of', () => {
    const { slices } = fitSurface([expiryOf(quotesOf(truth, 0.05, 100, 0.005))]);
    const [slice] = slices;
    expect(slice?.repair).toBe('none');
    for (const name of ['a', 'b', 'rho', 'm', 'sigma'] as const) {
      expect(Math.abs((slice?.svi[name] ?? Infinity) - truth[name])).toBeLessThan(2e-5);
    }
    expect(slice?.quality.medianErrorInSpreads).toBeLessThan(1e-4);
    expect(slice?.quality.insideShare).toBe(1);
  });

  it('recovers random arbitrage-free surfaces to a small part of the spread', () => {
    fc.assert(
      fc.property(surfaces, (surface) => {
        const fit = fitSurface(
          surface.slices.map((slice) => ({
            ...slice,
            quotes: quotesOf(slice.svi, slice.years, slice.forward, 0.004),
          })),
        );
        return (
          fit.arbitrage.length === 0 && fit.slices.every((slice) => slice.quality.medianErrorInSpreads < 0.1)
        );
      }),
      { seed: SEED, numRuns: 20 },
    );
  });

  it('has the same bytes again, in whatever order expiries and quotes come', () => {
    fc.assert(
      fc.property(fc.array(chains, { minLength: 2, maxLength: 4 }), (all) => {
        const expiries = all.map(expiryOfChain);
        const forwards = JSON.stringify(fitSurface(expiries));
        const backwards = [...expiries]
          .reverse()
          .map((expiry) => ({ ...expiry, quotes: [...expiry.quotes].reverse() }));
        return (
          JSON.stringify(fitSurface(backwards)) === forwards &&
          JSON.stringify(fitSurface(expiries)) === forwards
        );
      }),
      { seed: SEED, numRuns: 10 },
    );
  });

  it('is not bent by one wild quote', () => {
    const quotes = quotesOf(truth, 0.05, 100, 0.005);
    const wild = quotes.map((quote, i) =>
      i === 20 ? { ...quote, bidVolatility: 2, askVolatility: 2.01 } : quote,
    );
    const [slice] = fitSurface([expiryOf(wild)]).slices;
    const at = (svi: SviRaw): number => Math.sqrt(sviTotalVariance(svi, 0) / 0.05);
    expect(Math.abs(at(slice?.svi ?? truth) - at(truth))).toBeLessThan(0.005);
  });

  it('keeps below a lone ask and above a lone bid, and is not drawn to them otherwise', () => {
    const quotes = quotesOf(truth, 0.05, 100, 0.005, 11).filter((_, i) => i > 1 && i < 9);
    const at = (lone: readonly VolatilityQuote[], strike: number): number => {
      const svi = fitSurface([expiryOf([...quotes, ...lone])]).slices[0]?.svi ?? truth;
      return Math.sqrt(sviTotalVariance(svi, math.log(strike / 100)) / 0.05);
    };
    const [low, high] = [at([], 70), at([], 135)];
    expect(at([{ strike: 135, askVolatility: high - 0.06 }], 135)).toBeLessThan(high - 0.02);
    expect(at([{ strike: 70, bidVolatility: low + 0.06 }], 70)).toBeGreaterThan(low + 0.02);
    expect(at([{ strike: 135, askVolatility: high + 0.3 }], 135)).toBeCloseTo(high, 3);
    expect(at([{ strike: 70, bidVolatility: low - 0.3 }], 70)).toBeCloseTo(low, 3);
  });

  it('repairs a calendar arbitrage in the quotes, and names it when told to leave it', () => {
    const near = expiryOf(quotesOf(truth, 0.05, 100, 0.004));
    const far = expiryOf(quotesOf({ ...truth, a: truth.a * 0.9 }, 0.06, 100, 0.004), 0.06, 'far');
    const left = fitSurface([near, far], { repair: false });
    expect(left.arbitrage[0]).toMatchObject({ kind: 'calendar', expiry: 'near', laterExpiry: 'far' });
    const repaired = fitSurface([near, far]);
    expect(repaired.beforeRepair.length).toBeGreaterThan(0);
    expect(repaired.arbitrage).toEqual([]);
    expect(surfaceArbitrage(repaired.slices)).toEqual([]);
  });

  it('repairs a butterfly in the quotes', () => {
    // A spike at the money: total variance so convex there and so low beside it that the density turns negative.
    const quotes = Array.from({ length: 25 }, (_, i): VolatilityQuote => {
      const k = -0.3 + 0.025 * i;
      const mid = 0.2 + 3 * Math.max(0, Math.abs(k) - 0.05);
      return { strike: 100 * math.exp(k), bidVolatility: mid - 0.002, askVolatility: mid + 0.002 };
    });
    const fit = fitSurface([expiryOf(quotes, 0.08)]);
    expect(fit.arbitrage).toEqual([]);
  });

  const chains = fc.array(
    fc.record({
      k: fc.double({ min: -1, max: 1, noNaN: true }),
      mid: fc.double({ min: 0.05, max: 3, noNaN: true }),
      half: fc.double({ min: 0.001, max: 0.04, noNaN: true }),
    }),
    { minLength: 6, maxLength: 15 },
  );
  const expiryOfChain = (
    quotes: readonly { k: number; mid: number; half: number }[],
    i: number,
  ): ExpiryQuotes => ({
    expiry: `e${i}`,
    years: 0.01 * (i + 1) * (i + 1),
    forward: 100,
    quotes: quotes.map(({ k, mid, half }) => ({
      strike: 100 * math.exp(k),
      bidVolatility: mid - half,
      askVolatility: mid + half,
    })),
  });

  it('is free of arbitrage whatever the quotes were', () => {
    fc.assert(
      fc.property(fc.array(chains, { minLength: 1, maxLength: 4 }), (all) => {
        const fit = fitSurface(all.map(expiryOfChain));
        return (
          surfaceArbitrage(fit.slices).length === 0 && fit.slices.length + fit.refused.length === all.length
        );
      }),
      { seed: SEED, numRuns: process.env['EK_SOAK'] === '1' ? 400 : 40 },
    );
  });

  it('of SSVI slices needs no repair, and recovers an SSVI surface', () => {
    fc.assert(
      fc.property(surfaces, (surface) => {
        const fit = fitSurface(
          surface.slices.map((slice) => ({
            ...slice,
            quotes: quotesOf(slice.svi, slice.years, slice.forward, 0.004),
          })),
          { model: 'ssvi' },
        );
        return (
          fit.beforeRepair.length === 0 &&
          fit.slices.every((slice) => slice.quality.medianErrorInSpreads < 0.05)
        );
      }),
      { seed: SEED, numRuns: 15 },
    );
  });

  it('of SSVI slices is free of arbitrage by construction whatever the quotes were', () => {
    fc.assert(
      fc.property(fc.array(chains, { minLength: 1, maxLength: 5 }), (all) => {
        const fit = fitSurface(all.map(expiryOfChain), { model: 'ssvi' });
        return (
          fit.beforeRepair.length === 0 &&
          fit.arbitrage.length === 0 &&
          fit.slices.every((slice) => slice.repair === 'none' || slice.repair === 'borrowed')
        );
      }),
      { seed: SEED, numRuns: process.env['EK_SOAK'] === '1' ? 400 : 40 },
    );
  });

  it('gives an expiry with a few quotes its neighbour’s shape at their level', () => {
    const far = { ...truth, a: truth.a * 2.5, b: truth.b * 1.6, m: truth.m * 1.6, sigma: truth.sigma * 1.6 };
    const few = quotesOf({ ...truth, a: truth.a * 0.9 }, 0.02, 100, 0.004).filter(
      (_, i) => i === 14 || i === 17,
    );
    const fit = fitSurface([
      expiryOf(few, 0.02, 'thin'),
      expiryOf(quotesOf(far, 0.13, 100, 0.004), 0.13, 'far'),
    ]);
    expect(fit.slices.map((slice) => [slice.expiry, slice.repair])).toEqual([
      ['thin', 'borrowed'],
      ['far', 'none'],
    ]);
    expect(fit.slices[0]?.quality.insideShare).toBeGreaterThan(0);
    expect(fit.slices[0]?.quality.worstError).toBeLessThan(0.03);
    expect(surfaceArbitrage(fit.slices)).toEqual([]);
  });

  it('borrows that shape in standard deviations', () => {
    const far: SviRaw = { a: 0.004, b: 0.06, rho: -0.35, m: 0.06, sigma: 0.1 };
    const level = 0.2;
    const own = (k: number): number => level * sviTotalVariance(far, k / Math.sqrt(level));
    const few = [0.02, 0.05].map((k): VolatilityQuote => {
      const mid = Math.sqrt(own(k) / 0.025);
      return { strike: 100 * math.exp(k), bidVolatility: mid - 0.002, askVolatility: mid + 0.002 };
    });
    const fit = fitSurface([
      expiryOf(few, 0.025, 'thin'),
      expiryOf(quotesOf(far, 0.12, 100, 0.002), 0.12, 'far'),
    ]);
    const thin = fit.slices[0];
    expect(thin?.repair).toBe('borrowed');
    for (const k of [-0.15, -0.05, 0, 0.1]) {
      expect(Math.abs(sviTotalVariance(thin?.svi ?? far, k) / own(k) - 1)).toBeLessThan(0.01);
    }
  });

  it('refuses an expiry without a two-sided quote, or alone with too few, and fits the rest', () => {
    const oneSided = quotesOf(truth, 0.1, 100, 0.004).map(({ strike, askVolatility = 1 }) => ({
      strike,
      askVolatility,
    }));
    const fit = fitSurface([expiryOf(quotesOf(truth, 0.05, 100, 0.004)), expiryOf(oneSided, 0.1, 'asks')]);
    expect(fit.slices.map((slice) => slice.expiry)).toEqual(['near']);
    expect(fit.refused).toMatchObject([{ expiry: 'asks', code: 'PRICING.FIT_TOO_FEW_QUOTES' }]);
    const alone = fitSurface([expiryOf(quotesOf(truth, 0.1, 100, 0.004, 4), 0.1, 'thin')]);
    expect(alone.slices).toEqual([]);
    expect(alone.refused).toMatchObject([{ expiry: 'thin', code: 'PRICING.FIT_TOO_FEW_QUOTES' }]);
  });
});
