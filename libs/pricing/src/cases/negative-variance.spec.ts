import { runPricingFile } from './pricing-file';
import type { CaseResult } from './case-file';

type Row = readonly [strike: number, putBid: number, putAsk: number, callBid: number, callAsk: number];
const quotesOf = (...rows: readonly Row[]) =>
  rows.map(([K, put_bid, put_ask, call_bid, call_ask]) => ({ K, put_bid, put_ask, call_bid, call_ask }));

/** The forward is 195, and between 100 and 200 there is no strike. */
const negative = quotesOf(
  [50, 0.0001, 0.0001, 20, 20.4],
  [100, 0.0001, 0.0001, 30, 30],
  [200, 5, 5, 0.0001, 0.0001],
);
/** Two zero bids that are not in a row keep 115. */
const sound = quotesOf(
  [80, 0.02, 0.04, 20, 20.4],
  [85, 0, 0.05, 15, 15.4],
  [90, 0.2, 0.3, 10.1, 10.4],
  [95, 0.8, 0.9, 5.7, 5.9],
  [100, 2.4, 2.6, 2.4, 2.6],
  [105, 5.6, 5.8, 0.8, 0.9],
  [110, 10, 10.3, 0, 0.1],
  [115, 15, 15.3, 0.04, 0.05],
  [120, 20, 20.3, 0, 0.05],
  [125, 25, 25.3, 0, 0.05],
  [130, 30, 30.3, 0.01, 0.05],
);
const term = { T: 0.08, r: 0.01, quotes: sound };

const valued = (inputs: object): CaseResult =>
  runPricingFile({ model: 'variance-swap', cases: [{ inputs }] }).results[0] as CaseResult; // one case

describe('a model-free variance below zero has no root', () => {
  it('keeps a strike behind a single missing bid', () => {
    const result = valued(term);
    expect(result['fairVolatility']).toBeGreaterThan(0);
    const strikes = (result['contributions'] as { strike: number }[]).map(({ strike }) => strike);
    expect(strikes).toEqual([80, 90, 95, 100, 105, 115]);
  });

  it.each<[string, object, string]>([
    ['of one expiry', { ...term, quotes: negative }, 'quotes'],
    [
      'of both',
      { near: { T: 0.06, r: 0.01, quotes: negative }, next: { T: 0.1, r: 0.01, quotes: negative } },
      'near.quotes',
    ],
    ['of the nearer', { near: { ...term, quotes: negative }, next: { ...term, T: 0.1 } }, 'near.quotes'],
    ['of the later', { near: term, next: { ...term, T: 0.1, quotes: negative } }, 'next.quotes'],
    [
      'of a chain whose strikes around the forward are gone',
      {
        ...term,
        quotes: quotesOf(
          [95, 0.005, 0.01, 27, 27.2],
          [96, 0.01, 0.02, 26, 26.2],
          [97, 0.01, 0.03, 24.9, 25.1],
          [130, 8, 8.2, 0.01, 0.03],
        ),
      },
      'quotes',
    ],
    [
      'of a strip that ends far below the forward',
      { S: 100, T: 0.25, strikes: [30, 31, 32, 33], volatilities: [0.1, 0.1, 0.1, 0.1] },
      'strikes',
    ],
    [
      'of a strip that begins far above it',
      { S: 100, T: 0.25, K_min: 300, K_max: 310, strike_spacing: 5, sigma: 0.1 },
      'strikes',
    ],
  ])('refuses that %s', (_, inputs, path) => {
    const horizon = 'near' in inputs ? { horizon: 0.08 } : {};
    const { error, ...rest } = valued({ ...inputs, ...horizon });
    expect(error).toMatchObject({ code: 'PRICING.NEGATIVE_VARIANCE', input: path });
    expect(error?.message).toMatch(/^(near\.|next\.)?(quotes|strikes) /);
    expect(rest).not.toHaveProperty('fairVolatility');
  });

  it('names the strikes and what the forward takes off', () => {
    expect(valued({ ...term, quotes: negative }).error?.message).toMatch(
      /forward 194\.\d+.*strike 100.*takes off 11\.28.*put 50 .*call 200/,
    );
  });
});
