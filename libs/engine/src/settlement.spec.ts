import { SettlementBoard } from './settlement';
import type { PartitionReport } from './settlement';

const AT = '2026-01-05T00:05:00Z';
const settled = {
  risk: { seen: 9, appended: 7, at: AT },
  strategy: { seen: 9, appended: 8 },
  execution: { seen: 8, appended: 9, at: AT },
} satisfies Record<string, PartitionReport>;

function boardWith(
  over: Readonly<Record<string, Partial<PartitionReport>>> = {},
  partition = '03',
): SettlementBoard {
  const board = new SettlementBoard();
  for (const [service, report] of Object.entries(settled))
    board.note({ service, partitions: { [partition]: { ...report, ...over[service] } } });
  return board;
}

describe('the settlement board', () => {
  it('is settled when each core has taken the instant and seen everything the others have appended', () => {
    expect(boardWith().isSettled('03', AT)).toBe(true);
    expect(boardWith().lacks('03', AT)).toEqual([]);
  });

  it.each([
    ['risk', { seen: 8 }, 'risk has seen 8, execution appended 9'],
    ['strategy', { seen: 6 }, 'strategy has seen 6, risk appended 7'],
    ['execution', { seen: 7 }, 'execution has seen 7, strategy appended 8'],
    ['risk', { at: '2026-01-05T00:00:00Z' }, `risk has taken 2026-01-05T00:00:00Z, not yet ${AT}`],
  ] as const)('says what %s lacks with %j', (service, over, said) => {
    const board = boardWith({ [service]: over });
    expect(board.isSettled('03', AT)).toBe(false);
    expect(board.lacks('03', AT)).toContain(said);
  });

  it('names whoever has not reported at all', () => {
    const board = new SettlementBoard();
    expect(board.lacks('03', undefined)).toEqual([
      'risk has not reported',
      'strategy has not reported',
      'execution has not reported',
    ]);
  });

  it('keeps partitions apart, whichever process reports them', () => {
    const board = boardWith();
    board.note({ service: 'risk', partitions: { '04': { seen: 0, appended: 99, fault: 'torn' } } });
    expect(board.isSettled('03', AT)).toBe(true);
    expect(board.isSettled('04', AT)).toBe(false);
    expect(board.fault('03')).toBeUndefined();
    expect(board.fault('04')).toBe('risk: torn');
  });

  it('believes the newer of two owners, whoever speaks last', () => {
    const board = boardWith({ risk: { owner: 2 } });
    board.note({ service: 'risk', partitions: { '03': { seen: 0, appended: 50, owner: 1 } } });
    expect(board.isSettled('03', AT)).toBe(true);
    board.note({ service: 'risk', partitions: { '03': { seen: 9, appended: 50, at: AT, owner: 3 } } });
    expect(board.lacks('03', AT)).toContain('strategy has seen 9, risk appended 50');
  });

  it('hands on wake-ups of those who may be woken, and only movement counts as movement', () => {
    const nextWake = '2026-01-05T00:05:01Z';
    const board = boardWith({ execution: { nextWake }, strategy: { nextWake } });
    expect(board.wakes('03').map(({ service }) => service)).toEqual(['execution']);
    const moved: string[] = [];
    const say = (seen: number): void =>
      board.note({ service: 'risk', partitions: { '03': { ...settled.risk, seen } } }, (one) =>
        moved.push(one),
      );
    say(9);
    say(10);
    say(10);
    board.note({ service: 'ledger', partitions: { '03': { seen: 1, appended: 0 } } }, (one) =>
      moved.push(one),
    );
    expect(moved).toEqual(['03']);
  });
});
