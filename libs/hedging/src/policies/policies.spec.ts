import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { createProgram, only } from '../../test/scenario';
import { whalleyWilmottHalfBand } from '../bands/whalley-wilmott';
import { parsePolicy, policyKinds } from './registry';

const at = (minute: number, hour = 10): string => `2026-01-01T${hour}:${String(minute).padStart(2, '0')}:00Z`;

describe('reading a policy', () => {
  it.each([
    ['{"kind":"delta-band","band":"0.05"}', 'delta-band'],
    ['{"kind":"delta-band","band":0.05,"mode":"edge"}', 'delta-band'],
    ['{"kind":"time","interval":"PT1H"}', 'time'],
    ['{"kind":"whalley-wilmott","riskAversion":"0.00002"}', 'whalley-wilmott'],
  ])('accepts %s', (text, kind) => {
    expect(parsePolicy(text)).toMatchObject({ ok: true, value: { kind } });
    expect(policyKinds).toContain(kind);
  });

  it('is told apart from one that is still to be fitted', () => {
    const fitted = { policy: { kind: 'delta-band', band: '0.05' }, fit: { band: ['0.05', '0.5'] } };
    const answer = parsePolicy(JSON.stringify(fitted));
    expect(answer).toMatchObject({ ok: false, failure: { path: 'kind' } });
    expect(answer.ok ? '' : answer.failure.message).toContain('`keel lab compare` alone runs');
  });

  it.each([
    ['{"kind":"delta-band"}', 'band'],
    ['{"kind":"delta-band","band":"-1"}', 'band'],
    ['{"kind":"delta-band","band":"0.05","mode":"corner"}', 'mode'],
    ['{"kind":"delta-band","band":"0.05","bandd":"1"}', 'bandd'],
    ['{"kind":"time","interval":"an hour"}', 'interval'],
    ['{"kind":"time","interval":"PT0S"}', 'interval'],
    ['{"kind":"whalley-wilmott","riskAversion":0}', 'riskAversion'],
    ['{"kind":"toString"}', 'kind'],
    ['{}', 'kind'],
  ])('refuses %s, naming the field', (text, path) => {
    expect(parsePolicy(text)).toMatchObject({ ok: false, failure: { path } });
  });

  it.each(['', '[]', 'null', '"time"'])('refuses %p, which is no object', (text) => {
    expect(parsePolicy(text)).toMatchObject({ ok: false, failure: { code: 'HEDGING.POLICY_INVALID' } });
  });
});

describe('time', () => {
  const hourly = { kind: 'time', interval: 'PT1H' };

  it('hedges at the first evaluation of every interval, whatever the exposure', () => {
    const program = createProgram(hourly);
    expect(only(program.snapshot(at(30), [{ delta: 0.003 }]), 'HedgeDecided')).toMatchObject({
      reasons: ['INTERVAL_ELAPSED'],
      trades: [{ quantity: '-0.003' }],
    });
    program.order(at(30), refused(program.state().programs['b']?.decided));
    // The order died: due again at once.
    expect(only(program.snapshot(at(31), [{ delta: 0.003 }]), 'HedgeDecided').trades).toHaveLength(1);
  });

  it('waits for the next interval after a hedge, and after an exposure of less than a lot', () => {
    const program = createProgram(hourly);
    expect(only(program.snapshot(at(0), [{ delta: 0.0004 }]), 'HedgeDeclined').reasons).toEqual([
      'BELOW_LOT',
    ]);
    expect(program.snapshot(at(30), [{ delta: 0.7 }])).toEqual([]);
    expect(only(program.snapshot(at(1, 11), [{ delta: 0.7 }]), 'HedgeDecided').trades[0]?.quantity).toBe(
      '-0.7',
    );
  });
});

describe('whalley-wilmott', () => {
  const inputs = { cost: 0.0001, spot: 100, gamma: 0.0695, riskAversion: 1, rate: 0, expiryYears: 1 };

  it('has the cube-root law of cost and risk aversion, and discounts', () => {
    const base = whalleyWilmottHalfBand(inputs);
    expect(base).toBeCloseTo(0.0416888859, 9);
    expect(whalleyWilmottHalfBand({ ...inputs, cost: 0.0008 }) / base).toBeCloseTo(2, 12);
    expect(whalleyWilmottHalfBand({ ...inputs, riskAversion: 27 }) / base).toBeCloseTo(1 / 3, 12);
    expect(whalleyWilmottHalfBand({ ...inputs, gamma: -0.0695 })).toBe(base);
    expect(whalleyWilmottHalfBand({ ...inputs, rate: 0.3 }) / base).toBeCloseTo(0.904837418, 8);
    expect(whalleyWilmottHalfBand({ ...inputs, gamma: 0 })).toBe(0);
  });

  itWithSharedData('validation/whalley_wilmott_band_widths.json')('has the published widths', () => {
    const file = join(sharedDir() ?? '', 'validation/whalley_wilmott_band_widths.json');
    // The table's own shape.
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: WidthCase[] };
    for (const { inputs: given, expected, tolerance } of cases) {
      const { spot, gamma, riskAversion, rate, tau } = given;
      const width = whalleyWilmottHalfBand({
        cost: given.costRate,
        spot,
        gamma,
        riskAversion,
        rate,
        expiryYears: tau ?? 0,
      });
      expect(Math.abs(width - expected.halfWidthShares)).toBeLessThanOrEqual(tolerance.absolute);
    }
    expect(cases.length).toBeGreaterThan(0);
  });

  it('takes its cost from the hedge instrument, trades to the edge and says what the band was made of', () => {
    const program = createProgram({ kind: 'whalley-wilmott', riskAversion: '0.00002' });
    const decision = only(program.snapshot(at(0), [{ delta: 0.9, gamma: -0.0001 }]), 'HedgeDecided');
    const [assessed] = decision.assessments;
    // κ = 5 bp taker + 0.1 bp half spread: (1.5 × 0.00051 × 90000 × 1e-8 / 2e-5)^(1/3).
    expect(assessed?.bandUpper).toBeCloseTo(0.3253, 3);
    expect(assessed?.ingredients.map(({ name }) => name)).toEqual([
      'risk aversion',
      'proportional cost',
      'gamma',
    ]);
    expect(Math.abs(assessed?.exposureAfter ?? 1)).toBeLessThanOrEqual(assessed?.bandUpper ?? 0);
    expect(assessed?.exposureAfter).toBeGreaterThan((assessed?.bandUpper ?? 0) - 0.001);
    const [chosen, left] = decision.candidates;
    expect(chosen?.residualRisk).toBeLessThan(left?.residualRisk ?? 0);
    expect(chosen?.score).toBeLessThan(left?.score ?? 0);
  });

  it('measures gamma in the numeraire: the same band in USD and, for the same risk aversion in money, in coin', () => {
    const dollars = createProgram({ kind: 'whalley-wilmott', riskAversion: '0.00002' });
    const coins = createProgram({ kind: 'whalley-wilmott', riskAversion: '1.8' });
    const [inDollars] = only(dollars.snapshot(at(0), [{ delta: 0.9 }]), 'HedgeDecided').assessments;
    const [inCoins] = only(
      coins.snapshot(at(0), [{ delta: 0.9, spot: 1 }], { numeraire: 'BTC' }),
      'HedgeDecided',
    ).assessments;
    expect(inCoins?.bandUpper).toBeCloseTo(inDollars?.bandUpper ?? 0, 10);
  });
});

interface WidthCase {
  readonly inputs: {
    readonly spot: number;
    readonly costRate: number;
    readonly gamma: number;
    readonly riskAversion: number;
    readonly rate: number;
    readonly tau: number | null;
  };
  readonly expected: { readonly halfWidthShares: number };
  readonly tolerance: { readonly absolute: number };
}

function refused(
  decided: Record<string, { readonly instrument: string; readonly outstanding: string }> | undefined,
) {
  const [[key, trade] = ['', undefined]] = Object.entries(decided ?? {});
  if (trade === undefined) throw new Error('a trade was decided');
  const [decisionId = ''] = key.split('/');
  const payload = {
    clientOrderId: 'o',
    decisionId,
    book: 'b',
    instrument: trade.instrument,
    side: 'sell',
    quantity: trade.outstanding,
    at: at(30),
    checks: [],
    reasons: [],
  } as const;
  return { type: 'OrderRefused', payload } as const;
}
