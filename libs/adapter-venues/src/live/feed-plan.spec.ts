import { parseInstant } from '@evenkeel/kernel';

import { ConnectionNotes } from '@evenkeel/venue-wire';
import { placeOf, planFeeds } from './feed-plan';

const NOW = parseInstant('2026-01-05T00:00:00Z');

describe('the feeds of a set of instruments', () => {
  it('puts every instrument on the feed of its market', () => {
    expect(
      [
        'BTC-PERPETUAL@deribit',
        'BTCUSDT@binance',
        'BTCUSDT-PERP@binance',
        'BTCUSD-PERP@binance',
        'BTCUSDT-PERP@bybit',
        'BTC-USDT-SWAP@okx',
      ].map((instrument) => placeOf(instrument)),
    ).toEqual([
      { feed: 'deribit', symbol: 'BTC-PERPETUAL' },
      { feed: 'binance-spot', symbol: 'BTCUSDT' },
      { feed: 'binance-usd-m', symbol: 'BTCUSDT' },
      { feed: 'binance-coin-m', symbol: 'BTCUSD_PERP' },
      { feed: 'bybit-linear', symbol: 'BTCUSDT' },
      { feed: 'okx', symbol: 'BTC-USDT-SWAP' },
    ]);
  });

  it('keeps books of what is hedged with, tickers of options, and adds witnesses run by others', () => {
    const plan = planFeeds(['BTC-27MAR26-90000-C@deribit', 'BTC-PERPETUAL@deribit'], {
      rhythm: 2_000_000_000n,
      witnesses: ['deribit-index', 'deribit-pegs', 'okx'],
    });
    expect(plan.feeds.map(({ name }) => name)).toEqual(['deribit', 'okx']);
    const deribit = plan.feeds[0]?.subscriptions.map(({ channel, symbol }) => `${channel} ${symbol}`);
    expect(deribit).toEqual([
      'ticker BTC-27MAR26-90000-C',
      'ticker BTC-PERPETUAL',
      'quote BTC-PERPETUAL',
      'book BTC-PERPETUAL',
      'index btc_usd',
      'index usdc_usd',
      'index usdt_usdc',
    ]);
    expect([...plan.options]).toEqual(['BTC-27MAR26-90000-C@deribit']);
    expect(plan.sources.map(({ instrument, operator, quote }) => [instrument, operator, quote])).toEqual([
      ['BTC-PERPETUAL@deribit', 'deribit', undefined],
      ['btc_usd@deribit', 'deribit', undefined],
      // A stablecoin is converted where somebody says what it is worth.
      ['BTC-USDT-SWAP@okx', 'okx', 'USDT'],
    ]);
  });

  it('names every instrument that nobody feeds', () => {
    expect(() =>
      planFeeds(['WETH-USDC-500@uniswap-v3-polygon', 'BTCUSDT@nowhere'], { rhythm: 1n, witnesses: [] }),
    ).toThrow(/uniswap[\s\S]*nowhere/);
  });
});

describe('connection facts on their way to the journal', () => {
  it('become commits of the price context, once', () => {
    const notes = new ConnectionNotes();
    notes.add('okx', { fact: 'disconnected', at: NOW, code: 1006, reason: '', retryInNs: 5n });
    notes.add('okx', { fact: 'subscribed', at: NOW });
    notes.add('okx', { fact: 'clock-offset', at: NOW, offsetNs: -1_270_000_000n, errorNs: 2_000_000n });
    const drafts = notes.take(NOW);
    expect(drafts.map(({ aggregate }) => aggregate)).toEqual([
      { context: 'price', type: 'connection', id: 'okx' },
      { context: 'price', type: 'connection', id: 'okx' },
    ]);
    expect(drafts.flatMap(({ events }) => events.map(({ payload }) => payload))).toMatchObject([
      { what: 'disconnected', detail: 'code 1006', at: '2026-01-05T00:00:00Z' },
      { what: 'clock-offset', offsetNs: '-1270000000', errorNs: '2000000' },
    ]);
    expect(notes.take(NOW)).toEqual([]);
  });

  it('are cut in a storm, and say by how much', () => {
    const notes = new ConnectionNotes(3);
    for (let attempt = 0; attempt < 10; attempt += 1)
      notes.add('okx', { fact: 'connected', at: NOW, attempt });
    const said = notes.take(NOW).flatMap(({ events }) => events.map(({ payload }) => payload));
    expect(said).toHaveLength(4);
    expect(said[3]).toMatchObject({ what: 'notes-dropped', detail: '7 more' });
  });
});
