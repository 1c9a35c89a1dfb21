import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { checkVenue, venueCatalogue } from '../run/live-venues';
import { reach, scriptOf } from './live.command';

describe('keel venues', () => {
  it('lists every feed and the local exchange, with the variables of their keys and never a key', () => {
    const rows = venueCatalogue({ EK_DERIBIT_KEY: 'abc-key', EK_DERIBIT_SECRET_FILE: '/run/secret' });
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'deribit',
        'binance-usd-m',
        'bybit-linear',
        'okx',
        'hyperliquid',
        'deribit-sim',
      ]),
    );
    const deribit = rows.find(({ name }) => name === 'deribit');
    expect(deribit?.keys).toEqual([
      { variable: 'EK_DERIBIT_KEY', set: true },
      { variable: 'EK_DERIBIT_SECRET', set: true },
    ]);
    expect(JSON.stringify(rows)).not.toContain('abc-key');
  });

  it.each(['deribit-sim', 'binance-sim', 'bybit-sim', 'hyperliquid-sim'])(
    'checks %s over a real socket: data, book, clock, login',
    async (name) => {
      const check = await checkVenue(name, 5_000, {});
      expect(check).toMatchObject({
        sound: true,
        websocket: { ok: true, bookSynced: true },
        login: { tried: true, ok: true },
      });
      expect(Math.abs(check.clockOffsetMs ?? 1e9)).toBeLessThan(1_000);
    },
  );

  it('refuses a venue that nobody knows by naming those it knows', async () => {
    await expect(checkVenue('mtgox', 100, {})).rejects.toThrow(/one of deribit.*deribit-sim.*, not "mtgox"/);
  });
});

describe('keel run --venue', () => {
  it('names the host that cannot be reached, at once', async () => {
    const before = Date.now();
    await expect(reach(new URL('wss://venue.invalid/ws'))).rejects.toThrow(
      /venue\.invalid cannot be reached/,
    );
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo; // listening on TCP
    await reach(new URL(`ws://127.0.0.1:${port}/`));
    await new Promise((done) => server.close(done));
    await expect(reach(new URL(`ws://127.0.0.1:${port}/`))).rejects.toThrow(/127\.0\.0\.1 cannot be reached/);
    expect(Date.now() - before).toBeLessThan(9_000);
  });

  it('arms every accident before the jump whose order is to meet it, within the run', () => {
    const script = scriptOf(60_000, false, false);
    expect(new Set(script.map(({ what }) => what))).toEqual(
      new Set(['shock', 'reject', 'partial', 'lose-answer', 'lose-order', 'cut']),
    );
    expect(Math.max(...script.map(({ afterMs }) => afterMs))).toBeLessThan(60_000 - 5_000);
    expect(scriptOf(60_000, true, false)).toEqual([]);
  });
});
