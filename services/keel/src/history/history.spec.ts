import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { formatInstant, parseInstant, required } from '@evenkeel/kernel';
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
        [
          ['audit', 'list', '--reason', 'BAND_BREACHD'],
          /--reason: no reason "BAND_BREACHD" of a decision in epoch 3: did you mean "BAND_BREACHED"\? Known: /,
        ],
        [
          ['audit', 'list', '--epoch', 'all', '--instrument', 'BTCUSDT-PREP@evenkeel-sim'],
          /--instrument: no instrument .* of a decision in epochs 1, 2, 3: did you mean "BTCUSDT-PERP@evenkeel-sim"/,
        ],
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
      const said = await keel('ledger', 'list', 'pnl', '--from', '-1h', '--limit', '1');
      expect(said.stderr).toContain(`\nread from ${hour}\n`);
      expect(await json('ledger', 'list', 'pnl', `--from=${hour}`, '--to=now', '--limit', '9999')).toEqual(
        last,
      );
      const beyond = await keel('ledger', 'list', 'pnl', '--from', '2020-01-01', '--limit', '9999');
      expect(beyond.code).toBe(0);
      expect(beyond.stderr).toContain(
        `asked from 2020-01-01T00:00:00Z; epoch 3 holds ${from} to ${to}, and it knows nothing before`,
      );
    });
  });

  const decisionsOf = (journal: ThreeEpochs['day']): { id: string; seq: number }[] =>
    journal.flatMap(({ commit, seq }) =>
      commit.events.flatMap(({ event }) =>
        event.type === 'HedgeDecided' || event.type === 'HedgeDeclined'
          ? [{ id: event.payload.decisionId, seq }]
          : [],
      ),
    );

  describe('about one decision', () => {
    it('is answered from the epoch that has it, and refused where several have and none is told', async () => {
      const idsOf = (journal: ThreeEpochs['day']): Set<string> =>
        new Set(decisionsOf(journal).map(({ id }) => id));
      const [day, hours] = [idsOf(ledger.day), idsOf(ledger.hours)];
      const common = required(
        [...hours].find((one) => day.has(one)),
        'an id of every epoch',
      );
      const told = await keel('audit', 'reconstruct', common);
      expect([told.code, told.stderr]).toEqual([
        0,
        expect.stringMatching(
          /^epoch 3 \(the newest of 3\).*\nof epoch 3; epochs 1, 2 have a decision of the same id \(--epoch 2\)\n$/,
        ),
      ]);
      const shared = [...day].find((one) => !hours.has(one));
      const id = required(shared, 'a decision of the day alone');
      const several = await keel('audit', 'reconstruct', id);
      expect([several.code, several.stdout]).toEqual([1, '']);
      expect(several.stderr).toMatch(
        /AMBIGUOUS_DECISION: epoch 3 has no decision .*epochs 1, 2 each have one/,
      );
      const second = await keel('audit', 'reconstruct', id, '--epoch', '2');
      expect(second.code).toBe(0);
      expect(second.stderr).toMatch(
        /^epoch 2 \(2 of 3\).*\nof epoch 2; epoch 1 has a decision of the same id/,
      );
      const wrong = await keel('audit', 'reconstruct', id, '--epoch', '3');
      expect(wrong.stderr).toMatch(
        /NO_SUCH_DECISION: there is no decision .* in epoch 3; epochs 1, 2 have it/,
      );
      const story = await json<{ epoch: string; alsoInEpochs: string[] }>(
        'audit',
        'reconstruct',
        id,
        '--epoch',
        '1',
      );
      expect([story.epoch, story.alsoInEpochs]).toEqual(['1', ['2']]);
    });

    it('is refused for the beginning of several ids', async () => {
      const ids = decisionsOf(ledger.hours).map(({ id }) => id);
      const beginning = [...'0123456789abcdef'].find(
        (digit) => ids.filter((id) => id.startsWith(digit)).length > 1,
      );
      const { code, stderr } = await keel(
        'audit',
        'reconstruct',
        required(beginning, 'two ids that begin alike'),
      );
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/AMBIGUOUS.*the beginning of several decisions of epoch 3/),
      ]);
    });
  });

  describe('about a moment', () => {
    const asOf = (...args: string[]) =>
      keel('audit', 'reconstruct', '--book', 'demonstration', '--as-of', ...args);

    it('is refused where the epoch does not hold it, and told which do', async () => {
      const { from, to } = spanOf(ledger.hours);
      const late = formatInstant(parseInstant(to) + 3_600_000_000_000n);
      const last = String(ledger.day.length);
      for (const [moment, message] of [
        [
          late,
          `epoch 3 holds ${from} to ${to}; nothing is known of ${late}; epochs 1, 2 hold that time (--epoch 2)`,
        ],
        ['2020-01-01', `nothing is known of 2020-01-01T00:00:00Z\n`],
        [
          last,
          `epoch 3 holds sequences 1 to ${ledger.hours.length}, not ${last}; epochs 1, 2 hold it (--epoch 2)`,
        ],
        ['0', `epoch 3 holds sequences 1 to ${ledger.hours.length}, not 0\n`],
        ['soon', 'is neither a sequence nor a time such as'],
      ] as const) {
        const { code, stdout, stderr } = await asOf(moment);
        expect([moment, code, stdout]).toEqual([moment, 2, '']);
        expect(stderr).toContain(message);
      }
      const nobody = await keel('audit', 'reconstruct', '--book', 'nobody', '--as-of', 'now');
      expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('has no book "nobody"')]);
    });

    it('is answered with its epoch, at any moment that it holds', async () => {
      const { to } = spanOf(ledger.hours);
      const now = await asOf('now', '--json');
      expect(JSON.parse(now.stdout)).toMatchObject({ epoch: '3', eventTimes: spanOf(ledger.hours) });
      expect((await asOf(to, '--json')).stdout).toBe(now.stdout);
      expect((await asOf('-1h')).stderr).toMatch(/^epoch 3 /);
      expect(JSON.parse((await asOf(to, '--epoch', '2', '--json')).stdout)).toMatchObject({ epoch: '2' });
    });
  });

  describe('that adds up', () => {
    it('is of one epoch: its trades, its fills, its money', async () => {
      const tca = await json<{ epoch: string; total: { fills: number } }>('tca', '--from-ledger');
      expect([tca.epoch, tca.total.fills]).toEqual(['3', countOf(ledger.hours, 'OrderFilled')]);
      const first = await json<{ epoch: string; total: { fills: number } }>(
        'tca',
        '--from-ledger',
        '--epoch',
        '1',
      );
      expect([first.epoch, first.total.fills]).toEqual(['1', countOf(ledger.day, 'OrderFilled')]);
      const pnl = await json<{ epoch: string; book: string }[]>('pnl', '--from-ledger');
      expect(pnl).toMatchObject([{ epoch: '3', book: 'demonstration' }]);
      for (const command of ['tca', 'pnl']) {
        const all = await keel(command, '--from-ledger', '--epoch', 'all');
        expect([all.code, all.stderr]).toEqual([2, expect.stringContaining('epochs are not mixed here')]);
        const book = await keel(command, '--from-ledger', '--book', 'nobody');
        expect([book.code, book.stderr]).toEqual([2, expect.stringContaining('has no book "nobody"')]);
      }
    });

    it('asks what would have been of the epoch and book that it names', async () => {
      const policy = join(ledger.dir, 'policy.json');
      writeFileSync(policy, JSON.stringify({ kind: 'delta-band', band: '0.5' }));
      const { code, stdout, stderr } = await keel('lab', 'whatif', '--from-ledger', '--policy', policy);
      expect([code, stderr]).toEqual([0, expect.stringMatching(/^epoch 3 /)]);
      expect(stdout).toMatch(/^COUNTERFACTUAL {2}epoch 3 {2}book demonstration/);
    });
  });

  describe('that takes evidence with it', () => {
    it('is refused where a range reaches beyond the epoch, unless what there is will do', async () => {
      const out = join(ledger.dir, 'range.jsonl');
      const range = `1..${ledger.day.length}`;
      const refused = await keel('audit', 'export', range, '--out', out);
      expect([refused.code, refused.stdout, existsSync(out)]).toEqual([2, '', false]);
      expect(refused.stderr).toContain(
        `epoch 3 holds sequences 1 to ${ledger.hours.length}, and not all of ${range}; epochs 1, 2 hold all of it`,
      );
      const said = await keel('audit', 'export', range, '--out', out, '--partial', '--json');
      expect(said.stderr).toContain('and not all of');
      const { keys } = JSON.parse(said.stdout) as { keys: string[] };
      const checked = await keel('audit', 'check', out, '--key', keys[0] ?? '');
      expect([checked.code, checked.stdout]).toEqual([
        0,
        expect.stringMatching(/epoch 3 holds sequences 1 to .*, and not all of .*\[AUDIT\.PARTIAL\]/),
      ]);
      expect(JSON.parse(said.stdout)).toMatchObject({ epoch: '3', eventTimes: spanOf(ledger.hours) });
      for (const [what, message] of [
        ['9999999..9999999', /and nothing of 9999999\.\.9999999/],
        ['2026-01-01..7', /is neither two sequences nor two times/],
        ['5..2', /runs backwards/],
        ['2020-01-01..2020-02-01', /epoch 3 holds nothing from 2020/],
        ['2020-01-01..now', /it knows nothing before.*; --partial takes what there is/],
        ['soon..now', /"soon" is not a time such as/],
      ] as const) {
        const { code, stderr } = await keel('audit', 'export', what, '--out', join(ledger.dir, 'no.jsonl'));
        expect([what, code, stderr]).toEqual([what, 2, expect.stringMatching(message)]);
      }
    });

    it('is one file for a stretch of time, compressed by its name, with every decision of it', async () => {
      const { from } = spanOf(ledger.hours);
      const out = join(ledger.dir, 'hours.jsonl.gz');
      const { stdout, code } = await keel('audit', 'export', `${from}..now`, '--out', out);
      expect(code).toBe(0);
      const count = decisionsOf(ledger.hours).length;
      expect(stdout).toMatch(new RegExp(`^.*: ${count} decisions of epoch 3, `));
      const bundle = gunzipSync(readFileSync(out)).toString('utf8');
      const header = JSON.parse(bundle.split('\n')[0] ?? '') as {
        subjects: { epoch: string; seq: number }[];
      };
      expect(header.subjects).toEqual(decisionsOf(ledger.hours).map(({ seq }) => ({ epoch: '3', seq })));
    });

    it('packs one epoch, or all when told so, and names them', async () => {
      const { from } = spanOf(ledger.hours);
      const pack = (name: string, ...args: string[]) =>
        keel('audit', 'pack', '--to', 'now', '--out', join(ledger.dir, name), '--json', ...args);
      const one = await pack('one', '--from', from);
      expect(JSON.parse(one.stdout)).toMatchObject({
        epochs: ['3'],
        rows: { decisions: decisionsOf(ledger.hours).length },
      });
      const far = await pack('far', '--from', '2020-01-01');
      expect([far.code, far.stderr]).toEqual([
        2,
        expect.stringMatching(/it knows nothing before.*; --partial/),
      ]);
      expect(existsSync(join(ledger.dir, 'far'))).toBe(false);
      const all = await pack('all', '--from', '2020-01-01', '--epoch', 'all', '--partial');
      expect(JSON.parse(all.stdout)).toMatchObject({
        epochs: ['1', '2', '3'],
        partial: expect.stringMatching(/^asked from 2020-01-01.*; epochs 1, 2, 3 hold /) as string,
      });
      expect(JSON.parse(one.stdout)).not.toHaveProperty('partial');
      const identity = readFileSync(join(ledger.dir, 'all', 'log.json'), 'utf8');
      const { keys } = JSON.parse(identity) as { keys: string[] };
      const checked = await keel('audit', 'check', join(ledger.dir, 'all'), '--key', keys[0] ?? '');
      expect(checked.stdout).toMatch(/asked from 2020-01-01.*\[PACK\.PARTIAL\]/);
    });
  });

  /** Last, since it harms the ledger. */
  describe('about a row that was altered', () => {
    it('is answered with what is broken, not with a claim', async () => {
      const { id, seq } = required(decisionsOf(ledger.day)[3], 'a decision');
      await ledger.damage('2', seq);
      const out = join(ledger.dir, 'altered.jsonl');
      const { code, stdout } = await keel('audit', 'export', id, '--epoch', '2', '--out', out);
      expect(stdout).not.toContain('proven');
      expect([code, stdout]).toEqual([1, expect.stringMatching(/BROKEN: .*\n {2}! .*\[[A-Z.]+_[A-Z_]+\]/)]);
      const again = await keel('audit', 'export', id, '--epoch', '1', '--out', out);
      expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('never overwritten')]);
      const whole = await keel(
        'audit',
        'export',
        id,
        '--epoch',
        '1',
        '--out',
        join(ledger.dir, 'whole.jsonl'),
      );
      expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining('proven in the tree of')]);
      const dir = join(ledger.dir, 'altered');
      const args = ['--from', spanOf(ledger.day).from, '--to', 'now', '--epoch', '2', '--out', dir];
      const pack = await keel('audit', 'pack', ...args);
      expect([pack.code, pack.stderr]).toEqual([1, expect.stringMatching(/BROKEN: .*\n {2}! /)]);
      expect(pack.stdout).toContain('NOT proven');
    });
  });
});
