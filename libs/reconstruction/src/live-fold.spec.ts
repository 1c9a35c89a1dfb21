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

it('counts every order of a run and remembers those of a day', () => {
  const fold = new LiveFold();
  for (let hour = 0n; hour < 100n; hour += 1n) {
    const at = formatInstant(START + hour * HOUR);
    const clientOrderId = `o${hour}`;
    const common = { clientOrderId, book: 'b', instrument: 'BTCUSDT-PERP@binance', at };
    add(fold, hour, clientOrderId, {
      type: 'OrderIntended',
      payload: {
        ...common,
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
    });
    const end = { ...common, unfilled: '1', reason: 'NO' };
    if (hour % 2n === 0n) add(fold, hour, clientOrderId, { type: 'OrderRejected', payload: end });
  }
  expect(fold.summary().orders).toMatchObject({ intended: 100, rejected: 50, open: 50 });
  const sizes = Object.values(fold).flatMap((held: unknown) => (held instanceof Map ? [held.size] : []));
  expect(Math.max(...sizes)).toBeGreaterThan(50);
  expect(Math.max(...sizes)).toBeLessThan(50 + 14);
});
