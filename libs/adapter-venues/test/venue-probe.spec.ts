import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createRandom } from '@evenkeel/kernel';

import { fetchListings, probeVenue } from '@evenkeel/venue-wire';
import { VENUE_PROTOCOLS } from '../src/venue-protocols';
import { LocalVenue } from './local-venues/local-venue';
import { BINANCE_USD_M_SCRIPT, OKX_SCRIPT } from './local-venues/scripts';

const clock = (): bigint => BigInt(Date.now()) * 1_000_000n;
const random = createRandom('probe');

describe('probing a venue', () => {
  it('finds a sound book and the clock offset, and leaves', async () => {
    for (const script of [OKX_SCRIPT, BINANCE_USD_M_SCRIPT]) {
      const venue = await LocalVenue.open(script);
      // A venue that pushes nothing until something changes.
      const changes = setInterval(() => venue.change(), 5);
      try {
        const probe = await probeVenue({
          protocol: script.protocol,
          subscriptions: [{ channel: 'book', symbol: script.symbol }],
          clock,
          random,
          timeoutMs: 5000,
          url: venue.url,
          restUrl: `http://127.0.0.1:${venue.port}`,
        });
        expect(probe).toMatchObject({ connected: true, booksSynced: true });
        expect(probe.events).toBeGreaterThan(0);
        expect(probe.clockOffsetNs).toBeDefined();
        await venue.signal.until('the goodbye', () => venue.subscribed.size === 0);
      } finally {
        clearInterval(changes);
        await venue.close();
      }
    }
  });

  it('says that nobody is there', async () => {
    const protocol = VENUE_PROTOCOLS.get('bybit-linear');
    if (protocol === undefined) throw new Error('bybit-linear is listed');
    const probe = await probeVenue({
      protocol,
      subscriptions: [],
      clock,
      random,
      timeoutMs: 100,
      url: 'ws://127.0.0.1:9',
    });
    expect(probe).toMatchObject({ connected: false, booksSynced: false, events: 0 });
    expect(probe.facts[0]).toMatchObject({ fact: 'disconnected' });
  });
});

describe('listings', () => {
  let server: Server;
  let base = '';
  const asked: string[] = [];
  let answer: (path: string) => readonly [number, string] = () => [404, ''];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      const [status, body] = answer(request.url ?? '');
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // listening on TCP
  });

  afterAll(async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  it('come from every path the venue needs, by POST where it wants that', async () => {
    answer = () => [
      200,
      '{"code":"0","msg":"","data":[{"instType":"SWAP","instId":"BTC-USDT-SWAP","uly":"BTC-USDT","settleCcy":"USDT","ctVal":"0.01","ctType":"linear","tickSz":"0.1","lotSz":"1","minSz":"1","state":"live"}]}',
    ];
    const okx = VENUE_PROTOCOLS.get('okx');
    const hyperliquid = VENUE_PROTOCOLS.get('hyperliquid');
    if (okx === undefined || hyperliquid === undefined) throw new Error('both are listed');
    const listed = await fetchListings(okx, { restUrl: base });
    expect(listed.ok && listed.value).toHaveLength(okx.listings.length);
    expect(asked).toHaveLength(okx.listings.length);
    answer = () => [200, '{"universe":[{"name":"BTC","szDecimals":5},{"name":"ETH","szDecimals":4}]}'];
    expect(await fetchListings(hyperliquid, { restUrl: base })).toMatchObject({
      ok: true,
      value: [{ symbol: 'BTC' }, { symbol: 'ETH' }],
    });
    expect(asked.at(-1)).toBe('POST /info');
  });

  it('fail as a whole when an endpoint refuses or answers something else', async () => {
    const binance = VENUE_PROTOCOLS.get('binance-usd-m');
    if (binance === undefined) throw new Error('binance-usd-m is listed');
    answer = () => [418, ''];
    expect(await fetchListings(binance, { restUrl: base })).toMatchObject({
      ok: false,
      failure: { code: 'VENUES.NO_ANSWER', message: expect.stringContaining('HTTP 418') },
    });
    answer = () => [200, '{"code":-1121,"msg":"Invalid symbol."}'];
    expect(await fetchListings(binance, { restUrl: base })).toMatchObject({
      ok: false,
      failure: { code: 'VENUES.REQUEST_REFUSED' },
    });
    answer = () => [200, '<html>'];
    expect(await fetchListings(binance, { restUrl: base })).toMatchObject({
      ok: false,
      failure: { code: 'VENUES.JSON_INVALID' },
    });
  });
});
