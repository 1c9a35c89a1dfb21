import type { Latch, TradedThing } from '@evenkeel/execution';
import { createOrderCore } from '@evenkeel/execution';
import type { AccountOrder } from '@evenkeel/facts';
import { TakingBack, both, everythingOfOurs, wantedByLatches } from './taking-back';

const STOP = { engagement: 'e-1', by: 'ann', reason: 'r', at: '2026-01-05T00:00:01Z' };
const LATCH: Latch = { ...STOP, engaged: true, engagements: [STOP], releases: [] };
const ACCOUNT = { book: 'desk', venue: 'binance' };
const order = (instrument: string): TradedThing => ({ ...ACCOUNT, instrument, strategy: 'delta-band' });
const [BTC, ETH] = ['BTCUSDT-PERP@binance', 'ETHUSDT-PERP@binance'];

describe('what latches want of an account', () => {
  it.each([
    ['firm', true, [BTC, ETH]],
    ['book:desk', true, [BTC, ETH]],
    ['venue:binance', true, [BTC, ETH]],
    ['latches', false, [BTC, ETH]],
    ['strategy:delta-band', false, [BTC, ETH]],
    [`instrument:${ETH}`, false, [ETH]],
    ['book:other', false, []],
    ['venue:deribit', false, []],
    ['strategy:other', false, []],
  ])('of %s is the whole account: %s', (scope, whole, covered) => {
    const wanted = wantedByLatches(new Map([[scope, LATCH]]), ACCOUNT);
    expect(wanted?.whole).toBe(whole);
    expect([BTC, ETH].filter((instrument) => wanted?.covers(order(instrument)))).toEqual(covered);
  });

  it('is nothing where it was released', () => {
    const released: Latch = { ...LATCH, engaged: false, engagements: [] };
    expect(wantedByLatches(new Map([['firm', released]]), ACCOUNT)).toBeUndefined();
    expect(both(undefined, everythingOfOurs('PARTITION_HALTED'))).toMatchObject({ whole: false });
  });
});

/** A venue that hears nothing for a while, and heeds nothing for another. */
class Venue {
  readonly asked: string[] = [];
  connected = true;
  heeds = true;
  rests: AccountOrder[];

  constructor(names: readonly string[]) {
    this.rests = names.map((clientOrderId) => ({ clientOrderId, instrument: BTC, remaining: '1' }));
  }

  cancel(clientOrderId: string): 'sent' | 'not-connected' {
    this.asked.push(clientOrderId);
    if (!this.connected) return 'not-connected';
    if (this.heeds) this.rests = this.rests.filter((one) => one.clientOrderId !== clientOrderId);
    return 'sent';
  }

  cancelAll(): 'sent' | 'not-connected' {
    this.asked.push('all');
    if (!this.connected) return 'not-connected';
    if (this.heeds) this.rests = [];
    return 'sent';
  }

  openOrders(): Promise<readonly AccountOrder[] | undefined> {
    return Promise.resolve(this.connected ? this.rests : undefined);
  }
}

describe('taking back', () => {
  function taking(venue: Venue) {
    let nowMs = 0;
    const gone: string[] = [];
    const troubles: object[] = [];
    const quiet = (): void => undefined;
    const takingBack = new TakingBack({
      account: ACCOUNT,
      connector: venue,
      logger: { info: quiet, warn: quiet, error: (found: object) => void troubles.push(found) },
      onGone: (reason) => gone.push(reason),
      nowMs: () => nowMs,
    });
    const firm = wantedByLatches(new Map([['firm', LATCH]]), ACCOUNT);
    const known = createOrderCore().initial();
    /** So many looks, 50 ms apart. */
    const look = async (times: number, wanted = firm): Promise<void> => {
      for (let index = 0; index < times; index += 1) {
        takingBack.look(wanted, known, 0n);
        nowMs += 50;
        await new Promise(setImmediate);
      }
    };
    return { takingBack, look, gone, troubles };
  }

  it('asks again while there is no connection, says so, and takes back once there is one', async () => {
    const venue = new Venue(['a', 'b']);
    venue.connected = false;
    const { takingBack, look, gone, troubles } = taking(venue);
    await look(200);
    // Ten seconds: one request a second, none of which left.
    expect(venue.asked.length).toBeGreaterThanOrEqual(10);
    expect(troubles.length).toBeGreaterThanOrEqual(2);
    expect(takingBack.left).toBeUndefined();
    expect(venue.rests).toHaveLength(2);
    venue.connected = true;
    await look(60);
    expect(venue.rests).toEqual([]);
    expect(gone).toEqual(['KILL_ENGAGED']);
    expect(takingBack.left).toBe(0);
  });

  it('asks again until the venue lists nothing, though it said yes', async () => {
    const venue = new Venue(['a']);
    venue.heeds = false;
    const { takingBack, look, gone } = taking(venue);
    await look(100);
    expect(takingBack.left).toBe(1);
    expect(venue.asked.filter((what) => what === 'all').length).toBeGreaterThanOrEqual(4);
    venue.heeds = true;
    await look(60);
    expect(takingBack.left).toBe(0);
    expect(gone).toHaveLength(1);
  });

  it('finds an order that reaches the venue after its list was empty', async () => {
    const venue = new Venue([]);
    const { look } = taking(venue);
    await look(60);
    venue.rests = [{ clientOrderId: 'late', instrument: BTC, remaining: '1' }];
    await look(120);
    expect(venue.rests).toEqual([]);
  });

  it('leaves what others placed alone where it is not about the account as a whole', async () => {
    const venue = new Venue(['somebody-else']);
    const { look, takingBack } = taking(venue);
    await look(80, everythingOfOurs('PARTITION_HALTED'));
    expect(venue.asked).toEqual([]);
    expect(venue.rests).toHaveLength(1);
    expect(takingBack.left).toBe(0);
  });

  it('does not believe one empty list, nor one that was asked for while less was wanted', async () => {
    const venue = new Venue([]);
    const { takingBack, look } = taking(venue);
    await look(10);
    expect(takingBack.left).toBeUndefined();
    await look(20);
    expect(takingBack.left).toBe(0);
    const wider = new Venue(['somebody-else']);
    const again = taking(wider);
    await again.look(60, wantedByLatches(new Map([[`instrument:${BTC}`, LATCH]]), ACCOUNT));
    expect(again.takingBack.left).toBe(0);
    wider.heeds = false;
    await again.look(1);
    expect(again.takingBack.left).not.toBe(0);
    await again.look(30);
    expect(again.takingBack.left).toBe(1);
  });

  it('stops when nothing is wanted any more', async () => {
    const venue = new Venue(['a']);
    venue.heeds = false;
    const { takingBack, look } = taking(venue);
    await look(5);
    const asked = venue.asked.length;
    for (let index = 0; index < 50; index += 1) takingBack.look(undefined, createOrderCore().initial(), 0n);
    expect(venue.asked).toHaveLength(asked);
    expect(takingBack.left).toBe(0);
  });
});
