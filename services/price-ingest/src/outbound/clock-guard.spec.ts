import type { Mark } from '@evenkeel/facts';
import { CLOCK_UNTRUSTED, ClockGuard } from './clock-guard';

const markOf = (instrument: string): Mark => ({
  instrument,
  kind: 'price',
  price: '1',
  eventTime: '2026-01-01T00:00:00Z',
  receivedTime: '2026-01-01T00:00:00Z',
  source: 'x',
  status: 'OK',
  reasons: [],
});
const instantOf = (...instruments: string[]) => ({
  number: 1,
  eventTime: '2026-01-01T00:00:00Z',
  marks: instruments.map(markOf),
  fundings: [],
  deliveries: [],
  wakes: [],
});
const MS = 1_000_000n;

describe('the distance of the wall clock from event time', () => {
  it('is a fact and an alarm above a quarter second, and halts every known price above one', () => {
    const said: [string, boolean][] = [];
    const guard = new ClockGuard(({ what }, isWorse) => said.push([what, isWorse]));
    expect(guard.check(instantOf('A', 'B'), 250n * MS)).toEqual(instantOf('A', 'B'));
    expect(said).toEqual([]);
    expect(guard.check(instantOf('A'), -251n * MS)).toEqual(instantOf('A'));
    expect(guard.check(instantOf('A'), 1_000n * MS)).toEqual(instantOf('A'));
    expect(said).toEqual([['clock-differs', true]]);
    const { marks } = guard.check(instantOf('A'), 1_001n * MS);
    expect(marks.map(({ instrument, status, reasons }) => [instrument, status, reasons])).toEqual([
      ['A', 'HALTED', [CLOCK_UNTRUSTED]],
      ['B', 'HALTED', [CLOCK_UNTRUSTED]],
    ]);
    expect(guard.check(instantOf('B'), -3_600_000n * MS).marks).toHaveLength(1);
    // Trusted again: also what has not moved since is told anew.
    expect(
      guard.check(instantOf('B'), 0n).marks.map(({ instrument, status }) => [instrument, status]),
    ).toEqual([
      ['A', 'OK'],
      ['B', 'OK'],
    ]);
    expect(guard.check(instantOf('B'), 0n)).toEqual(instantOf('B'));
    expect(said).toEqual([
      ['clock-differs', true],
      ['clock-untrusted', true],
      ['clock-agrees', false],
    ]);
  });
});
