import type { Mark, MarkUsed } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { parseDuration } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { secondsSince } from './book';
import type { PriceGlance } from './glance';
import type { MarkNow, RecordedBook, WantedMark } from './ports';

function contractsOf({ opened, policy }: RecordedBook): readonly Contract[] {
  const texts = new Set([...opened.specifications, ...(policy?.set.specifications ?? [])]);
  return [...texts].map(parseContract);
}

/** Prices that a book is valued and hedged on: composites, and what it hedges with. */
export function wantedMarks(books: readonly RecordedBook[]): readonly WantedMark[] {
  const wanted = new Map<string, Mark['kind']>();
  for (const book of books) {
    if (book.closedAt !== undefined) continue;
    const hedges = new Set(book.policy?.set.hedgeInstruments ?? book.opened.hedgeInstruments);
    for (const { id, kind, underlying } of contractsOf(book)) {
      wanted.set(`${underlying}@composite`, 'composite');
      if (hedges.has(id)) wanted.set(id, kind === 'option' ? 'option' : 'price');
    }
  }
  return [...wanted].map(([instrument, kind]) => ({ instrument, kind }));
}

/** Each price once: the newest of the market, or else the newest that risk used for any book. */
export function pricesOf(
  books: readonly RecordedBook[],
  marks: readonly MarkNow[],
  now: Instant,
): readonly PriceGlance[] {
  return wantedMarks(books).flatMap(({ instrument, kind }) => {
    const owners = books.filter((book) => usedBy(book, instrument) !== undefined);
    const used = owners
      .flatMap((book) => usedBy(book, instrument) ?? [])
      .sort((a, b) => (a.eventTime < b.eventTime ? 1 : -1))[0];
    const live = marks.find((mark) => mark.instrument === instrument);
    const mark: MarkNow | MarkUsed | undefined = live ?? used;
    if (mark === undefined) return [];
    const { price, status, reasons, source, eventTime } = mark;
    const ageSeconds = secondsSince(eventTime, now);
    const limits = owners.map(({ opened }) => Number(parseDuration(opened.evaluation.maxPriceAge)) / 1e9);
    return [
      {
        instrument,
        unit: kind === 'composite' ? 'USD' : quoteOf(books, instrument),
        price,
        status,
        reasons,
        source,
        at: eventTime,
        ageSeconds,
        old: limits.some((limit) => ageSeconds > limit),
        from: live === undefined ? ('snapshot' as const) : ('market' as const),
      },
    ];
  });
}

function usedBy({ snapshot }: RecordedBook, instrument: string): MarkUsed | undefined {
  return snapshot?.taken.marks.find((mark) => mark.instrument === instrument);
}

function quoteOf(books: readonly RecordedBook[], instrument: string): string {
  return books.flatMap(contractsOf).find(({ id }) => id === instrument)?.quote ?? '';
}
