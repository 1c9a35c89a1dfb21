import { formatInstant, parseInstant } from '@evenkeel/kernel';
import { threeEpochs } from './three-epochs.test-support';
import type { ThreeEpochs } from './three-epochs.test-support';

/** Epochs 1 and 2 hold the same day with the same ids, epoch 3 the first hours of another market. */
describe('a question about the past', () => {
  let ledger: ThreeEpochs;
  beforeAll(async () => {
    ledger = await threeEpochs();
  }, 120_000);
  afterAll(() => ledger.close());

  const keel = (...args: string[]) => ledger.keel(...args);
  const spanOf = (journal: ThreeEpochs['day']): { from: string; to: string } => {
    const times = journal.map(({ commit }) => commit.clock.eventTime).sort((a, b) => (a < b ? -1 : 1));
    return { from: formatInstant(times[0] ?? 0n), to: formatInstant(times.at(-1) ?? 0n) };
  };
  const countOf = (journal: ThreeEpochs['day'], ...types: string[]): number =>
    journal.flatMap(({ commit }) => commit.events).filter(({ event }) => types.includes(event.type)).length;
  const json = async <T>(...args: string[]): Promise<T> => {
    const { stdout, stderr, code } = await keel(...args, '--json');
    expect([code, stderr.replace(/^[\d,]+ of .*\n/, '')]).toEqual([0, '']);
    return JSON.parse(stdout) as T; // our own output
  };

  it('finds which epochs there are, what they hold and whether they decided the same', async () => {
    const epochs = await json<{ epoch: string; eventTimes: object; decisionDigest: string }[]>(
      'epoch',
      'list',
    );
    expect(epochs.map(({ epoch, eventTimes }) => [epoch, eventTimes])).toEqual([
      ['1', spanOf(ledger.day)],
      ['2', spanOf(ledger.day)],
      ['3', spanOf(ledger.hours)],
    ]);
    expect(epochs[0]).toMatchObject({
      commits: ledger.day.length,
      books: ['demonstration'],
      pace: 'tape',
      decisions: countOf(ledger.day, 'HedgeDecided', 'HedgeDeclined'),
      decisionDigest: ledger.digest,
    });
    expect(epochs[1]?.decisionDigest).toBe(ledger.digest);
    expect(epochs[2]?.decisionDigest).not.toBe(ledger.digest);
    const { stdout, stderr } = await keel('epoch', 'list', '--limit', '1');
    expect(stdout).toMatch(/^epoch 3 {2}opened \d{4}-.*, from a tape\n {2}event time/);
    expect(stderr).toBe('1 of 3, the newest; --limit shows more\n');
  });

  describe('that lists', () => {
    it('is answered from the newest epoch, which is named with the time it holds', async () => {
      const { stdout, stderr, code } = await keel('audit', 'list', '--limit', '999');
      const { from, to } = spanOf(ledger.hours);
      expect(code).toBe(0);
      expect(stderr).toBe(
        `epoch 3 (the newest of 3), from a tape: event time ${from} to ${to}; book demonstration\n`,
      );
      expect(stdout.trim().split('\n')).toHaveLength(countOf(ledger.hours, 'HedgeDecided', 'HedgeDeclined'));
    });

    it('is answered from another epoch, or from all with each row’s epoch, when told so', async () => {
      const second = await json<{ epoch: string }[]>(
        'ledger',
        'list',
        'fills',
        '--epoch',
        '2',
        '--limit',
        '9999',
      );
      expect(new Set(second.map(({ epoch }) => epoch))).toEqual(new Set(['2']));
      expect(second).toHaveLength(countOf(ledger.day, 'OrderFilled'));
      const all = await json<{ epoch: string }[]>(
        'ledger',
        'list',
        'fills',
        '--epoch',
        'all',
        '--limit',
        '9999',
      );
      expect(all).toHaveLength(2 * countOf(ledger.day, 'OrderFilled') + countOf(ledger.hours, 'OrderFilled'));
      const text = await keel('audit', 'list', '--epoch', 'all', '--limit', '9999');
      expect(
        new Set(
          text.stdout
            .trim()
            .split('\n')
            .map((line) => line.split(' ')[0]),
        ),
      ).toEqual(new Set(['1', '2', '3']));
      const balances = await json<{ epoch: string }[]>('ledger', 'list', 'balances', '--epoch', 'all');
      expect(balances.map(({ epoch }) => epoch)).toEqual(expect.arrayContaining(['1', '2', '3']));
    });

    it('gives the newest rows, and says how many there are', async () => {
      const orders = await json<{ epoch: string; intendedSeq: number }[]>(
        'ledger',
        'list',
        'orders',
        '--limit',
        '9999',
      );
      const { stdout, stderr } = await keel('ledger', 'list', 'orders', '--limit', '3', '--json');
      expect(JSON.parse(stdout)).toEqual(orders.slice(-3));
      expect(stderr).toBe(`3 of ${orders.length}, the newest; --limit shows more\n`);
      const mixed = await keel('ledger', 'list', 'orders', '--limit', '3', '--json', '--epoch', 'all');
      expect(JSON.parse(mixed.stdout)).toEqual(orders.slice(-3));
      const decisions = await json<{ seq: number }[]>('audit', 'list', '--limit', '9999');
      const two = await keel('audit', 'list', '--limit', '2', '--json');
      expect(JSON.parse(two.stdout)).toEqual(decisions.slice(-2));
    });

    it('is refused for an epoch, a book or a time that is not there, and told where it is', async () => {
      const { to } = spanOf(ledger.hours);
      const later = formatInstant(parseInstant(to) + 3_600_000_000_000n);
      for (const [args, message] of [
        [['audit', 'list', '--epoch', '9'], /--epoch: the ledger has no epoch "9"; it has 1, 2, 3/],
        [
          ['ledger', 'list', 'fills', '--book', 'nobody'],
          /epoch 3 has no book "nobody": it has demonstration/,
        ],
        [
          ['ledger', 'list', 'fills', '--from', later],
          /epoch 3 holds nothing .*epochs 1, 2 hold it \(--epoch 2\)/,
        ],
        [
          ['audit', 'list', '--from', 'soon', '--to', '2h'],
          /"soon" is not a time such as[^]*"2h" is not a time/,
        ],
        [['audit', 'list', '--from', '-1h', '--to', '-2h'], /--to: .* is not after/],
        [['audit', 'list', '--limit', '0'], /--limit/],
        [['ledger', 'list', 'positions', '--from', '-1h'], /--from: positions are those at the end/],
      ] as const) {
        const { code, stdout, stderr } = await keel(...args);
        expect([args, code, stdout]).toEqual([args, 2, '']);
        expect(stderr).toMatch(message);
      }
    });

    it('reads times back from the newest event time of the epoch, and says what it does not know', async () => {
      const { from, to } = spanOf(ledger.hours);
      const hour = formatInstant(parseInstant(to) - 3_600_000_000_000n);
      const last = await json<{ at: string }[]>('ledger', 'list', 'pnl', '--from', '-1h', '--limit', '9999');
      expect(last.length).toBeGreaterThan(5);
      expect(last.every(({ at }) => at >= hour)).toBe(true);
      expect(await json('ledger', 'list', 'pnl', `--from=${hour}`, '--to=now', '--limit', '9999')).toEqual(
        last,
      );
      const beyond = await keel('ledger', 'list', 'pnl', '--from', '2020-01-01', '--limit', '9999');
      expect(beyond.code).toBe(0);
      expect(beyond.stderr).toContain(
        `asked from 2020-01-01T00:00:00Z; epoch 3 holds ${from} to ${to}, and nothing is known before`,
      );
    });
  });
});
