import type { Instant, Nanoseconds, Random } from '@evenkeel/kernel';

import { createSequencedBook, type SequencedBook } from '../book/sequenced-book';
import {
  estimateClockOffset,
  initialClockOffset,
  observeLatency,
  type ClockOffsetEstimate,
  type ClockOffsetState,
} from '../clock/clock-offset';
import type { BookDeltaEvent, BookSnapshotEvent, ControlEvent, VenueEvent } from '../events/venue-event';
import { copyOf } from '../wire/text-copy';
import type { ConnectionEffect, ConnectionFact, ConnectionInput } from './connection-messages';
import { DEFAULT_BACKOFF, backoffDelay, type BackoffRule } from './backoff';
import type { Subscription, VenueProtocol } from './protocol';
import { blockBucket, fullBucket, takeTokens, type TokenBucket } from './token-bucket';

export interface ConnectionOptions {
  readonly protocol: VenueProtocol;
  readonly subscriptions: readonly Subscription[];
  /** Source of the jitter; seeded in tests. */
  readonly random: Random;
  /** Asked for anew with each connection where it changes. */
  readonly url?: string | (() => string);
  readonly backoff?: BackoffRule;
  /** Overrides of the venue's own, for tests. */
  readonly heartbeatNs?: Nanoseconds;
  readonly silenceNs?: Nanoseconds;
  /** How long a snapshot may take before it is asked for again. */
  readonly snapshotPatienceNs?: Nanoseconds;
  /** The least one-way delay to the venue, for the clock offset. */
  readonly networkFloorNs?: Nanoseconds;
}

export type ConnectionPhase = 'idle' | 'connecting' | 'open' | 'waiting' | 'stopped';

const SECOND = 1_000_000_000n;
const OPEN_PATIENCE = 10n * SECOND;
/** Messages that may wait in one queue: more than the venues' rate limits let out in a minute. */
const QUEUE_MAX = 10_000;
/** Kinds of refusal that are counted apart. */
const REFUSALS_MAX = 100;
const CLOCK_STEP = 50_000_000n;

interface KeptBook {
  readonly book: SequencedBook;
  readonly symbol: string;
  readonly depth: 'full' | 'top';
  askedAt: Instant;
  /** A snapshot has been asked for since changes began to come on this connection. */
  askedSinceChange: boolean;
}

/**
 * One connection to a venue as a deterministic machine: `react(input) → effects`, no socket and no clock inside. It subscribes,
 * keeps the heart beating, notices silence, comes back with backoff and jitter, keeps the books and heals them, limits what
 * it sends, and puts on record whatever a desk would want to know afterwards.
 */
export class ConnectionCore {
  private phaseNow: ConnectionPhase = 'idle';
  private attempt = 0;
  private openedAt: Instant = 0n;
  private changedAt: Instant = 0n;
  private retryAt: Instant = 0n;
  private lastReceived: Instant = 0n;
  private lastPing: Instant = 0n;
  private requestId = 0;
  private bucket: TokenBucket;
  /** Answers the venue waits for, orders and cancels; they go before `outbox`. */
  private urgent: string[] = [];
  /** Subscriptions, which can wait. */
  private outbox: string[] = [];
  private clock: ClockOffsetState;
  private reportedOffset: bigint | undefined;
  private clockDueAt: Instant = 0n;
  private readonly refusals = new Map<string, { count: number; reportedAt: Instant }>();
  private readonly books = new Map<string, KeptBook>();

  constructor(private readonly options: ConnectionOptions) {
    this.bucket = fullBucket(options.protocol.sendLimit, 0n);
    this.clock = initialClockOffset({ windowNs: 60n * SECOND, floorNs: options.networkFloorNs ?? 0n });
  }

  get phase(): ConnectionPhase {
    return this.phaseNow;
  }

  get clockOffset(): ClockOffsetEstimate | undefined {
    return estimateClockOffset(this.clock);
  }

  /** The book of a symbol; `undefined` before its first message. */
  book(symbol: string, depth: 'full' | 'top' = 'full'): SequencedBook | undefined {
    return this.books.get(`${symbol}/${depth}`)?.book;
  }

  react(input: ConnectionInput): ConnectionEffect[] {
    const effects: ConnectionEffect[] = [];
    switch (input.input) {
      case 'start':
        if (this.phaseNow === 'idle') this.connect(input.now, effects);
        break;
      case 'stop':
        if (this.phaseNow === 'open' || this.phaseNow === 'connecting')
          effects.push({ effect: 'disconnect', reason: 'stopped' });
        this.phaseNow = 'stopped';
        break;
      case 'opened':
        this.opened(input.now, effects);
        break;
      case 'alive':
        this.lastReceived = input.now;
        break;
      case 'renew':
        if (this.phaseNow === 'open') this.giveUp(input.now, 'renewed', effects);
        break;
      case 'send':
        if (this.phaseNow === 'open') this.say([input.text], this.urgent, input.now, effects);
        break;
      case 'received':
        this.received(input.text, undefined, input.now, effects);
        break;
      case 'closed':
        this.closed(input.now, input.code, input.reason, effects);
        break;
      case 'snapshot':
        this.received(input.text, input.symbol, input.now, effects);
        break;
      case 'snapshot-failed':
        this.snapshotFailed(input.symbol, input.reason, input.retryAfterNs ?? SECOND, input.now, effects);
        break;
      case 'time':
        this.timePasses(input.now, effects);
        break;
    }
    if (this.phaseNow === 'open') this.drain(input.now, effects);
    return effects;
  }

  private connect(now: Instant, effects: ConnectionEffect[]): void {
    this.phaseNow = 'connecting';
    this.changedAt = now;
    const { url, protocol } = this.options;
    effects.push({ effect: 'connect', url: typeof url === 'function' ? url() : (url ?? protocol.url) });
  }

  private opened(now: Instant, effects: ConnectionEffect[]): void {
    if (this.phaseNow !== 'connecting') return;
    this.phaseNow = 'open';
    this.openedAt = now;
    this.lastReceived = now;
    this.lastPing = now;
    this.urgent = [];
    this.outbox = [];
    effects.push(fact({ fact: 'connected', at: now, attempt: this.attempt }));
    const { protocol, subscriptions } = this.options;
    this.say(protocol.greeting(this.nextId(1)), this.urgent, now, effects);
    this.subscribe(protocol.subscribe(subscriptions, this.nextId(subscriptions.length)), now, effects);
    this.expectBooks(now);
  }

  /**
   * Where the venue pushes, subscribing was the request for books. Elsewhere the first change asks for one; an instrument that is so
   * quiet that none comes gets its book a second later all the same.
   */
  private expectBooks(now: Instant): void {
    const { protocol, subscriptions } = this.options;
    const pushed = protocol.book.snapshots === 'pushed';
    if (!pushed)
      for (const { channel, symbol } of subscriptions) if (channel === 'book') this.keep(symbol, 'full', now);
    const patience = this.options.snapshotPatienceNs ?? 10n * SECOND;
    for (const kept of this.books.values()) {
      kept.book.snapshotRequested();
      kept.askedSinceChange = false;
      kept.askedAt = pushed || patience < SECOND ? now : now - patience + SECOND;
    }
  }

  private keep(symbol: string, depth: 'full' | 'top', now: Instant): KeptBook {
    const key = `${symbol}/${depth}`;
    const known = this.books.get(key);
    if (known !== undefined) return known;
    const book = createSequencedBook(this.options.protocol.book);
    const kept = { book, symbol, depth, askedAt: now, askedSinceChange: false };
    this.books.set(key, kept);
    if (this.options.protocol.book.snapshots === 'pushed') book.snapshotRequested();
    return kept;
  }

  private closed(now: Instant, code: number, reason: string, effects: ConnectionEffect[]): void {
    if (this.phaseNow === 'stopped' || this.phaseNow === 'waiting') return;
    const rule = this.options.backoff ?? DEFAULT_BACKOFF;
    if (this.phaseNow === 'open' && now - this.openedAt >= rule.stableAfterNs) this.attempt = 0;
    const retryInNs = backoffDelay(rule, this.attempt, this.options.random.next());
    this.attempt += 1;
    this.phaseNow = 'waiting';
    this.retryAt = now + retryInNs;
    for (const kept of this.books.values()) kept.book.disconnected();
    effects.push(fact({ fact: 'disconnected', at: now, code, reason, retryInNs }));
  }

  private timePasses(now: Instant, effects: ConnectionEffect[]): void {
    if (this.phaseNow === 'waiting' && now >= this.retryAt) return this.connect(now, effects);
    if (this.phaseNow === 'connecting' && now - this.changedAt > OPEN_PATIENCE)
      return this.giveUp(now, 'no connection', effects);
    if (this.phaseNow !== 'open') return;
    const { protocol } = this.options;
    const silentFor = now - this.lastReceived;
    if (silentFor > (this.options.silenceNs ?? protocol.silenceNs)) {
      effects.push(fact({ fact: 'silent', at: now, forNs: silentFor }));
      return this.giveUp(now, 'silence', effects);
    }
    if (
      protocol.ping !== undefined &&
      now - this.lastPing >= (this.options.heartbeatNs ?? protocol.heartbeatNs)
    ) {
      this.lastPing = now;
      this.say([protocol.ping(this.nextId(1))], this.urgent, now, effects);
    }
    for (const kept of this.books.values()) this.heal(kept, now, effects);
  }

  private giveUp(now: Instant, reason: string, effects: ConnectionEffect[]): void {
    effects.push({ effect: 'disconnect', reason });
    this.closed(now, 0, reason, effects);
  }

  private received(
    text: string,
    symbol: string | undefined,
    now: Instant,
    effects: ConnectionEffect[],
  ): void {
    if (this.phaseNow !== 'open') return;
    if (symbol === undefined) this.lastReceived = now;
    const parsed = this.options.protocol.parse(text, symbol);
    if (!parsed.ok) return this.refuse(parsed.failure.code, parsed.failure.message, now, effects);
    for (const event of parsed.value) this.take(event, now, effects);
  }

  private take(event: VenueEvent, now: Instant, effects: ConnectionEffect[]): void {
    if (event.kind === 'control') return this.control(event, now, effects);
    if (event.kind === 'item-failure')
      return this.refuse(event.failure.code, event.failure.message, now, effects);
    if (event.eventTime !== null) this.observeClock(event.eventTime, now, effects);
    effects.push({ effect: 'event', event, receivedTime: now });
    if (event.kind === 'book-snapshot' || event.kind === 'book-delta') this.applyToBook(event, now, effects);
  }

  private control(control: ControlEvent, now: Instant, effects: ConnectionEffect[]): void {
    const { protocol } = this.options;
    const reply = protocol.reply(control, this.requestId + 1);
    if (reply !== undefined) {
      this.nextId(1);
      // An answer the server waits for goes before everything else.
      this.urgent.unshift(reply);
    }
    if (control.what === 'subscribed') effects.push(fact({ fact: 'subscribed', at: now }));
    if (control.what !== 'error') return;
    const forNs = protocol.throttled(control);
    if (forNs !== undefined) {
      this.bucket = blockBucket(this.bucket, now + forNs);
      effects.push(fact({ fact: 'throttled', at: now, forNs }));
    }
    effects.push(
      fact({ fact: 'venue-error', at: now, code: control.code ?? null, detail: control.detail ?? null }),
    );
  }

  /** At most one fact a second for each kind of refusal, with the count of all: a broken feed must not flood the record. */
  private refuse(code: string, message: string, now: Instant, effects: ConnectionEffect[]): void {
    const seen = this.refusals.get(code) ?? { count: 0, reportedAt: -SECOND };
    seen.count += 1;
    if (this.refusals.has(code) || this.refusals.size < REFUSALS_MAX) this.refusals.set(code, seen);
    if (now - seen.reportedAt < SECOND) return;
    seen.reportedAt = now;
    effects.push(
      fact({ fact: 'message-refused', at: now, code, message: copyOf(message, 0, 200), count: seen.count }),
    );
  }

  private observeClock(eventTime: Instant, now: Instant, effects: ConnectionEffect[]): void {
    this.clock = observeLatency(this.clock, eventTime, now);
    // Messages come by the thousand; the offset moves slowly.
    if (now < this.clockDueAt) return;
    this.clockDueAt = now + SECOND;
    const estimate = estimateClockOffset(this.clock);
    if (estimate === undefined) return;
    const moved = this.reportedOffset === undefined ? undefined : estimate.offsetNs - this.reportedOffset;
    if (moved !== undefined && moved < CLOCK_STEP && moved > -CLOCK_STEP) return;
    this.reportedOffset = estimate.offsetNs;
    effects.push(
      fact({ fact: 'clock-offset', at: now, offsetNs: estimate.offsetNs, errorNs: estimate.errorNs }),
    );
  }

  private applyToBook(
    event: BookSnapshotEvent | BookDeltaEvent,
    now: Instant,
    effects: ConnectionEffect[],
  ): void {
    const kept = this.keep(event.symbol, event.depth, now);
    for (const what of kept.book.apply(event)) {
      effects.push(fact({ fact: 'book', at: now, instrument: event.instrument, depth: event.depth, what }));
    }
    this.heal(kept, now, effects);
  }

  /** Asks for a snapshot where one is needed, and again when the last one has not come in time. */
  private heal(kept: KeptBook, now: Instant, effects: ConnectionEffect[]): void {
    const { protocol } = this.options;
    const { book, symbol, depth } = kept;
    const patience = this.options.snapshotPatienceNs ?? 10n * SECOND;
    if (book.status === 'synced') return;
    // The first change says that a snapshot asked for now will not be older than what is kept.
    const first = protocol.book.snapshots === 'requested' && book.buffered > 0 && !kept.askedSinceChange;
    if (first) kept.askedSinceChange = true;
    else if (!book.needsSnapshot && now - kept.askedAt <= patience) return;
    book.snapshotRequested();
    kept.askedAt = now;
    if (protocol.book.snapshots === 'requested' && protocol.snapshotPath !== undefined) {
      effects.push({ effect: 'fetch-snapshot', symbol, path: protocol.snapshotPath(symbol) });
      return;
    }
    const again: Subscription[] = [{ channel: depth === 'full' ? 'book' : 'quote', symbol }];
    this.subscribe(protocol.unsubscribe(again, this.nextId(1)), now, effects);
    this.subscribe(protocol.subscribe(again, this.nextId(1)), now, effects);
  }

  private snapshotFailed(
    symbol: string,
    reason: string,
    retryAfterNs: Nanoseconds,
    now: Instant,
    effects: ConnectionEffect[],
  ): void {
    effects.push(fact({ fact: 'snapshot-failed', at: now, symbol, reason }));
    const patience = this.options.snapshotPatienceNs ?? 10n * SECOND;
    // Asked again when the wait is over: `heal` looks at how long ago the last request was.
    for (const kept of this.books.values())
      if (kept.symbol === symbol) kept.askedAt = now - patience + retryAfterNs;
  }

  private subscribe(messages: readonly string[], now: Instant, effects: ConnectionEffect[]): void {
    this.say(messages, this.outbox, now, effects);
  }

  /**
   * Nothing that was to be said is left out in silence: where it does not fit, the connection is given up and begins anew, and
   * whoever waits for an answer learns that none will come.
   */
  private say(messages: readonly string[], queue: string[], now: Instant, effects: ConnectionEffect[]): void {
    if (queue.length + messages.length <= QUEUE_MAX) {
      queue.push(...messages);
      return;
    }
    const detail = `${queue.length} messages wait already, ${messages.length} more are too many`;
    effects.push(fact({ fact: 'venue-error', at: now, code: 'OUTBOX_FULL', detail }));
    this.giveUp(now, 'outbox full', effects);
  }

  private drain(now: Instant, effects: ConnectionEffect[]): void {
    for (const queue of [this.urgent, this.outbox])
      for (let text = queue[0]; text !== undefined; text = queue[0]) {
        const grant = takeTokens(this.options.protocol.sendLimit, this.bucket, now);
        this.bucket = grant.bucket;
        if (!grant.granted) return;
        queue.shift();
        effects.push({ effect: 'send', text });
      }
  }

  private nextId(count: number): number {
    const first = this.requestId + 1;
    this.requestId += Math.max(1, count);
    return first;
  }
}

function fact(what: ConnectionFact): ConnectionEffect {
  return { effect: 'fact', fact: what };
}
