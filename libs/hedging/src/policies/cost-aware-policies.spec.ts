import { priceBlack76 } from '@evenkeel/pricing';
import { BTC_PERP, createProgram, exposureOfLegs, markOf, only, straddleLegs } from '../../test/scenario';
import { lelandVolatility } from '../bands/leland';
import { zakamoulineBand } from '../bands/zakamouline';
import { hodgesNeubergerBand } from '../utility-indifference/gamma-band';
import { parsePolicy, policyKinds } from './registry';

const at = (minute: number, hour = 10): string => `2026-01-01T${hour}:${String(minute).padStart(2, '0')}:00Z`;
/** Taker fee and half spread of the perpetual at its test mark. */
const COST = 0.0005 + 0.00001;

function decided(policy: object, quantity: number, over: object = {}) {
  const legs = straddleLegs(quantity);
  const program = createProgram(policy);
  const exposure = exposureOfLegs(legs, { delta: 3, ...over });
  return { legs, decision: only(program.snapshot(at(0), [exposure], { legs }), 'HedgeDecided') };
}

/** Delta of the legs at another volatility, priced afresh. */
function deltaAt(quantity: number, volatility: number): number {
  return (['call', 'put'] as const).reduce(
    (sum, type) =>
      sum + quantity * priceBlack76({ type, F: 90_000, K: 90_000, T: 0.02, sigma: volatility, r: 0 }).delta,
    0,
  );
}

describe('reading the policies', () => {
  it.each([
    ['{"kind":"delta-band","gammaMovePercent":"1","mode":"edge"}', 'delta-band'],
    ['{"kind":"spot-move","multiple":"0.5"}', 'spot-move'],
    ['{"kind":"spot-move","multiple":"0.5","over":"PT4H"}', 'spot-move'],
    ['{"kind":"leland","interval":"PT4H"}', 'leland'],
    ['{"kind":"zakamouline","riskAversion":"0.00002"}', 'zakamouline'],
    ['{"kind":"hodges-neuberger","riskAversion":"0.00002"}', 'hodges-neuberger'],
    [
      '{"kind":"minimum-variance","riskAversion":"0.00002","volBeta":"skew","stickiness":"2"}',
      'minimum-variance',
    ],
    [
      '{"kind":"minimum-variance","band":"0.1","volBeta":"-1.5","jumps":{"intensity":12}}',
      'minimum-variance',
    ],
    ['{"kind":"gamma-scalping","rungSize":"0.1"}', 'gamma-scalping'],
    ['{"kind":"gamma-scalping","spacing":"0.25","rungs":3,"thetaBudget":"500"}', 'gamma-scalping'],
    ['{"kind":"time","interval":"PT1H","costs":{"instruments":{"*":{"gas":"2"}}}}', 'time'],
  ])('accepts %s', (text, kind) => {
    expect(parsePolicy(text)).toMatchObject({ ok: true, value: { kind } });
    expect(policyKinds).toContain(kind);
  });

  it.each([
    ['{"kind":"delta-band","band":"1","gammaMovePercent":"1"}', 'band'],
    ['{"kind":"spot-move","multiple":"-1"}', 'multiple'],
    ['{"kind":"spot-move","multiple":"1","over":"P0D"}', 'over'],
    ['{"kind":"leland"}', 'interval'],
    ['{"kind":"zakamouline","riskAversion":"0"}', 'riskAversion'],
    ['{"kind":"minimum-variance"}', 'riskAversion'],
    ['{"kind":"minimum-variance","band":"1","volBeta":"guess"}', 'volBeta'],
    ['{"kind":"minimum-variance","band":"1","jumps":{"size":1}}', 'jumps.size'],
    ['{"kind":"minimum-variance","band":"1","jumps":{"mean":7}}', 'jumps.mean'],
    ['{"kind":"gamma-scalping","rungSize":"0.1","spacing":"1"}', 'rungSize'],
    ['{"kind":"gamma-scalping","rungSize":"0.1","rungs":0}', 'rungs'],
    [
      '{"kind":"whalley-wilmott","riskAversion":"1","costs":{"instruments":{"*":{"tax":1}}}}',
      'costs.instruments.*.tax',
    ],
  ])('refuses %s, naming the field', (text, path) => {
    expect(parsePolicy(text)).toMatchObject({ ok: false, failure: { path } });
  });
});

describe('delta-band by gamma', () => {
  it('is as wide as the delta that the move brings', () => {
    const { decision, legs } = decided({ kind: 'delta-band', gammaMovePercent: '2' }, -10);
    const gamma = exposureOfLegs(legs).gamma ?? 0;
    expect(decision.assessments[0]?.bandUpper).toBeCloseTo(Math.abs(gamma) * 90_000 * 0.02, 10);
    expect(decision.assessments[0]?.exposureAfter).toBeCloseTo(0, 2);
  });
});

describe('spot-move', () => {
  const policy = { kind: 'spot-move', multiple: '0.5', over: 'P1D' };
  // 0.5 × 45 % ÷ √365.
  const threshold = (0.5 * 0.45) / Math.sqrt(365);
  const spotMarks = (spot: number, time: string) => ({
    marks: [markOf('BTC@composite', spot, time), markOf(BTC_PERP, spot, time)],
  });

  it('hedges at once, and then when spot has moved by the multiple of its expected move', () => {
    const program = createProgram(policy);
    expect(only(program.snapshot(at(0), [{ delta: 0.5 }]), 'HedgeDecided')).toMatchObject({
      reasons: ['SPOT_MOVED'],
      trades: [{ quantity: '-0.5' }],
    });
    const short = 90_000 * (1 + 0.9 * threshold);
    expect(program.snapshot(at(5), [{ delta: 1.2, spot: short }], spotMarks(short, at(5)))).toEqual([]);
    const far = 90_000 * (1 - 1.1 * threshold);
    const decision = only(
      program.snapshot(at(10), [{ delta: 1.2, spot: far }], spotMarks(far, at(10))),
      'HedgeDecided',
    );
    // 0.5 are sold already and on their way.
    expect(decision.trades[0]?.quantity).toBe('-0.7');
  });

  it('counts an occasion of less than a lot as used', () => {
    const program = createProgram(policy);
    expect(only(program.snapshot(at(0), [{ delta: 0.0004 }]), 'HedgeDeclined').reasons).toEqual([
      'BELOW_LOT',
    ]);
    expect(program.snapshot(at(5), [{ delta: 0.7 }])).toEqual([]);
  });

  it('refuses where there is no volatility to expect a move from', () => {
    const program = createProgram(policy);
    const said = program.snapshot(at(0), [{ delta: 1, volatility: 0 }]);
    expect(only(said, 'HedgeDeclined').reasons).toEqual(['NO_VOLATILITY']);
  });
});

describe('leland', () => {
  it('hedges the delta of the options at the adjusted volatility', () => {
    const { decision, legs } = decided({ kind: 'leland', interval: 'PT4H' }, -10);
    const adjusted = lelandVolatility({
      volatility: 0.45,
      cost: COST,
      intervalYears: 4 / 24 / 365,
      gamma: -1,
    });
    const wanted = -(deltaAt(-10, adjusted) - deltaAt(-10, 0.45));
    const ingredients = Object.fromEntries(
      decision.assessments[0]?.ingredients.map(({ name, value }) => [name, value]) ?? [],
    );
    expect(legs).toHaveLength(2);
    expect(ingredients['adjusted volatility']).toBeCloseTo(adjusted, 6);
    expect(decision.assessments[0]?.exposureAfter).toBeCloseTo(wanted, 3);
    expect(Math.abs(wanted)).toBeGreaterThan(0.005);
  });

  it('refuses a long book whose hedging costs what its gamma earns', () => {
    const legs = straddleLegs(10);
    const program = createProgram({ kind: 'leland', interval: 'PT1M' });
    const said = program.snapshot(at(0), [exposureOfLegs(legs, { delta: 3 })], { legs });
    expect(only(said, 'HedgeDeclined').reasons).toEqual(['HEDGE_UNECONOMIC']);
  });
});

describe('zakamouline', () => {
  it('has its band around the delta at its own volatility', () => {
    const riskAversion = 0.00002;
    const { decision, legs } = decided({ kind: 'zakamouline', riskAversion: String(riskAversion) }, -10, {
      delta: 30,
    });
    const gamma = exposureOfLegs(legs).gamma ?? 0;
    const band = zakamoulineBand({
      spot: 90_000,
      gamma,
      volatility: 0.45,
      expiryYears: 0.02,
      cost: COST,
      riskAversion,
      rate: 0,
    });
    const centre = -(deltaAt(-10, band.volatility) - deltaAt(-10, 0.45));
    const [assessed] = decision.assessments;
    expect(((assessed?.bandUpper ?? 0) + (assessed?.bandLower ?? 0)) / 2).toBeCloseTo(centre, 6);
    expect(((assessed?.bandUpper ?? 0) - (assessed?.bandLower ?? 0)) / 2).toBeCloseTo(band.halfBand, 6);
    expect(assessed?.exposureAfter).toBeLessThanOrEqual(assessed?.bandUpper ?? 0);
    expect(assessed?.exposureAfter).toBeGreaterThan((assessed?.bandUpper ?? 0) - 0.001);
  });
});

describe('hodges-neuberger', () => {
  it('has the solved band, and shows the asymptotic one beside it', () => {
    const riskAversion = 0.00002;
    const { decision, legs } = decided(
      { kind: 'hodges-neuberger', riskAversion: String(riskAversion) },
      -10,
      {
        delta: 30,
      },
    );
    const { upper } = hodgesNeubergerBand({
      spot: 90_000,
      gamma: exposureOfLegs(legs).gamma ?? 0,
      volatility: 0.45,
      expiryYears: 0.02,
      cost: COST,
      riskAversion,
      rate: 0,
    });
    const [assessed] = decision.assessments;
    expect(assessed?.bandUpper).toBeCloseTo(upper, 6);
    expect(assessed?.ingredients.map(({ name }) => name)).toContain('asymptotic half band');
  });
});

describe('costs in a decision', () => {
  const costs = {
    version: 'january',
    instruments: {
      [BTC_PERP]: {
        squareRootImpact: '1',
        permanentImpact: '1',
        dailyVolume: '20000000',
        gas: '3',
        fundingRate: '0.2',
      },
    },
  };

  it('widen the band, are itemised on every candidate, and name their version', () => {
    const policy = { kind: 'whalley-wilmott', riskAversion: '0.00002' };
    const plain = decided(policy, -1);
    const dear = decided({ ...policy, costs }, -1);
    const width = ({ decision }: typeof plain): number => decision.assessments[0]?.bandUpper ?? 0;
    expect(width(dear)).toBeGreaterThan(width(plain));
    const chosen = dear.decision.candidates.find(({ chosen: taken }) => taken);
    expect(chosen?.expectedCost.impact).toBeGreaterThan(0);
    expect(chosen?.expectedCost.gas).toBe(3);
    // A sale is paid funding that longs pay.
    expect(chosen?.expectedCost.funding).toBeLessThan(0);
    expect(dear.decision.checks).toContainEqual(
      expect.objectContaining({ name: 'cost model', observed: 'january', passed: true }),
    );
    expect(plain.decision.checks.map(({ name }) => name)).not.toContain('cost model');
  });

  it('make a short-gamma book trade more than its exposure, because the trade moves the price against it', () => {
    const policy = { kind: 'delta-band', band: '0.1' };
    const plain = decided(policy, -1).decision.trades[0]?.delta ?? 0;
    const impacted = decided({ ...policy, costs }, -1).decision.trades[0]?.delta ?? 0;
    expect(Math.abs(impacted)).toBeGreaterThan(Math.abs(plain));
    const longer = decided({ ...policy, costs }, 1).decision.trades[0]?.delta ?? 0;
    expect(Math.abs(longer)).toBeLessThan(Math.abs(plain));
  });

  it('refuse a hedge that would chase its own impact', () => {
    const thin = { instruments: { '*': { permanentImpact: '1', dailyVolume: '1000000' } } };
    const legs = straddleLegs(-300);
    const program = createProgram({ kind: 'delta-band', band: '0.1', costs: thin });
    const said = program.snapshot(at(0), [exposureOfLegs(legs, { delta: 3 })], { legs });
    const declined = only(said, 'HedgeDeclined');
    expect(declined.reasons).toEqual(['IMPACT_UNSTABLE']);
    expect(declined.candidates[0]?.rejected).toBe('its own impact would chase it');
  });
});
