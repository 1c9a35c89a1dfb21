// Messages of every venue in its own format, generated from a seed: books of 200 levels a side with changes of about ten levels,
// quotes and trades in the proportion a busy instrument shows (one change, two quotes, one trade).
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state / 4294967296;
  };
}

function createMarket(seed) {
  const random = createRandom(seed);
  const sizes = { bids: new Map(), asks: new Map() };
  let fair = 618_000;
  let sequence = 1_000_000;
  const price = (ticks) => (ticks / 10).toFixed(1);
  const size = () => (Math.floor(random() * 5000) / 1000).toFixed(3);
  for (let step = 1; step <= 200; step += 1) {
    sizes.bids.set(fair - step, size());
    sizes.asks.set(fair + step, size());
  }
  return {
    price,
    snapshot: () => ({
      sequence,
      bids: [...sizes.bids].map(([ticks, lots]) => [price(ticks), lots]),
      asks: [...sizes.asks].map(([ticks, lots]) => [price(ticks), lots]),
    }),
    change() {
      const previous = sequence;
      sequence += 1;
      const changed = { bids: [], asks: [] };
      for (let index = 0; index < 10; index += 1) {
        const bid = random() < 0.5;
        const ticks = bid
          ? fair - 1 - Math.floor(random() ** 2 * 200)
          : fair + 1 + Math.floor(random() ** 2 * 200);
        const lots = random() < 0.3 ? '0.000' : size();
        (bid ? changed.bids : changed.asks).push([price(ticks), lots]);
      }
      return { previous, sequence, ...changed };
    },
    touch: () => ({ bid: [price(fair - 1), size()], ask: [price(fair + 1), size()] }),
    trade: () => ({ price: price(fair), size: size(), buy: random() < 0.5 }),
    now: () => 1_723_161_256_000 + sequence,
  };
}

const formats = {
  deribit: {
    feed: { venue: 'deribit', market: 'mixed' },
    push: (channel, data) =>
      JSON.stringify({ jsonrpc: '2.0', method: 'subscription', params: { channel, data } }),
    levels: (levels) => levels.map(([p, s]) => [Number(s) === 0 ? 'delete' : 'change', Number(p), Number(s)]),
    snapshot(m, b) {
      return this.push('book.BTC-PERPETUAL.100ms', {
        type: 'snapshot',
        timestamp: m.now(),
        instrument_name: 'BTC-PERPETUAL',
        change_id: b.sequence,
        bids: this.levels(b.bids),
        asks: this.levels(b.asks),
      });
    },
    change(m, c) {
      return this.push('book.BTC-PERPETUAL.100ms', {
        type: 'change',
        timestamp: m.now(),
        prev_change_id: c.previous,
        instrument_name: 'BTC-PERPETUAL',
        change_id: c.sequence,
        bids: this.levels(c.bids),
        asks: this.levels(c.asks),
      });
    },
    quote(m, t) {
      return this.push('quote.BTC-PERPETUAL', {
        timestamp: m.now(),
        instrument_name: 'BTC-PERPETUAL',
        best_bid_price: Number(t.bid[0]),
        best_bid_amount: Number(t.bid[1]),
        best_ask_price: Number(t.ask[0]),
        best_ask_amount: Number(t.ask[1]),
      });
    },
    trade(m, t) {
      return this.push('trades.BTC-PERPETUAL.100ms', [
        {
          trade_seq: m.now() % 1e9,
          trade_id: String(m.now()),
          timestamp: m.now(),
          tick_direction: 0,
          price: Number(t.price),
          mark_price: Number(t.price),
          instrument_name: 'BTC-PERPETUAL',
          index_price: Number(t.price),
          direction: t.buy ? 'buy' : 'sell',
          amount: Number(t.size),
        },
      ]);
    },
  },
  'binance usd-m': {
    feed: { venue: 'binance', market: 'linear' },
    snapshot: (m, b) =>
      JSON.stringify({ lastUpdateId: b.sequence, E: m.now(), T: m.now(), bids: b.bids, asks: b.asks }),
    change: (m, c) =>
      JSON.stringify({
        stream: 'btcusdt@depth@0ms',
        data: {
          e: 'depthUpdate',
          E: m.now(),
          T: m.now(),
          s: 'BTCUSDT',
          U: c.sequence,
          u: c.sequence,
          pu: c.previous,
          b: c.bids,
          a: c.asks,
        },
      }),
    quote: (m, t) =>
      JSON.stringify({
        stream: 'btcusdt@bookTicker',
        data: {
          e: 'bookTicker',
          u: m.now(),
          s: 'BTCUSDT',
          b: t.bid[0],
          B: t.bid[1],
          a: t.ask[0],
          A: t.ask[1],
          T: m.now(),
          E: m.now(),
        },
      }),
    trade: (m, t) =>
      JSON.stringify({
        stream: 'btcusdt@trade',
        data: {
          e: 'trade',
          E: m.now(),
          T: m.now(),
          s: 'BTCUSDT',
          t: m.now(),
          p: t.price,
          q: t.size,
          X: 'MARKET',
          m: !t.buy,
        },
      }),
  },
  bybit: {
    feed: { venue: 'bybit', market: 'linear' },
    snapshot: (m, b) =>
      JSON.stringify({
        topic: 'orderbook.50.BTCUSDT',
        type: 'snapshot',
        ts: m.now(),
        data: { s: 'BTCUSDT', b: b.bids, a: b.asks, u: b.sequence, seq: b.sequence },
        cts: m.now(),
      }),
    change: (m, c) =>
      JSON.stringify({
        topic: 'orderbook.50.BTCUSDT',
        type: 'delta',
        ts: m.now(),
        data: { s: 'BTCUSDT', b: c.bids, a: c.asks, u: c.sequence, seq: c.sequence },
        cts: m.now(),
      }),
    quote: (m, t) =>
      JSON.stringify({
        topic: 'tickers.BTCUSDT',
        type: 'delta',
        data: {
          symbol: 'BTCUSDT',
          bid1Price: t.bid[0],
          bid1Size: t.bid[1],
          ask1Price: t.ask[0],
          ask1Size: t.ask[1],
        },
        cs: m.now(),
        ts: m.now(),
      }),
    trade: (m, t) =>
      JSON.stringify({
        topic: 'publicTrade.BTCUSDT',
        type: 'snapshot',
        ts: m.now(),
        data: [
          {
            T: m.now(),
            s: 'BTCUSDT',
            S: t.buy ? 'Buy' : 'Sell',
            v: t.size,
            p: t.price,
            L: 'PlusTick',
            i: '0cbf2330-952d-5d03-a462-4bf826c867af',
            BT: false,
          },
        ],
      }),
  },
  okx: {
    feed: { venue: 'okx', market: 'mixed' },
    four: (levels) => levels.map(([p, s]) => [p, s, '0', '1']),
    snapshot(m, b) {
      return JSON.stringify({
        arg: { channel: 'books', instId: 'BTC-USDT-SWAP' },
        action: 'snapshot',
        data: [
          {
            asks: this.four(b.asks),
            bids: this.four(b.bids),
            ts: String(m.now()),
            checksum: 0,
            seqId: b.sequence,
            prevSeqId: -1,
          },
        ],
      });
    },
    change(m, c) {
      return JSON.stringify({
        arg: { channel: 'books', instId: 'BTC-USDT-SWAP' },
        action: 'update',
        data: [
          {
            asks: this.four(c.asks),
            bids: this.four(c.bids),
            ts: String(m.now()),
            checksum: 0,
            seqId: c.sequence,
            prevSeqId: c.previous,
          },
        ],
      });
    },
    quote(m, t) {
      return JSON.stringify({
        arg: { channel: 'bbo-tbt', instId: 'BTC-USDT-SWAP' },
        data: [{ asks: this.four([t.ask]), bids: this.four([t.bid]), ts: String(m.now()), seqId: m.now() }],
      });
    },
    trade: (m, t) =>
      JSON.stringify({
        arg: { channel: 'trades', instId: 'BTC-USDT-SWAP' },
        data: [
          {
            instId: 'BTC-USDT-SWAP',
            tradeId: String(m.now()),
            px: t.price,
            sz: t.size,
            side: t.buy ? 'buy' : 'sell',
            ts: String(m.now()),
          },
        ],
      }),
  },
  hyperliquid: {
    feed: { venue: 'hyperliquid', market: 'linear' },
    side: (levels) => levels.slice(0, 20).map(([px, sz]) => ({ px, sz, n: 3 })),
    book(m, b) {
      return JSON.stringify({
        channel: 'l2Book',
        data: { coin: 'BTC', time: m.now(), levels: [this.side(b.bids), this.side(b.asks)] },
      });
    },
    snapshot(m, b) {
      return this.book(m, b);
    },
    change(m) {
      return this.book(m, m.snapshot());
    },
    quote: (m, t) =>
      JSON.stringify({
        channel: 'bbo',
        data: {
          coin: 'BTC',
          time: m.now(),
          bbo: [
            { px: t.bid[0], sz: t.bid[1], n: 2 },
            { px: t.ask[0], sz: t.ask[1], n: 3 },
          ],
        },
      }),
    trade: (m, t) =>
      JSON.stringify({
        channel: 'trades',
        data: [
          {
            coin: 'BTC',
            side: t.buy ? 'B' : 'A',
            px: t.price,
            sz: t.size,
            time: m.now(),
            hash: '0x40d169aa50ad8a32b44a04156eee0201d8002e5c6456b7c1ae175e381f73f9dd',
            tid: m.now(),
          },
        ],
      }),
  },
};

/** `[{ name, feed, messages }]`. */
export function generatedMessages(count) {
  return Object.entries(formats).map(([name, format], index) => {
    const market = createMarket(index + 1);
    const messages = [format.snapshot(market, market.snapshot())];
    while (messages.length < count) {
      messages.push(
        format.change(market, market.change()),
        format.quote(market, market.touch()),
        format.trade(market, market.trade()),
        format.quote(market, market.touch()),
      );
    }
    return { name, feed: format.feed, messages };
  });
}
