import fc from 'fast-check';

import type { BookDeltaEvent, BookSequence, BookSnapshotEvent, Level } from '../events/venue-event';
import { decimalTextOfString, type DecimalText } from '../wire/decimal-text';
import { bookChecksum, signedCrc32 } from './checksum';
import { createSequencedBook } from './sequenced-book';

const text = (value: string | number): DecimalText => decimalTextOfString(String(value)) as DecimalText; // literals of this test
const levels = (...pairs: (readonly [string, string])[]): Level[] =>
  pairs.map(([price, size]) => ({ price: text(price), size: text(size) }));
const HEAD = {
  venue: 'binance',
  instrument: 'X@binance',
  symbol: 'X',
  eventTime: null,
  depth: 'full',
} as const;

function snapshot(last: number, bids: Level[], asks: Level[], checksum?: number): BookSnapshotEvent {
  const event = { kind: 'book-snapshot', ...HEAD, bids, asks, sequence: { rule: 'step', last } } as const;
  return checksum === undefined ? event : { ...event, checksum };
}

function change(
  sequence: BookSequence,
  bids: Level[] = [],
  asks: Level[] = [],
  checksum?: number,
): BookDeltaEvent {
  const event = { kind: 'book-delta', ...HEAD, bids, asks, sequence } as const;
  return checksum === undefined ? event : { ...event, checksum };
}

const range = (first: number, last: number): BookSequence => ({ rule: 'range', first, last });
const follows = (previous: number, last: number): BookSequence => ({ rule: 'previous', previous, last });
const BOOK = [levels(['99', '1'], ['98', '2']), levels(['101', '1'], ['102', '2'])] as const;

describe('a book with requested snapshots (Binance)', () => {
  it('keeps changes until the snapshot comes, drops those it holds and applies the rest', () => {
    const book = createSequencedBook({ snapshots: 'requested' });
    expect(book.needsSnapshot).toBe(true);
    expect(book.apply(change(range(90, 95), levels(['99', '7'])))).toEqual([]);
    expect(book.apply(change(range(96, 101), levels(['97', '3'], ['99', '0'])))).toEqual([]);
    book.snapshotRequested();
    expect(book.needsSnapshot).toBe(false);
    expect(book.apply(snapshot(100, ...BOOK))).toEqual([{ fact: 'book-synced', last: 101 }]);
    expect(book.levels('bid', 9)).toEqual(levels(['98', '2'], ['97', '3']));
  });

  it('calls a snapshot too old when what is kept begins after it, keeps that, and takes the next snapshot', () => {
    const book = createSequencedBook({ snapshots: 'requested' });
    book.apply(change(range(110, 112), levels(['99', '5'])));
    expect(book.apply(snapshot(100, ...BOOK))).toEqual([
      { fact: 'snapshot-too-old', snapshot: 100, firstBuffered: 110 },
    ]);
    expect(book.status).toBe('broken');
    expect(book.needsSnapshot).toBe(true);
    expect(book.apply(snapshot(111, ...BOOK))).toEqual([{ fact: 'book-synced', last: 112 }]);
    expect(book.best('bid')).toEqual(levels(['99', '5'])[0]);
  });

  it('notices a missing change, refuses to go on, and heals by a new snapshot', () => {
    const book = createSequencedBook({ snapshots: 'requested' });
    book.apply(snapshot(100, ...BOOK));
    expect(book.apply(change(range(101, 103), levels(['99', '2'])))).toEqual([]);
    expect(book.apply(change(range(105, 106)))).toEqual([
      { fact: 'sequence-gap', expected: 104, received: 105 },
    ]);
    expect(book.status).toBe('broken');
    expect(book.apply(change(range(107, 108), levels(['99', '9'])))).toEqual([]);
    expect(book.buffered).toBe(2);
    book.snapshotRequested();
    expect(book.apply(snapshot(106, ...BOOK))).toEqual([{ fact: 'book-synced', last: 108 }]);
    expect(book.best('bid')?.size).toBe('9');
  });

  it('accepts the first change of a derivative whose range holds the snapshot, or which names it, and then only links', () => {
    for (const first of [{ ...follows(95, 104), first: 98 }, follows(100, 104)] as BookSequence[]) {
      const book = createSequencedBook({ snapshots: 'requested' });
      book.apply(snapshot(100, ...BOOK));
      expect(book.apply(change(first))).toEqual([]);
      expect(book.apply(change(follows(104, 110)))).toEqual([]);
      expect(book.apply(change(follows(109, 111)))).toEqual([
        { fact: 'sequence-gap', expected: 110, received: 109 },
      ]);
    }
  });

  it('ignores a late answer that is older than the book', () => {
    const book = createSequencedBook({ snapshots: 'requested' });
    book.apply(snapshot(100, ...BOOK));
    book.apply(change(range(101, 120), levels(['99', '4'])));
    expect(book.apply(snapshot(110, ...BOOK))).toEqual([
      { fact: 'snapshot-ignored', snapshot: 110, book: 120 },
    ]);
    expect(book.best('bid')?.size).toBe('4');
  });

  it('keeps a bounded number of changes and says so when it lets go', () => {
    const book = createSequencedBook({ snapshots: 'requested', bufferMax: 3 });
    book.snapshotRequested();
    for (let index = 1; index <= 3; index += 1) expect(book.apply(change(range(index, index)))).toEqual([]);
    expect(book.apply(change(range(4, 4)))).toEqual([{ fact: 'buffer-overflow', dropped: 4 }]);
    expect(book.needsSnapshot).toBe(true);
  });
});

describe('a book with pushed snapshots (Deribit, Bybit, OKX)', () => {
  it('keeps nothing after a gap and takes the next snapshot even if its numbering starts again', () => {
    const book = createSequencedBook({ snapshots: 'pushed' });
    book.apply(snapshot(500, ...BOOK));
    expect(book.apply(change(follows(501, 502)))).toEqual([
      { fact: 'sequence-gap', expected: 500, received: 501 },
    ]);
    expect(book.apply(change(follows(502, 503)))).toEqual([]);
    expect(book.buffered).toBe(0);
    expect(book.apply(snapshot(1, ...BOOK))).toEqual([{ fact: 'book-synced', last: 1 }]);
    expect(book.apply(change({ rule: 'step', last: 2 }))).toEqual([]);
    expect(book.apply(change({ rule: 'step', last: 4 }))).toEqual([
      { fact: 'sequence-gap', expected: 3, received: 4 },
    ]);
  });

  it('breaks when the best bid reaches the best ask', () => {
    const book = createSequencedBook();
    book.apply(snapshot(1, ...BOOK));
    const facts = book.apply(change(follows(1, 2), levels(['101', '3'])));
    expect(facts).toEqual([
      { fact: 'book-crossed', bid: levels(['101', '3'])[0], ask: levels(['101', '1'])[0] },
    ]);
    expect(book.status).toBe('broken');
    expect(book.needsSnapshot).toBe(true);
  });

  it('breaks when the checksum differs, and not when it agrees', () => {
    const book = createSequencedBook({ snapshots: 'pushed', checksum: 'okx' });
    const sum = bookChecksum(...BOOK);
    expect(book.apply(snapshot(1, ...BOOK, sum))).toEqual([{ fact: 'book-synced', last: 1 }]);
    const facts = book.apply(change(follows(1, 2), levels(['99', '2']), [], sum));
    expect(facts).toEqual([expect.objectContaining({ fact: 'checksum-mismatch', expected: sum })]);
  });

  it('forgets everything when the connection is lost', () => {
    const book = createSequencedBook();
    book.apply(snapshot(1, ...BOOK));
    book.disconnected();
    expect([book.status, book.best('bid'), book.needsSnapshot]).toEqual(['empty', undefined, true]);
  });
});

describe('the checksum of OKX', () => {
  it('is CRC-32 as a signed integer', () => {
    expect(signedCrc32('123456789')).toBe(0xcbf43926 | 0);
  });

  it('agrees with a book that was recorded whole', () => {
    expect(bookChecksum([], levels(['0.0005', '305'], ['0.001', '550']))).toBe(971343753);
  });
});

describe('the ladder', () => {
  it('equals a map of prices under any sequence of changes, in exact order, however close the prices', () => {
    const price = fc
      .tuple(
        fc.integer({ min: 0, max: 300 }),
        fc.constantFrom('', '.1', '.10000000000000000001', '.10000000000000000002'),
      )
      .map(([whole, fraction]) => text(`${whole}${fraction}`));
    const step = fc.tuple(price, fc.constantFrom('0', '1', '2.5', '4'), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { minLength: 600, maxLength: 900 }), (steps) => {
        const book = createSequencedBook();
        book.apply(snapshot(0, [], []));
        const bids = new Map<string, string>();
        for (const [at, size] of steps) {
          // Bids only, so that the book can't cross.
          book.apply(change({ rule: 'none' }, [{ price: at, size: text(size) }]));
          if (size === '0') bids.delete(at);
          else bids.set(at, size);
        }
        // Enough distinct prices that chunks split and vanish.
        const shown = book.levels('bid', 2000);
        expect(book.depth('bid')).toBe(bids.size);
        expect(new Map(shown.map((level) => [level.price as string, level.size as string]))).toEqual(bids);
        const exact = shown.map((level) => exactly(level.price));
        expect(exact.every((value, index) => index === 0 || (exact[index - 1] ?? 0n) > value)).toBe(true);
      }),
      { seed: 3, numRuns: 15 },
    );
  });
});

function exactly(price: string): bigint {
  const [whole = '0', fraction = ''] = price.split('.');
  return BigInt(whole + fraction.padEnd(20, '0'));
}
