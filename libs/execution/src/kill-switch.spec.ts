import fc from 'fast-check';
import {
  UNREAD_BOARD,
  confirmed,
  decodeLatch,
  encodeLatch,
  isKillScope,
  mayTrade,
  scopesOf,
  withLatch,
} from './kill-switch';
import type { Latch } from './kill-switch';

const SCOPES = scopesOf({ book: 'desk', venue: 'binance', instrument: 'BTCUSDT-PERP@binance' });
const ENGAGED: Latch = { engaged: true, by: 'Ada', reason: 'drill', at: '2026-01-01T00:00:00Z' };
const RELEASED: Latch = { ...ENGAGED, engaged: false };

describe('the kill switch', () => {
  it('allows trading only on a view that was confirmed recently', () => {
    expect(mayTrade(UNREAD_BOARD, SCOPES, 1000, 500)).toMatchObject({ allowed: false, code: 'KILL_STALE' });
    const board = confirmed(UNREAD_BOARD, 1000);
    expect(mayTrade(board, SCOPES, 1500, 500)).toEqual({ allowed: true });
    expect(mayTrade(board, SCOPES, 1501, 500)).toMatchObject({ allowed: false, code: 'KILL_STALE' });
    expect(mayTrade(board, SCOPES, 999, 500)).toMatchObject({ allowed: false, code: 'KILL_STALE' });
  });

  it.each(SCOPES)('stops under %s and names who engaged it', (scope) => {
    const board = withLatch(confirmed(UNREAD_BOARD, 0), scope, encodeLatch(ENGAGED));
    expect(mayTrade(board, SCOPES, 0, 10)).toMatchObject({
      allowed: false,
      code: 'KILL_ENGAGED',
      message: `${scope} was stopped by Ada: drill`,
    });
    expect(mayTrade(withLatch(board, scope, encodeLatch(RELEASED)), SCOPES, 0, 10)).toEqual({
      allowed: true,
    });
  });

  it('counts a value that cannot be read, and a key that was deleted, as engaged', () => {
    for (const text of [
      '',
      'null',
      '{}',
      '{"engaged":false}',
      '{"engaged":"no","by":"a","reason":"","at":""}',
      undefined,
    ]) {
      expect(mayTrade(withLatch(confirmed(UNREAD_BOARD, 0), 'firm', text), SCOPES, 0, 10)).toMatchObject({
        code: 'KILL_UNREADABLE',
      });
    }
  });

  it('never lets anything that is not a whole released latch through', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const latch = decodeLatch(text);
        const allowed = mayTrade(withLatch(confirmed(UNREAD_BOARD, 0), 'firm', text), SCOPES, 0, 10).allowed;
        expect(allowed).toBe(latch !== 'unreadable' && !latch.engaged);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it('reads back what it writes', () => {
    expect(decodeLatch(encodeLatch(ENGAGED))).toEqual(ENGAGED);
    expect(['firm', 'book:x', 'venue:y', 'instrument:z'].every(isKillScope)).toBe(true);
    expect(['', 'book:', 'desk', 'firm:x'].some(isKillScope)).toBe(false);
  });
});
