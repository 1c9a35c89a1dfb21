import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrderCore } from '@evenkeel/execution';
import type { ExecutionState, Latch, LatchBoard } from '@evenkeel/execution';
import { KillSweep } from './kill-sweep';

const core = createOrderCore();

function withOrder(state: ExecutionState, clientOrderId: string, instrument: string): ExecutionState {
  const at = '2026-01-05T00:00:00Z';
  const payload = {
    clientOrderId,
    decisionId: 'd',
    book: 'desk',
    venue: 'binance',
    instrument,
    side: 'buy',
    quantity: '1',
    orderType: 'limit',
    timeInForce: 'POST_ONLY',
    limitPrice: '1',
    referencePrice: '1',
    at,
    timeoutAt: '2026-01-05T00:00:05Z',
    checks: [],
    strategy: 'delta-band',
  } as const;
  const aggregate = { context: 'execution', type: 'hedge-order', id: clientOrderId } as const;
  const events = [{ type: 'OrderIntended', payload } as const];
  return core.evolve(state, {
    commitId: 'c',
    aggregate,
    book: 'desk',
    eventTime: at,
    correlationId: 'x',
    events,
  });
}

const stop = { engagement: 'e-1', by: 'ann', reason: 'r', at: '2026-01-05T00:00:01Z' };
const latch: Latch = { ...stop, engaged: true, engagements: [stop], releases: [] };

describe('the sweep of open orders under a kill latch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kill-sweep-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function sweepOf(board: LatchBoard['latches']) {
    let state = core.initial();
    state = withOrder(state, 'a', 'BTCUSDT-PERP@binance');
    state = withOrder(state, 'b', 'ETHUSDT-PERP@binance');
    const cancelled: string[] = [];
    let fails = 0;
    const sweep = new KillSweep({
      folder,
      latches: () => board,
      states: () => [state],
      cancel: ({ clientOrderId }) => {
        if (fails > 0) {
          fails -= 1;
          return Promise.reject(new Error('no connection'));
        }
        cancelled.push(clientOrderId);
        return Promise.resolve();
      },
      onFailure: () => undefined,
    });
    return { sweep, cancelled, failNext: (count: number) => (fails = count) };
  }

  it.each([
    ['firm', ['a', 'b']],
    ['book:desk', ['a', 'b']],
    ['book:other', []],
    ['strategy:delta-band', ['a', 'b']],
    ['strategy:other', []],
    ['venue:binance', ['a', 'b']],
    ['instrument:ETHUSDT-PERP@binance', ['b']],
  ])('of %s takes back exactly what it covers, once', (scope, expected) => {
    const { sweep, cancelled } = sweepOf(new Map([[scope, latch]]));
    sweep.sweep();
    sweep.sweep();
    expect(cancelled).toEqual(expected);
  });

  it('leaves alone what a released latch covers', () => {
    const released = sweepOf(new Map([['firm', { ...latch, engaged: false, engagements: [] }]]));
    released.sweep.sweep();
    expect(released.cancelled).toEqual([]);
  });

  it('asks again where the venue could not be asked', async () => {
    const { sweep, cancelled, failNext } = sweepOf(new Map([['firm', latch]]));
    failNext(2);
    sweep.sweep();
    await new Promise(setImmediate);
    sweep.sweep();
    expect(cancelled).toEqual(['a', 'b']);
  });

  it('acts on a file that appears, with no journal and no server anywhere', async () => {
    const board = new Map<string, Latch>();
    const { sweep, cancelled } = sweepOf(board);
    sweep.start();
    board.set('firm', latch);
    writeFileSync(join(folder, 'firm.json'), '{}');
    const deadline = Date.now() + 2_000;
    while (cancelled.length < 2 && Date.now() < deadline) await new Promise(setImmediate);
    sweep.stop();
    expect(cancelled).toEqual(['a', 'b']);
  });
});
