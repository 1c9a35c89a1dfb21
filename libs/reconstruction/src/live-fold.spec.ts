import { sealCommit } from '@evenkeel/contracts';
import type { DomainEvent } from '@evenkeel/facts';
import { formatInstant, parseInstant } from '@evenkeel/kernel';
import { commitOf } from '@evenkeel/testkit';
import { LiveFold } from './live-fold';

const HOUR = 3_600_000_000_000n;
const START = parseInstant('2026-01-05T00:00:00Z');

function add(fold: LiveFold, hours: bigint, clientOrderId: string, event: DomainEvent): void {
  const draft = {
    aggregate: { context: 'execution', type: 'hedge-order', id: clientOrderId },
    book: 'b',
    eventTime: formatInstant(START + hours * HOUR),
    actor: { kind: 'algo', id: 'execution' },
    events: [event],
  } as const;
  fold.add({ ...sealCommit(commitOf(draft, { cause: clientOrderId })), seq: 1, subject: '' });
}

function intended(clientOrderId: string, at: string): DomainEvent {
  return {
    type: 'OrderIntended',
    payload: {
      clientOrderId,
      book: 'b',
      instrument: 'BTCUSDT-PERP@binance',
      at,
      decisionId: 'd',
      venue: 'binance',
      side: 'buy',
      quantity: '1',
      orderType: 'limit',
      timeInForce: 'IOC',
      limitPrice: '1',
      referencePrice: '1',
      timeoutAt: at,
      checks: [],
    },
  };
}

it('counts every order of a run and remembers those of a day', () => {
  const fold = new LiveFold();
  for (let hour = 0n; hour < 100n; hour += 1n) {
    const at = formatInstant(START + hour * HOUR);
    const clientOrderId = `o${hour}`;
    const common = { clientOrderId, book: 'b', instrument: 'BTCUSDT-PERP@binance', at };
    add(fold, hour, clientOrderId, intended(clientOrderId, at));
    const end = { ...common, unfilled: '1', reason: 'NO' };
    if (hour % 2n === 0n) add(fold, hour, clientOrderId, { type: 'OrderRejected', payload: end });
  }
  expect(fold.summary().orders).toMatchObject({ intended: 100, rejected: 50, open: 50 });
  const sizes = Object.values(fold).flatMap((held: unknown) => (held instanceof Map ? [held.size] : []));
  expect(Math.max(...sizes)).toBeGreaterThan(50);
  expect(Math.max(...sizes)).toBeLessThan(50 + 14);
});

it('counts each order once, one that was filled in part and then cancelled too', () => {
  const fold = new LiveFold();
  const at = formatInstant(START);
  const fill = (clientOrderId: string, remaining: string): DomainEvent => ({
    type: 'OrderFilled',
    payload: {
      clientOrderId,
      book: 'b',
      instrument: 'BTCUSDT-PERP@binance',
      fillId: clientOrderId,
      quantity: '1',
      price: '1',
      fee: { amount: '0', currency: 'USDT' },
      liquidity: 'taker',
      at,
      remaining,
      late: false,
    },
  });
  const common = { book: 'b', instrument: 'BTCUSDT-PERP@binance', at, unfilled: '1', reason: 'NO' };
  for (const id of ['whole', 'part', 'none', 'refused', 'open']) add(fold, 0n, id, intended(id, at));
  add(fold, 0n, 'whole', fill('whole', '0'));
  add(fold, 0n, 'part', fill('part', '1'));
  add(fold, 0n, 'open', fill('open', '1'));
  for (const clientOrderId of ['part', 'none'])
    add(fold, 0n, clientOrderId, { type: 'OrderCancelled', payload: { ...common, clientOrderId } });
  add(fold, 0n, 'refused', { type: 'OrderRejected', payload: { ...common, clientOrderId: 'refused' } });
  const { orders } = fold.summary();
  expect(orders).toMatchObject({
    filled: 1,
    partiallyFilled: 1,
    cancelled: 1,
    rejected: 1,
    expired: 0,
    open: 1,
  });
  expect(orders.intended).toBe(5);
});
