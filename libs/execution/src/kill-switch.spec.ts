import fc from 'fast-check';
import {
  ENGAGEMENTS_MAX,
  UNREAD_BOARD,
  confirmed,
  isKillScope,
  isReleased,
  mayTrade,
  scopesOf,
  withEngagement,
  withRelease,
} from './kill-switch';
import type { Engagement, LatchBoard, Release } from './kill-switch';

const SCOPES = scopesOf({ book: 'desk', venue: 'binance', instrument: 'BTCUSDT-PERP@binance' });
const READ = confirmed(UNREAD_BOARD, 0);

const stop = (engagement: string): Engagement => ({
  engagement,
  by: 'Ada',
  reason: 'drill',
  at: '2026-01-01T00:00:00Z',
});
const release = (...engagements: string[]): Release => ({
  engagements,
  by: 'Ben',
  reason: 'over',
  at: '2026-01-01T01:00:00Z',
});
const allowed = (board: LatchBoard): boolean => mayTrade(board, SCOPES, 0, 10).allowed;

describe('the kill switch', () => {
  it('allows trading only on a view that was confirmed recently', () => {
    expect(mayTrade(UNREAD_BOARD, SCOPES, 1000, 500)).toMatchObject({ allowed: false, code: 'KILL_STALE' });
    const board = confirmed(UNREAD_BOARD, 1000);
    expect(mayTrade(board, SCOPES, 1500, 500)).toEqual({ allowed: true });
    expect(mayTrade(board, SCOPES, 1501, 500)).toMatchObject({ allowed: false, code: 'KILL_STALE' });
    expect(mayTrade(board, SCOPES, 999, 500)).toMatchObject({ allowed: false, code: 'KILL_STALE' });
  });

  it.each(SCOPES)('stops under %s and names who engaged it, until exactly that is released', (scope) => {
    const board = withEngagement(READ, scope, stop('e-1'));
    expect(mayTrade(board, SCOPES, 0, 10)).toMatchObject({
      allowed: false,
      code: 'KILL_ENGAGED',
      message: `${scope} was stopped by Ada: drill`,
    });
    expect(allowed(withRelease(board, scope, release('e-2')))).toBe(false);
    expect(allowed(withRelease(board, scope, release('e-1')))).toBe(true);
  });

  it('is not released by what released an earlier stop, however often that is said again', () => {
    const before = withRelease(withEngagement(READ, 'firm', stop('e-1')), 'firm', release('e-1'));
    const again = withEngagement(before, 'firm', stop('e-2'));
    expect(allowed(withRelease(again, 'firm', release('e-1')))).toBe(false);
    expect(isReleased(again, 'firm', 'e-1')).toBe(true);
    expect(isReleased(again, 'firm', 'e-2')).toBe(false);
  });

  it('stays while one of several stops is in force', () => {
    const both = withEngagement(withEngagement(READ, 'firm', stop('e-1')), 'firm', stop('e-2'));
    expect(allowed(withRelease(both, 'firm', release('e-1')))).toBe(false);
    expect(allowed(withRelease(both, 'firm', release('e-1', 'e-2')))).toBe(true);
  });

  it('says the same thing twice as once', () => {
    const board = withEngagement(READ, 'firm', stop('e-1'));
    expect(withEngagement(board, 'firm', stop('e-1'))).toBe(board);
    const over = withRelease(board, 'firm', release('e-1'));
    expect(withRelease(over, 'firm', release('e-1'))).toBe(over);
  });

  it('is open exactly when every stop since the beginning was released after it', () => {
    const action = fc.record({ engages: fc.boolean(), id: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(fc.array(action), (actions) => {
        let board = READ;
        const inForce = new Set<string>();
        for (const { engages, id } of actions) {
          board = engages ? withEngagement(board, 'firm', stop(id)) : withRelease(board, 'firm', release(id));
          if (engages) inForce.add(id);
          else inForce.delete(id);
        }
        expect(allowed(board)).toBe(inForce.size === 0);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it('keeps the newest of too many stops, so that an approval from before it never opens', () => {
    let board = READ;
    const ids = Array.from({ length: ENGAGEMENTS_MAX + 3 }, (_, index) => `e-${index}`);
    for (const id of ids) board = withEngagement(board, 'firm', stop(id));
    expect(allowed(withRelease(board, 'firm', release(...ids.slice(0, -1))))).toBe(false);
    expect(board.latches.get('firm')?.engagements).toHaveLength(ENGAGEMENTS_MAX);
  });

  it('knows a scope', () => {
    expect(['firm', 'latches', 'book:x', 'venue:y', 'instrument:z', 'strategy:s'].every(isKillScope)).toBe(
      true,
    );
    expect(['', 'book:', 'desk', 'firm:x', 'book:a b', 'book:a\u0000'].some(isKillScope)).toBe(false);
  });
});
