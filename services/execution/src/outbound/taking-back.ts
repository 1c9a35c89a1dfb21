import { livingOrders, scopesOf } from '@evenkeel/execution';
import type { ExecutionState, KillScope, LatchBoard, TradedThing } from '@evenkeel/execution';
import type { Instant } from '@evenkeel/kernel';
import type { Logger } from '@evenkeel/telemetry';
import type { OpenedAccount, VenueConnector } from '@evenkeel/venues';

/** What of an account is to be taken back, and why. */
export interface Wanted {
  /** Everything that rests there, whoever placed it; otherwise our own orders that `covers` names. */
  readonly whole: boolean;
  readonly covers: (order: TradedThing) => boolean;
  readonly reason: string;
}

/**
 * What the engaged latches want of an account. The firm, the venue and the book are the account as a whole, since a book has it to itself.
 * An instrument or a strategy is a part of it, and what others placed is left alone.
 */
export function wantedByLatches(
  latches: LatchBoard['latches'],
  { book, venue }: Pick<OpenedAccount, 'book' | 'venue'>,
): Wanted | undefined {
  const engaged = new Set<KillScope>();
  for (const [scope, latch] of latches) if (latch.engaged) engaged.add(scope);
  if (engaged.size === 0) return undefined;
  const whole = ['firm', `book:${book}`, `venue:${venue}`].some((scope) => engaged.has(scope));
  const covers = (order: TradedThing): boolean => scopesOf(order).some((scope) => engaged.has(scope));
  return { whole, covers, reason: 'KILL_ENGAGED' };
}

/** Everything of ours, because whoever should look after it cannot. */
export const everythingOfOurs = (reason: string): Wanted => ({ whole: false, covers: () => true, reason });

/** The wider of two. */
export function both(a: Wanted | undefined, b: Wanted | undefined): Wanted | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    whole: a.whole || b.whole,
    covers: (order) => a.covers(order) || b.covers(order),
    reason: `${a.reason}, ${b.reason}`,
  };
}

export interface TakingBackOptions {
  readonly account: Pick<OpenedAccount, 'book' | 'venue'>;
  readonly connector: Pick<VenueConnector, 'cancel' | 'cancelAll' | 'openOrders'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The venue lists nothing more of what was wanted: for the record. */
  readonly onGone: (reason: string) => void;
  /** Milliseconds that only go forward. */
  readonly nowMs?: () => number;
}

/** What a look goes by: orders of the partition, and the event time at which a venue of ours is asked. */
export type Known = Pick<ExecutionState, 'open' | 'unknown' | 'orders'>;

const AGAIN_MS = 1_000;
/** Once nothing is left; an order may still be on its way to the venue. */
const GUARD_MS = 5_000;
const ANSWER_PATIENCE_MS = 3_000;
const SAID_EVERY_MS = 5_000;
/** The venue's list is believed when it was empty so often in a row: an order on its way may miss the first. */
const EMPTY_LISTS = 2;

/**
 * Takes back what rests on an account, for as long as somebody wants it: asks at once, and again until the venue's own list shows nothing
 * of it, and then still looks. Needs neither journal nor NATS; what the core knows of the orders it only starts from. What could not be asked
 * is said and asked again.
 */
export class TakingBack {
  private wanted: Wanted | undefined;
  private asked = new Set<string>();
  private turnAt = Number.NEGATIVE_INFINITY;
  private turning: Promise<void> | undefined;
  private emptyLists = 0;
  private saidAt = Number.NEGATIVE_INFINITY;
  private listed: number | undefined;
  private readonly nowMs: () => number;

  constructor(private readonly options: TakingBackOptions) {
    this.nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Orders that are wanted back and, as far as the venue has said, still rest; undefined while it has not said. 0 where nothing is wanted. */
  get left(): number | undefined {
    if (this.wanted === undefined) return 0;
    return this.listed === 0 && this.emptyLists < EMPTY_LISTS ? undefined : this.listed;
  }

  /** To be called often. `at`: event time, for exchanges that live in it. */
  look(wanted: Wanted | undefined, known: Known, at: Instant): void {
    if (wanted?.reason !== this.wanted?.reason || wanted?.whole !== this.wanted?.whole) this.begin(wanted);
    this.wanted = wanted;
    if (wanted === undefined) return;
    const fresh = this.wantedOrders(wanted, known).filter((id) => !this.asked.has(id));
    if (fresh.length > 0) this.emptyLists = 0;
    for (const clientOrderId of fresh) {
      this.asked.add(clientOrderId);
      this.cancel(clientOrderId, at);
    }
    const pause = this.emptyLists >= EMPTY_LISTS ? GUARD_MS : AGAIN_MS;
    if (this.turning !== undefined || this.nowMs() - this.turnAt < pause) return;
    this.turnAt = this.nowMs();
    this.turning = this.turn(wanted, known, at)
      .catch((error: unknown) => this.say('the venue could not be asked for what rests', error))
      .finally(() => (this.turning = undefined));
  }

  private begin(wanted: Wanted | undefined): void {
    this.asked = new Set();
    this.emptyLists = 0;
    this.turnAt = Number.NEGATIVE_INFINITY;
    this.listed = undefined;
    if (wanted === undefined) return;
    const { account, logger } = this.options;
    logger.warn({ ...account, reason: wanted.reason, whole: wanted.whole }, 'taking back what rests');
  }

  private wantedOrders(wanted: Wanted, known: Known): string[] {
    const { book, venue } = this.options.account;
    return livingOrders(known)
      .filter((order) => order.book === book && order.venue === venue)
      .filter((order) => wanted.whole || wanted.covers(order))
      .map(({ clientOrderId }) => clientOrderId);
  }

  /** The venue's own list decides: what is on it is asked back, whatever our record says of it. */
  private async turn(wanted: Wanted, known: Known, at: Instant): Promise<void> {
    const { connector, onGone } = this.options;
    if (wanted.whole && connector.cancelAll(at) === 'not-connected') this.say('not connected');
    const list = await Promise.race([connector.openOrders(), patience()]);
    if (this.wanted?.reason !== wanted.reason || this.wanted.whole !== wanted.whole) return;
    if (list === undefined) {
      this.emptyLists = 0;
      this.listed = undefined;
      // It may have heard an earlier request or none of them.
      for (const clientOrderId of this.wantedOrders(wanted, known)) this.cancel(clientOrderId, at);
      return this.say('the venue does not say what rests');
    }
    const left = list.filter(({ clientOrderId }) => {
      const ours = known.orders.get(clientOrderId);
      return wanted.whole || (ours !== undefined && wanted.covers(ours));
    });
    this.listed = left.length;
    if (left.length > 0) {
      this.emptyLists = 0;
      this.say(`${left.length} orders still rest`);
      for (const { clientOrderId } of left) this.cancel(clientOrderId, at);
      return;
    }
    this.emptyLists += 1;
    if (this.emptyLists === EMPTY_LISTS) onGone(wanted.reason);
  }

  private cancel(clientOrderId: string, at: Instant): void {
    if (this.options.connector.cancel(clientOrderId, at) === 'not-connected') this.say('not connected');
  }

  private say(trouble: string, err?: unknown): void {
    if (this.nowMs() - this.saidAt < SAID_EVERY_MS) return;
    this.saidAt = this.nowMs();
    const { account, logger } = this.options;
    logger.error({ ...account, trouble, ...(err === undefined ? {} : { err }) }, 'not all taken back yet');
  }
}

function patience(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ANSWER_PATIENCE_MS).unref();
  });
}
