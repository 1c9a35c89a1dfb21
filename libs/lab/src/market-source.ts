import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import { parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { createPriceIngest } from '@evenkeel/market';
import type { IngestedInstant, Tape } from '@evenkeel/market';
import type { BookUnderManagement } from '@evenkeel/engine';

/** A market as the cores were told of it. */
export interface RecordedMarket {
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
  /** In order of time; their numbers are given anew. */
  readonly recorded: readonly MarketInstant[];
}

/** The market, instant by instant, however it came about. */
export interface MarketSource {
  /** Number of market instants. */
  readonly length: number;
  next(): IteratorResult<PendingInstant, unknown>;
}

export interface PendingInstant {
  readonly at: Instant;
  /** Publishes it under its number. */
  take(number: number): IngestedInstant;
}

/** A tape through the price core, as price-ingest publishes it. */
export function ingestedSource(tape: Tape, interest: ReadonlySet<string>): MarketSource {
  const ingest = createPriceIngest({ sources: tape.sources, interest });
  const raw = tape.instants();
  return {
    length: tape.length,
    next() {
      const next = raw.next();
      if (next.done === true) return { done: true, value: undefined };
      const { value } = next;
      return { done: false, value: { at: value.at, take: (number) => ingest.ingest(value, number) } };
    },
  };
}

/** Instants that were published once, again. */
export function recordedSource({ recorded }: RecordedMarket): MarketSource {
  let position = 0;
  return {
    length: recorded.length,
    next() {
      const instant = recorded[position];
      if (instant === undefined) return { done: true, value: undefined };
      position += 1;
      const at = parseInstant(instant.eventTime);
      return {
        done: false,
        value: { at, take: (number) => ({ instant: { ...instant, number }, facts: [] }) },
      };
    },
  };
}

/** Instruments whose settlement is worth a fact. */
export function interestOf(books: readonly BookUnderManagement[]): ReadonlySet<string> {
  return new Set(
    books.flatMap(({ file }) => [
      ...file.positions.map(({ instrument }) => instrument),
      ...file.hedge.instruments,
    ]),
  );
}

/** The same, read from the first facts of the books. */
export function interestIn(
  books: readonly { readonly drafts: readonly CommitDraft[] }[],
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { events } of books.flatMap(({ drafts }) => drafts)) {
    for (const event of events) {
      if (event.type === 'BookCarried')
        for (const { instrument } of event.payload.positions) names.add(instrument);
      if (event.type !== 'BookOpened') continue;
      for (const { instrument } of event.payload.planned) names.add(instrument);
      for (const instrument of event.payload.hedgeInstruments) names.add(instrument);
    }
  }
  return names;
}
