import { formatInstant, parseInstant } from '@evenkeel/kernel';
import { decisionToRead } from './decision-to-read';
import { epochLine, epochToRead, epochsToRead } from './epoch-to-read';
import type { EpochHistory, EpochOnRecord, EventSpan } from './evidence-ports';
import { historyToRead, listHistory } from './list-history';
import type { ListFilter } from './list-history';
import { momentToRead } from './moment-to-read';
import { beyondText, periodToRead } from './period-to-read';
import { rangeToRead } from './range-to-read';
import { stretchToPack } from './stretch-to-pack';

const span = (from: string, to: string): EventSpan => ({ from: parseInstant(from), to: parseInstant(to) });

/** Epoch 8 has left; 9 and 10 hold days that overlap, 11 a later hour. By text, "10" comes before "9". */
const EPOCHS: readonly (EpochOnRecord & { readonly span?: EventSpan })[] = [
  { epoch: '8', commits: 5, detached: true, books: [] },
  {
    epoch: '9',
    commits: 400,
    detached: false,
    pace: 'tape',
    books: ['alpha'],
    span: span('2026-01-05', '2026-01-07'),
  },
  {
    epoch: '10',
    commits: 300,
    detached: false,
    pace: 'tape',
    books: ['alpha', 'beta'],
    span: span('2026-01-06', '2026-01-08'),
  },
  {
    epoch: '11',
    commits: 20,
    detached: false,
    pace: 'real time',
    books: ['beta'],
    span: span('2026-01-09T10:00:00Z', '2026-01-09T11:00:00Z'),
  },
];

const history: EpochHistory = {
  epochs: () => Promise.resolve(EPOCHS.map(({ span: _, ...epoch }) => epoch)),
  spanOf: (epoch) => Promise.resolve(EPOCHS.find((one) => one.epoch === epoch)?.span),
};
const nothing: EpochHistory = { epochs: () => Promise.resolve([]), spanOf: () => Promise.resolve(undefined) };

const periodOf = async (epoch: string, from?: string, to?: string) => {
  const found = await epochToRead(history, epoch);
  const asked = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const period = await periodToRead(history, found, asked);
  return { period, beyond: await beyondText(history, period, found) };
};

describe('which epoch is read', () => {
  it('is the newest, in the order of the ledger, and says what it holds', async () => {
    expect(epochLine(await epochToRead(history))).toBe(
      'epoch 11 (the newest of 4), in real time: event time 2026-01-09T10:00:00Z to 2026-01-09T11:00:00Z; book beta',
    );
    expect(epochLine(await epochToRead(history, '9'))).toMatch(/^epoch 9 \(2 of 4\), from a tape/);
    expect((await epochsToRead(history)).map(({ epoch }) => epoch)).toEqual(['9', '10', '11']);
  });

  it('is refused where there is none, none of that name, or where it has left', async () => {
    await expect(epochToRead(nothing)).rejects.toMatchObject({ code: 'LEDGER.EMPTY' });
    await expect(epochToRead(history, '7')).rejects.toThrow(/no epoch "7"; it has 8, 9, 10, 11/);
    await expect(epochToRead(history, 'all')).rejects.toThrow(/epochs are not mixed here/);
    await expect(epochToRead(history, '8')).rejects.toMatchObject({ code: 'LEDGER.EPOCH_DETACHED' });
  });
});

describe('which time is read', () => {
  it('has its first instant in it and not its last; now leaves nothing out', async () => {
    const newest = parseInstant('2026-01-08');
    expect((await periodOf('10', '-1d', 'now')).period).toEqual({
      from: parseInstant('2026-01-07'),
      to: newest + 1n,
    });
    expect((await periodOf('10', '2026-01-06', '2026-01-08')).period.to).toBe(newest);
    expect((await periodOf('10', '2026-01-06', 'now')).beyond).toBeUndefined();
  });

  it('is never cut in silence', async () => {
    const { period, beyond } = await periodOf('9', '2026-01-01', '2026-02-01');
    expect(formatInstant(period.from ?? 0n)).toBe('2026-01-01T00:00:00Z');
    expect(beyond).toMatch(/epoch 9 holds .*, and it knows nothing before or after$/);
    await expect(periodOf('11', '2026-01-06T12:00:00Z', '2026-01-06T13:00:00Z')).rejects.toThrow(
      /epochs 9, 10 hold it \(--epoch 10\)/,
    );
    await expect(periodOf('11', '2027-01-01')).rejects.toThrow(/epoch 11 holds nothing from 2027/);
  });

  it('names the epochs that hold all of it, or else more, where the one asked holds less', async () => {
    expect((await periodOf('10', '2026-01-05', '2026-01-07')).beyond).toMatch(
      /; epoch 9 holds all of it \(--epoch 9\)$/,
    );
    expect((await periodOf('11', '2026-01-01', '2026-02-01')).beyond).toMatch(
      /; epochs 9, 10 hold more of it/,
    );
    await expect(
      stretchToPack(history, { epoch: '10', from: '2026-01-05', to: '2026-01-07' }),
    ).rejects.toThrow(/epoch 9 holds all of it \(--epoch 9\); --partial/);
  });

  it('names no epoch that does not know the book', async () => {
    const epoch = await epochToRead(history, '11');
    await expect(momentToRead(history, epoch, '2026-01-06T12:00', 'beta')).rejects.toThrow(
      /nothing is known of 2026-01-06T12:00:00Z; epoch 10 holds that time/,
    );
    await expect(momentToRead(history, epoch, '250', 'beta')).rejects.toThrow(/; epoch 10 holds it/);
    const asked = { epoch: '11', book: 'beta', from: '2026-01-06', to: '2026-01-07' };
    await expect(historyToRead(history, asked)).rejects.toThrow(/; epoch 10 holds it \(--epoch 10\)/);
  });

  it('is a moment that the epoch holds, or none', async () => {
    const epoch = await epochToRead(history, '11');
    expect(await momentToRead(history, epoch, '-30m')).toEqual({
      kind: 'time',
      time: parseInstant('2026-01-09T10:30:00Z'),
    });
    expect(await momentToRead(history, epoch, '20')).toEqual({ kind: 'sequence', seq: 20 });
    await expect(momentToRead(history, epoch, '-2h')).rejects.toThrow(/nothing is known of/);
    await expect(momentToRead(history, epoch, '350')).rejects.toThrow(/not 350; epoch 9 holds it/);
  });

  it('is a range of sequences or of times, whole unless told otherwise', async () => {
    const epoch = await epochToRead(history, '10');
    expect(await rangeToRead(history, epoch, '1..300', false)).toEqual({
      range: { kind: 'sequences', first: 1, last: 300 },
    });
    await expect(rangeToRead(history, epoch, '1..301', false)).rejects.toThrow(/epoch 9 holds all of it/);
    expect(await rangeToRead(history, epoch, '1..301', true)).toMatchObject({
      beyond: expect.stringContaining('not all of') as unknown,
    });
    expect((await rangeToRead(history, epoch, 'now-1d..now', false)).range.kind).toBe('times');
  });

  it('of all epochs is up to the newest time of any, though the last epoch may end before', async () => {
    const past = ['11', '9', '10', '8'].flatMap((epoch) => EPOCHS.filter((one) => one.epoch === epoch));
    const reordered: EpochHistory = { ...history, epochs: () => Promise.resolve(past) };
    const newest = parseInstant('2026-01-09T11:00:00Z');
    const packed = await stretchToPack(reordered, { epoch: 'all', from: '2026-01-05', to: 'now' });
    expect([packed.epochs.map(({ epoch }) => epoch), packed.to, packed.beyond]).toEqual([
      ['11', '9', '10'],
      newest + 1n,
      undefined,
    ]);
    const { period } = await historyToRead(reordered, { epoch: 'all', from: '-1h', to: 'now' });
    expect(period).toEqual({ from: parseInstant('2026-01-09T10:00:00Z'), to: newest + 1n });
  });

  it('may span epochs where rows say theirs', async () => {
    const all = { epoch: 'all', from: '2026-01-05', to: 'now' };
    const found = await stretchToPack(history, all);
    expect(found.epochs.map(({ epoch }) => epoch)).toEqual(['9', '10', '11']);
    await expect(stretchToPack(history, { ...all, from: '2026-01-01' })).rejects.toThrow(/--partial/);
  });
});

describe('a list over epochs', () => {
  it('takes the newest rows of the newest epochs, and counts all', async () => {
    const asked: ListFilter[] = [];
    const source = {
      rows: (filter: ListFilter) => {
        asked.push(filter);
        return Promise.resolve(Array.from({ length: Math.min(3, filter.limit ?? 3) }, () => filter.epoch));
      },
      count: () => Promise.resolve(3),
    };
    const answer = await listHistory(history, source, { epoch: 'all', limit: 5 });
    expect(answer).toMatchObject({ rows: ['10', '10', '11', '11', '11'], total: 9 });
    expect(asked.map(({ epoch, limit }) => [epoch, limit])).toEqual([
      ['11', 5],
      ['10', 2],
    ]);
  });
});

describe('the id of a decision', () => {
  const place = (epoch: string, decisionId: string) => ({ epoch, seq: 7, decisionId, book: 'alpha' });
  const ask = (id: string, epochs: readonly string[], epoch?: string) =>
    decisionToRead({
      id,
      newestEpoch: '11',
      found: epochs.map((one) => place(one, id)),
      ...(epoch === undefined ? {} : { epoch }),
    });

  it('means the newest epoch that has it, the only one, or the one that is told', () => {
    expect(ask('abc', ['9', '11'])).toMatchObject({ epoch: '11', alsoIn: ['9'] });
    expect(ask('abc', ['9'])).toMatchObject({ epoch: '9', alsoIn: [] });
    expect(ask('abc', ['9', '10'], '10')).toMatchObject({ epoch: '10', alsoIn: ['9'] });
  });

  it('is refused where several older epochs have it, or the one that is told has not', () => {
    expect(() => ask('abc', ['9', '10'])).toThrow(/epoch 11 has no decision abc; epochs 9, 10 each have one/);
    expect(() => ask('abc', ['9'], '10')).toThrow(/no decision abc in epoch 10; epoch 9 has it/);
    expect(() => ask('abc', [])).toThrow(/there is no decision abc in the ledger/);
    expect(() => ask('', ['11'])).toThrow(/without an id/);
  });
});
