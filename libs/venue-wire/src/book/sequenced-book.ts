import { compareDecimalText } from '../wire/decimal-text';
import type { BookDeltaEvent, BookSequence, BookSnapshotEvent, Level } from '../events/venue-event';
import { bookChecksum } from './checksum';
import { PriceLadder } from './price-ladder';

/**
 * `empty`: no snapshot yet. `synced`: every change since the snapshot is in. `broken`: a change is missing or the book
 * contradicts itself; it must not be used until a new snapshot has come.
 */
export type BookStatus = 'empty' | 'synced' | 'broken';

/** What happened to a book that somebody should know of: recorded, and the reason for asking for a snapshot. */
export type BookFact =
  | { readonly fact: 'book-synced'; readonly last: number | null }
  | { readonly fact: 'sequence-gap'; readonly expected: number; readonly received: number }
  | { readonly fact: 'snapshot-too-old'; readonly snapshot: number; readonly firstBuffered: number }
  | { readonly fact: 'snapshot-ignored'; readonly snapshot: number; readonly book: number }
  | { readonly fact: 'book-crossed'; readonly bid: Level; readonly ask: Level }
  | { readonly fact: 'checksum-mismatch'; readonly expected: number; readonly computed: number }
  | { readonly fact: 'buffer-overflow'; readonly dropped: number };

export interface SequencedBookOptions {
  /**
   * `pushed`: the venue sends a snapshot first and a gap is healed by subscribing again (Deribit, Bybit, OKX).
   * `requested`: changes are kept until a snapshot asked for over REST arrives (Binance).
   */
  readonly snapshots?: 'pushed' | 'requested';
  /** How the venue computes its checksum, where it has one. */
  readonly checksum?: 'okx';
  /** Changes kept while a snapshot is awaited. */
  readonly bufferMax?: number;
}

const BUFFER_MAX = 20_000;
const NO_FACTS: readonly BookFact[] = [];

/**
 * One instrument's book from snapshots and changes. It refuses to guess: a change that does not follow on the one before,
 * a checksum that differs or a best bid at or above the best ask makes it `broken` until the next snapshot.
 */
export interface SequencedBook {
  readonly status: BookStatus;
  /** The last update the book holds; `null` where the venue numbers nothing or nothing has come. */
  readonly last: number | null;
  /** A snapshot is needed and none has been asked for since `snapshotRequested` was called last. */
  readonly needsSnapshot: boolean;
  readonly buffered: number;
  apply(event: BookSnapshotEvent | BookDeltaEvent): readonly BookFact[];
  /** The caller has asked the venue for a snapshot (or subscribed again). */
  snapshotRequested(): void;
  /** The connection was lost: nothing that came before connects to what will come. */
  disconnected(): void;
  best(side: 'bid' | 'ask'): Level | undefined;
  /** Up to `limit` levels, best first. */
  levels(side: 'bid' | 'ask', limit: number): Level[];
  depth(side: 'bid' | 'ask'): number;
}

export function createSequencedBook(options: SequencedBookOptions = {}): SequencedBook {
  return new Book(options);
}

class Book implements SequencedBook {
  status: BookStatus = 'empty';
  last: number | null = null;
  private requested = false;
  private buffer: BookDeltaEvent[] = [];
  private readonly bids = new PriceLadder('bid');
  private readonly asks = new PriceLadder('ask');
  /** True until the first change after a snapshot has been linked to it. */
  private fresh = false;

  constructor(private readonly options: SequencedBookOptions) {}

  get needsSnapshot(): boolean {
    return this.status !== 'synced' && !this.requested;
  }

  get buffered(): number {
    return this.buffer.length;
  }

  snapshotRequested(): void {
    this.requested = true;
  }

  disconnected(): void {
    this.status = 'empty';
    this.last = null;
    this.requested = false;
    this.buffer = [];
    this.bids.clear();
    this.asks.clear();
  }

  best(side: 'bid' | 'ask'): Level | undefined {
    return this.side(side).best();
  }

  levels(side: 'bid' | 'ask', limit: number): Level[] {
    return this.side(side).top(limit);
  }

  depth(side: 'bid' | 'ask'): number {
    return this.side(side).count;
  }

  apply(event: BookSnapshotEvent | BookDeltaEvent): readonly BookFact[] {
    if (event.kind === 'book-snapshot') return this.takeSnapshot(event);
    return this.status === 'synced' ? this.takeChange(event) : this.hold(event);
  }

  private side(side: 'bid' | 'ask'): PriceLadder {
    return side === 'bid' ? this.bids : this.asks;
  }

  /** A change that can't be applied yet: kept where a requested snapshot may still be older than it. */
  private hold(event: BookDeltaEvent): readonly BookFact[] {
    if (this.options.snapshots === 'pushed') return NO_FACTS;
    this.buffer.push(event);
    if (this.buffer.length <= (this.options.bufferMax ?? BUFFER_MAX)) return NO_FACTS;
    const dropped = this.buffer.length;
    this.buffer = [];
    this.requested = false;
    return [{ fact: 'buffer-overflow', dropped }];
  }

  private takeSnapshot(event: BookSnapshotEvent): readonly BookFact[] {
    const last = lastOf(event.sequence);
    if (
      this.options.snapshots === 'requested' &&
      this.status === 'synced' &&
      last !== null &&
      this.last !== null &&
      last < this.last
    ) {
      return [{ fact: 'snapshot-ignored', snapshot: last, book: this.last }];
    }
    this.bids.clear();
    this.asks.clear();
    this.write(event);
    this.last = last;
    this.status = 'synced';
    this.requested = false;
    this.fresh = true;
    const facts: BookFact[] = [];
    const held = this.buffer;
    this.buffer = [];
    for (let index = 0; index < held.length; index += 1) {
      const change = held[index];
      if (change === undefined) continue;
      if (this.fresh && this.last !== null && isBeyond(change.sequence, this.last)) {
        // Everything held starts after the snapshot ends: the snapshot is too old, what is held is still good.
        this.buffer = held.slice(index);
        this.status = 'broken';
        return [
          ...facts,
          { fact: 'snapshot-too-old', snapshot: this.last, firstBuffered: firstOf(change.sequence) },
        ];
      }
      facts.push(...this.takeChange(change));
      if (this.statusIsBroken()) return facts;
    }
    const fault = this.fault(event.checksum);
    return fault === undefined ? [...facts, { fact: 'book-synced', last: this.last }] : [...facts, fault];
  }

  /** Read through a method, because the compiler does not see that `takeChange` may have changed the status. */
  private statusIsBroken(): boolean {
    return this.status === 'broken';
  }

  private takeChange(event: BookDeltaEvent): readonly BookFact[] {
    const link = linkOf(event.sequence, this.last, this.fresh);
    if (link === 'past') return NO_FACTS;
    if (link !== 'follows') {
      this.status = 'broken';
      this.requested = false;
      this.hold(event);
      return [{ fact: 'sequence-gap', ...link }];
    }
    this.write(event);
    this.last = lastOf(event.sequence);
    this.fresh = false;
    const fault = this.fault(event.checksum);
    return fault === undefined ? NO_FACTS : [fault];
  }

  private write(event: BookSnapshotEvent | BookDeltaEvent): void {
    for (const level of event.bids) this.bids.set(level);
    for (const level of event.asks) this.asks.set(level);
  }

  private fault(checksum: number | undefined): BookFact | undefined {
    const bid = this.bids.best();
    const ask = this.asks.best();
    if (bid !== undefined && ask !== undefined && compareDecimalText(bid.price, ask.price) >= 0) {
      return this.breakWith({ fact: 'book-crossed', bid, ask });
    }
    if (this.options.checksum === undefined || checksum === undefined) return undefined;
    const computed = bookChecksum(this.bids.top(25), this.asks.top(25));
    return computed === checksum
      ? undefined
      : this.breakWith({ fact: 'checksum-mismatch', expected: checksum, computed });
  }

  private breakWith(fact: BookFact): BookFact {
    this.status = 'broken';
    this.requested = false;
    return fact;
  }
}

function lastOf(sequence: BookSequence): number | null {
  return sequence.rule === 'none' ? null : sequence.last;
}

function firstOf(sequence: BookSequence): number {
  if (sequence.rule === 'none') return 0;
  return sequence.rule === 'step' ? sequence.last : (sequence.first ?? sequence.last);
}

/** The change starts after an update that neither it nor a snapshot ending at `last` holds. */
function isBeyond(sequence: BookSequence, last: number): boolean {
  switch (sequence.rule) {
    case 'range':
      return sequence.first > last + 1;
    case 'previous':
      return sequence.previous > last && (sequence.first ?? sequence.last) > last;
    case 'step':
      return sequence.last > last + 1;
    case 'none':
      return false;
  }
}

type Link = 'follows' | 'past' | { readonly expected: number; readonly received: number };

/** How a change connects to a book whose last update is `last`. Right after a snapshot a change may overlap it. */
function linkOf(sequence: BookSequence, last: number | null, fresh: boolean): Link {
  if (sequence.rule === 'none' || last === null) return 'follows';
  switch (sequence.rule) {
    case 'range':
      if (sequence.last <= last) return 'past';
      return sequence.first === last + 1 || (fresh && sequence.first <= last + 1)
        ? 'follows'
        : { expected: last + 1, received: sequence.first };
    case 'previous':
      if (sequence.previous === last) return 'follows';
      if (fresh && sequence.last < last) return 'past';
      // Binance derivatives: the first change after a snapshot is the one whose range holds the snapshot's update.
      if (fresh && sequence.first !== undefined && sequence.first <= last + 1 && sequence.last >= last)
        return 'follows';
      return { expected: last, received: sequence.previous };
    case 'step':
      if (sequence.last <= last) return fresh ? 'past' : { expected: last + 1, received: sequence.last };
      return sequence.last === last + 1 ? 'follows' : { expected: last + 1, received: sequence.last };
  }
}
