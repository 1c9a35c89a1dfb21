import { math } from '@evenkeel/pricing';
import { at } from '../../test/desk';
import { Worksite } from '../../test/worksite';
import { quoteDistance } from './avellaneda-stoikov';
import { parseInstructions } from './instructions';

const QUOTES = {
  algorithm: 'avellaneda-stoikov',
  horizon: 'PT10M',
  repriceInterval: 'PT10S',
  fillDistanceBps: 2,
  volatility: 0.5,
};

describe('a quote', () => {
  it('lies behind the middle by what patience earns less half the risk of waiting, in dollars', () => {
    // Avellaneda & Stoikov (2008): σ = 2, γ = 0.1, κ = 1.5 for one unit; half of their spread less half of γσ² at τ = 1.
    const paper = { riskAversion: 0.1, deviation: 2, fillDecay: 1.5, unitsPerContract: 1 };
    const half = math.log(1 + 0.1 / 1.5) / 0.1;
    expect(quoteDistance(paper, 1, 0)).toBeCloseTo(half, 12);
    expect(quoteDistance(paper, 1, 1)).toBeCloseTo(half - 0.5 * 0.1 * 4, 12);
    // The published spread is twice the earned part plus γσ²τ: 1.4908 at the beginning.
    expect(2 * quoteDistance(paper, 1, 0) + 0.1 * 4 * 0.5).toBeCloseTo(1.4908, 4);
    expect(quoteDistance({ ...paper, riskAversion: 0 }, 1, 1)).toBeCloseTo(1 / 1.5, 12);
    // Contracts of half the size, twice as many.
    expect(quoteDistance({ ...paper, unitsPerContract: 0.5 }, 2, 1)).toBeCloseTo(
      quoteDistance(paper, 1, 1),
      12,
    );
  });

  it('rests behind the middle on the record’s own parameters, and never across the market', () => {
    const site = new Worksite({ ...QUOTES, riskAversion: 0 });
    site.decide('d1', 1, { quantity: '1' });
    // 2 bp of 90,000 without aversion.
    expect(site.payloads('OrderIntended')).toMatchObject([
      { timeInForce: 'POST_ONLY', limitPrice: '89982', restUntil: at(601) },
    ]);
    const [parent] = site.payloads('ParentOrderStarted');
    expect(parent?.explanation).toMatch(/^avellaneda-stoikov: quotes 18\.00 USD behind the middle at first/);
    const { quote } = JSON.parse(parent?.parameters ?? '{}') as { quote: Record<string, number> };
    expect(quote).toMatchObject({ riskAversion: 0, unitsPerContract: 1 });
    expect(quote['fillDecay']).toBeCloseTo(1 / 18, 12);
    expect(quote['deviation']).toBeCloseTo((90_000 * 0.5) / Math.sqrt(365 * 86_400), 9);
    const eager = new Worksite({ ...QUOTES, riskAversion: 1 });
    eager.decide('d1', 1, { quantity: '-1' });
    const [sell] = eager.payloads('OrderIntended');
    expect(Number(sell?.limitPrice)).toBeGreaterThan(90_000);
    expect(Number(sell?.limitPrice)).toBeLessThan(90_001);
  });

  it('moves with time and with the market, both ways', () => {
    const site = new Worksite({ ...QUOTES, riskAversion: 2e-4 });
    site.decide('d1', 1, { quantity: '1' });
    const [first] = site.payloads('OrderIntended');
    const id = first?.clientOrderId ?? '';
    site.report({ kind: 'acknowledged', clientOrderId: id, venueOrderId: 'v' }, 1.2);
    site.wake(11.2);
    site.wake(61.2);
    const [slower] = site.payloads('AmendIntended');
    // The less time is left, the less waiting risks: the quote goes back.
    expect(Number(slower?.limitPrice)).toBeLessThan(Number(first?.limitPrice));
    site.report(
      { kind: 'amended', clientOrderId: id, quantity: '1', limitPrice: slower?.limitPrice ?? '' },
      61.4,
    );
    site.mark('89900', 62);
    site.wake(72);
    expect(Number(site.payloads('AmendIntended').at(-1)?.limitPrice)).toBeLessThan(89_900);
    site.report({ kind: 'amend-rejected', clientOrderId: id, reason: 'UNSUPPORTED' }, 72.2);
    site.runRandomly(2000);
    expect(site.payloads('ParentOrderCompleted')).toHaveLength(1);
  });

  it('takes at the end what nobody came for', () => {
    const site = new Worksite({ ...QUOTES, riskAversion: 2e-4 });
    site.decide('d1', 1, { quantity: '1' });
    const id = site.payloads('OrderIntended')[0]?.clientOrderId ?? '';
    site.report({ kind: 'acknowledged', clientOrderId: id, venueOrderId: 'v' }, 1.2);
    site.wake(601.1);
    expect(site.effects.at(-1)).toMatchObject({ kind: 'cancel', clientOrderId: id, reason: 'REST_OVER' });
    site.report({ kind: 'cancelled', clientOrderId: id, reason: 'REQUESTED' }, 601.3);
    expect(site.payloads('OrderIntended').at(-1)).toMatchObject({ timeInForce: 'IOC', quantity: '1' });
  });

  it('gives way to taking beyond the bands: an urgent trade goes out at once', () => {
    const site = new Worksite({ ...QUOTES, immediateAbove: 0 });
    site.decide('d1', 1, { quantity: '1' });
    expect(site.payloads('OrderIntended')).toMatchObject([{ timeInForce: 'IOC' }]);
  });

  it('needs to be told how far fills reach', () => {
    const { fillDistanceBps: _none, ...without } = QUOTES;
    expect(parseInstructions(without)).toMatchObject({
      ok: false,
      failure: { message: expect.stringContaining('fillDistanceBps') as string },
    });
    expect(parseInstructions({ ...QUOTES, fillDistanceBps: 0 })).toMatchObject({ ok: false });
  });
});
