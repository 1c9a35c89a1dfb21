import { placeOf, planFeeds } from './feed-plan';

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
        'BTC-PERP@hyperliquid',
      ].map((instrument) => placeOf(instrument)),
    ).toEqual([
      { feed: 'deribit', symbol: 'BTC-PERPETUAL' },
      { feed: 'binance-spot', symbol: 'BTCUSDT' },
      { feed: 'binance-usd-m', symbol: 'BTCUSDT' },
      { feed: 'binance-coin-m', symbol: 'BTCUSD_PERP' },
      { feed: 'bybit-linear', symbol: 'BTCUSDT' },
      { feed: 'okx', symbol: 'BTC-USDT-SWAP' },
      { feed: 'hyperliquid', symbol: 'BTC' },
    ]);
    // A coin of that name does not exist there, and nobody would ever hear of it.
    expect(placeOf('BTCUSDC-PERP@hyperliquid')).toBeUndefined();
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
      'funding BTC-PERPETUAL',
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

  it('listens where each venue tells its funding, once', () => {
    const perpetuals = [
      'BTC-PERPETUAL@deribit',
      'BTCUSDT-PERP@binance',
      'BTCUSD-PERP@binance',
      'BTCUSDT-PERP@bybit',
      'BTC-USDT-SWAP@okx',
      'BTC-PERP@hyperliquid',
    ];
    const plan = planFeeds(perpetuals, { rhythm: 1n, witnesses: [] });
    const asked = plan.feeds.map(({ name, protocol, subscriptions }) => {
      const text = protocol.subscribe(subscriptions, 1).join(' ');
      const channel = /perpetual\.|markPrice@1s|tickers\.|funding-rate|activeAssetCtx/g;
      return [name, text.match(channel)];
    });
    expect(asked).toEqual([
      ['deribit', ['perpetual.']],
      ['binance-usd-m-market', ['markPrice@1s']],
      ['binance-usd-m', null],
      ['binance-coin-m', ['markPrice@1s']],
      ['bybit-linear', ['tickers.']],
      ['okx', ['funding-rate']],
      ['hyperliquid', ['activeAssetCtx']],
    ]);
  });

  it('takes no price for dollars that is none', () => {
    expect(() =>
      planFeeds(['BTCEUR@binance', 'ETH-BTC@okx', 'BTCFDUSD@binance'], { rhythm: 1n, witnesses: [] }),
    ).toThrow(
      /prices of BTCEUR@binance are in EUR[\s\S]*prices of ETH-BTC@okx are in BTC[\s\S]*are in FDUSD/,
    );
  });

  it('names every instrument that nobody feeds', () => {
    expect(() =>
      planFeeds(['WETH-USDC-500@uniswap-v3-polygon', 'BTCUSDT@nowhere'], { rhythm: 1n, witnesses: [] }),
    ).toThrow(/uniswap[\s\S]*nowhere/);
  });
});
