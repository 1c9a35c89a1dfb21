import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchangeFile } from '@evenkeel/adapter-venue-sim';
import type { VenueRecord } from '@evenkeel/adapter-venue-sim';
import { NANOS_PER_MINUTE, NANOS_PER_SECOND, formatInstant } from '@evenkeel/kernel';
import { DeskAtVenues, PERPS, START, opener } from '../../test/desk-at-venues';

const PRICES = { [PERPS.binance]: '90000', [PERPS.deribit]: '90010' };
const BOTH = ['binance', 'deribit'] as const;
const SECOND = NANOS_PER_SECOND;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-gateway-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tape = (exchange: object = {}) => ({ connector: 'tape-exchange', folder, exchange });

function records(partition: string): VenueRecord[] {
  const lines = readFileSync(exchangeFile(folder, partition), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as VenueRecord); // the exchange's own lines
}

async function opened(access: object): Promise<DeskAtVenues> {
  const desk = new DeskAtVenues(opener(access));
  desk.openAccounts(BOTH);
  await desk.recover([]);
  await desk.market(PRICES, START + SECOND);
  await desk.advanceTo(START + 5n * SECOND);
  return desk;
}

/** Buys at one venue and sells at the other. */
const spread = (desk: DeskAtVenues): Promise<void> =>
  desk.decide([
    [PERPS.binance, '1.5', '90000'],
    [PERPS.deribit, '-400', '90010'],
  ]);

const orders = (desk: DeskAtVenues): string[] =>
  records(desk.partition).flatMap((record) =>
    record.kind === 'order' ? [`${record.order.instrument} at ${record.order.venue}`] : [],
  );

describe('a book with accounts at two venues', () => {
  it('trades at both, each order at its own account, and each account is reconciled', async () => {
    const desk = await opened({ binance: tape(), deribit: tape() });
    await spread(desk);
    await desk.run(PRICES, desk.now + NANOS_PER_MINUTE);
    expect(orders(desk)).toEqual([`${PERPS.binance} at binance`, `${PERPS.deribit} at deribit`]);
    expect(desk.events('OrderFilled')).toHaveLength(2);
    for (const venue of BOTH) {
      const asked = desk.events('ReconciliationRequested').filter((request) => request.venue === venue);
      const clean = desk.events('VenueReconciled').filter((answer) => answer.venue === venue);
      expect(asked.length).toBeGreaterThanOrEqual(2);
      expect(clean.length).toBe(asked.length);
    }
    expect(desk.events('ReconciliationDiffered')).toEqual([]);
    await desk.gateway.close();
  });

  it('goes on at one while the other is down, and learns what became of the order there', async () => {
    const from = formatInstant(START + 4n * SECOND);
    const to = formatInstant(START + 15n * SECOND);
    const outages = [{ venue: 'deribit', from, to, kind: 'silence' }];
    const desk = await opened({ '*': tape({ market: { outages } }) });
    await desk.market(PRICES, START + 6n * SECOND);
    await spread(desk);
    await desk.run(PRICES, START + 40n * SECOND);
    const filled = desk.events('OrderFilled').map(({ clientOrderId }) => clientOrderId);
    const [atBinance, atDeribit] = desk.events('OrderIntended');
    expect(filled).toEqual([atBinance?.clientOrderId]);
    expect(desk.events('OrderUnresolved').map(({ clientOrderId }) => clientOrderId)).toContain(
      atDeribit?.clientOrderId,
    );
    expect(desk.events('OrderRejected')).toMatchObject([
      { clientOrderId: atDeribit?.clientOrderId, reason: 'NEVER_ARRIVED' },
    ]);
    // It is back: the next order there fills, and both accounts agree with the journal.
    await desk.decide([[PERPS.deribit, '-400', '90010']]);
    await desk.run(PRICES, desk.now + NANOS_PER_MINUTE);
    expect(desk.events('OrderFilled')).toHaveLength(2);
    expect(desk.events('ReconciliationDiffered')).toEqual([]);
    const last = desk.events('VenueReconciled').slice(-2);
    expect(new Set(last.map(({ venue }) => venue))).toEqual(new Set(BOTH));
    await desk.gateway.close();
  });

  it('has no line to a venue without settings, and says so when the account is opened', async () => {
    const desk = new DeskAtVenues(opener({ binance: tape() }));
    desk.openAccounts(BOTH);
    await expect(desk.recover([])).rejects.toThrow(
      /has an account at deribit, where this process cannot trade/,
    );
    await desk.gateway.close();
  });

  it('opens an account that comes onto the journal while it runs, with the market it has missed', async () => {
    const desk = new DeskAtVenues(opener({ '*': tape() }));
    desk.openAccounts(['binance']);
    await desk.recover([]);
    await desk.market(PRICES, START + SECOND);
    desk.openAccounts(['deribit']);
    await desk.advanceTo(START + 5n * SECOND);
    await desk.decide([[PERPS.deribit, '400', '90010']]);
    await desk.run(PRICES, desk.now + NANOS_PER_MINUTE);
    expect(desk.events('OrderFilled')).toHaveLength(1);
    await desk.gateway.close();
  });
});

describe('a partition that moves from one process to another', () => {
  it('takes the exchange’s memory along: nothing is sent twice, nothing is lost', async () => {
    const access = { '*': tape({ latency: '10s' }) };
    const first = new DeskAtVenues(opener(access));
    first.openAccounts(BOTH);
    await first.recover([]);
    const instants = await first.run(PRICES, START + 30n * SECOND);
    await spread(first);
    // It lets go before a word of the exchange has been heard.
    await first.gateway.release(first.partition, 'takes-over');
    const second = new DeskAtVenues(opener(access), first.log);
    await second.recover(instants);
    await second.run(PRICES, START + 2n * NANOS_PER_MINUTE);
    expect(orders(second)).toHaveLength(2);
    expect(second.events('OrderFilled')).toHaveLength(2);
    expect(second.events('ReconciliationDiffered')).toEqual([]);
    await second.gateway.close();
  });

  it('has one exchange, also while two processes think that they own it', async () => {
    const access = { '*': tape() };
    const desks = [new DeskAtVenues(opener(access)), new DeskAtVenues(opener(access))];
    for (const desk of desks) {
      desk.openAccounts(BOTH);
      await desk.recover([]);
      await desk.run(PRICES, START + 30n * SECOND);
    }
    for (const desk of desks) await spread(desk);
    for (const desk of desks) await desk.run(PRICES, START + NANOS_PER_MINUTE);
    const [one] = desks;
    expect(one === undefined ? [] : orders(one)).toHaveLength(2);
    for (const desk of desks) await desk.gateway.close();
  });
});

describe('the door', () => {
  const HELD = { allowed: false, code: 'KILL_ENGAGED', message: 'killed' } as const;

  it('lets no order out under a kill latch; in lockstep the exchange is asked for it and does not know it', async () => {
    const desk = await opened({ '*': tape() });
    desk.permission = HELD;
    await spread(desk);
    await desk.run(PRICES, desk.now + NANOS_PER_MINUTE);
    expect(orders(desk)).toEqual([]);
    expect(desk.events('OrderRejected').map(({ reason }) => reason)).toEqual([
      'NEVER_ARRIVED',
      'NEVER_ARRIVED',
    ]);
    await desk.gateway.close();
  });

  it('lets no order out once the partition is another process’s, however long the latches were waited for', async () => {
    const desk = await opened({ '*': tape() });
    desk.isDeposedMeanwhile = true;
    await expect(spread(desk)).rejects.toMatchObject({ code: 'NATS.FENCED' });
    expect(orders(desk)).toEqual([]);
    await desk.gateway.close();
  });

  it('waits for latches that cannot be read without end in lockstep, and goes on with them', async () => {
    const desk = await opened({ '*': tape() });
    let read = (): void => undefined;
    desk.latchesRead = new Promise<void>((resolve) => (read = resolve));
    let sent = false;
    const spreading = spread(desk).then(() => (sent = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sent).toBe(false);
    expect(desk.patienceMs).toBe(Number.POSITIVE_INFINITY);
    read();
    await spreading;
    await desk.gateway.close();
  });

  it('tells the core at once that an order was held back from a venue in wall time', async () => {
    const desk = await opened({
      '*': { connector: 'paper', urls: { 'binance-usd-m': 'ws://127.0.0.1:9', deribit: 'ws://127.0.0.1:9' } },
    });
    await desk.hear('both accounts to be compared', () => desk.events('VenueReconciled').length > 1);
    desk.permission = HELD;
    await desk.decide([[PERPS.deribit, '400', '90010']]);
    await desk.hear('the refusal', () => desk.events('OrderRejected').length > 0);
    expect(desk.events('OrderRejected')).toMatchObject([{ reason: 'KILL_ENGAGED' }]);
    await desk.gateway.close();
  });
});
