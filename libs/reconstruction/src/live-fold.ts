import type { StoredCommit } from '@evenkeel/eventing';
import { forgottenUpTo, isReadBy, OUTCOME_UNKNOWN } from '@evenkeel/facts';
import { assertNever, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';

/** What befell orders, connections and prices in a live run, counted from the journal. Every order has one fate, or is open. */
export interface LiveSummary {
  readonly orders: {
    readonly intended: number;
    readonly filled: number;
    /** Ended with some of it filled and the rest not, however: counted here alone. */
    readonly partiallyFilled: number;
    readonly rejected: number;
    readonly expired: number;
    readonly cancelled: number;
    /** The venue left their outcome open at least once; it was asked, and the answer is counted above. */
    readonly unknown: number;
    readonly refused: number;
    /** Not over at the end. */
    readonly open: number;
  };
  readonly connections: {
    readonly connected: number;
    readonly disconnected: number;
    readonly sequenceBreaks: number;
    /** Newest estimate of our clock less the venue's, milliseconds, by connection. */
    readonly clockOffsetMs: Readonly<Record<string, number>>;
  };
  readonly prices: { readonly degraded: number; readonly halted: number };
  readonly reconciliations: {
    readonly clean: number;
    readonly differed: number;
    /** Every account was compared after its last order had ended, and agreed. */
    readonly finallyClean: boolean;
  };
}

interface OrderFate {
  fills: number;
  over: 'filled' | 'rejected' | 'expired' | 'cancelled' | undefined;
  unknown: boolean;
  /** Event time of the newest word about it. */
  at: Instant;
}

type Fates = Record<
  'intended' | 'filled' | 'partiallyFilled' | 'rejected' | 'expired' | 'cancelled' | 'unknown',
  number
>;

function noteFate(fates: Fates, { fills, over, unknown }: OrderFate): Fates {
  fates.intended += 1;
  if (over !== undefined) fates[fills > 0 && over !== 'filled' ? 'partiallyFilled' : over] += 1;
  if (unknown) fates.unknown += 1;
  return fates;
}

/** Folds a live run's journal as it grows. */
export class LiveFold {
  /** Those that are open, or ended within a day: the others only count. */
  private readonly orders = new Map<string, OrderFate>();
  private readonly past: Fates = {
    intended: 0,
    filled: 0,
    partiallyFilled: 0,
    rejected: 0,
    expired: 0,
    cancelled: 0,
    unknown: 0,
  };
  private forgottenUpTo: Instant = 0n;
  private now: Instant = 0n;
  private readonly accounts = new Map<string, 'clean' | 'differed' | 'unasked'>();
  private readonly offsets: Record<string, number> = {};
  private readonly counts = {
    refused: 0,
    connected: 0,
    disconnected: 0,
    breaks: 0,
    degraded: 0,
    halted: 0,
    clean: 0,
    differed: 0,
  };
  /** Event time of the newest word about any order. */
  private orderedAt = '';
  /** Event time of the newest settled comparison, by account. */
  private readonly comparedAt = new Map<string, string>();

  add({ commit }: StoredCommit): void {
    this.now = commit.clock.eventTime;
    this.forget();
    for (const { event } of commit.events) {
      if (commit.aggregate.type === 'hedge-order' && 'at' in event.payload) this.orderedAt = event.payload.at;
      if (!isReadBy('live', event)) continue;
      switch (event.type) {
        case 'VenueAccountOpened':
          this.accounts.set(`${event.payload.venue}/${event.payload.book}`, 'unasked');
          break;
        case 'OrderIntended':
          this.orders.set(event.payload.clientOrderId, this.begun(false));
          break;
        case 'OrderCarried':
          // One that ended in the other epoch is no order of this run; one that may live has to be settled here.
          if (event.payload.status === 'unresolved')
            this.orders.set(event.payload.clientOrderId, this.begun(true));
          break;
        case 'OrderFilled':
          this.fate(event.payload.clientOrderId, (order) => {
            order.fills += 1;
            if (event.payload.remaining === '0') order.over = 'filled';
          });
          break;
        case 'FillBusted':
          // A bust that came before its fill takes nothing back yet; another follows the fill.
          if (event.payload.quantity !== '0')
            this.fate(event.payload.clientOrderId, (order) => (order.fills -= 1));
          break;
        case 'OrderRejected':
          this.end(event.payload.clientOrderId, 'rejected');
          break;
        case 'OrderExpired':
          // Given up is not over: it may still trade.
          if (event.payload.reason !== OUTCOME_UNKNOWN) this.end(event.payload.clientOrderId, 'expired');
          break;
        case 'OrderCancelled':
          this.end(event.payload.clientOrderId, 'cancelled');
          break;
        case 'OrderUnresolved':
          this.fate(event.payload.clientOrderId, (order) => (order.unknown = true));
          break;
        case 'OrderRefused':
          this.counts.refused += 1;
          break;
        case 'ConnectionNoted':
          this.noteConnection(event.payload.venue, event.payload.what, event.payload.offsetNs);
          break;
        case 'SourceDegraded':
          this.counts.degraded += 1;
          break;
        case 'PriceHalted':
          this.counts.halted += 1;
          break;
        case 'VenueReconciled':
        case 'ReconciliationDiffered': {
          const { venue, book, at } = event.payload;
          const clean = event.type === 'VenueReconciled' || event.payload.tolerable;
          this.counts[clean ? 'clean' : 'differed'] += 1;
          this.accounts.set(`${venue}/${book}`, clean ? 'clean' : 'differed');
          this.comparedAt.set(`${venue}/${book}`, at);
          break;
        }
        default:
          assertNever(event, 'an event that a live run shows');
      }
    }
  }

  get openOrders(): number {
    return [...this.orders.values()].filter(({ over }) => over === undefined).length;
  }

  /** Every account has been compared at or after this event time. */
  comparedSince(at: string): boolean {
    const since = at === '' ? 0n : parseInstant(at);
    return [...this.accounts.keys()].every((account) => {
      const compared = this.comparedAt.get(account);
      return compared !== undefined && parseInstant(compared) >= since;
    });
  }

  /** Nothing has been heard of any order since every account was compared. */
  get comparedSinceLastOrder(): boolean {
    return this.comparedSince(this.orderedAt);
  }

  summary(): LiveSummary {
    const fates = [...this.orders.values()].reduce(noteFate, { ...this.past });
    const { counts } = this;
    return {
      orders: { ...fates, refused: counts.refused, open: this.openOrders },
      connections: {
        connected: counts.connected,
        disconnected: counts.disconnected,
        sequenceBreaks: counts.breaks,
        clockOffsetMs: this.offsets,
      },
      prices: { degraded: counts.degraded, halted: counts.halted },
      reconciliations: {
        clean: counts.clean,
        differed: counts.differed,
        finallyClean:
          this.openOrders === 0 && [...this.accounts.values()].every((state) => state === 'clean'),
      },
    };
  }

  private noteConnection(venue: string, what: string, offsetNs: string | undefined): void {
    if (what === 'connected') this.counts.connected += 1;
    if (what === 'disconnected') this.counts.disconnected += 1;
    if (what === 'sequence-gap' || what === 'book-crossed' || what === 'checksum-mismatch')
      this.counts.breaks += 1;
    if (offsetNs !== undefined) this.offsets[venue] = Number(offsetNs) / 1e6;
  }

  private begun(unknown: boolean): OrderFate {
    return { fills: 0, over: undefined, unknown, at: this.now };
  }

  /** As execution does: nothing more is said of what was over a day ago. */
  private forget(): void {
    const upTo = forgottenUpTo(this.now);
    if (upTo <= this.forgottenUpTo) return;
    this.forgottenUpTo = upTo;
    for (const [id, order] of this.orders) {
      if (order.over === undefined || order.at > upTo) continue;
      noteFate(this.past, order);
      this.orders.delete(id);
    }
  }

  private fate(id: string, change: (order: OrderFate) => void): void {
    const order = this.orders.get(id);
    if (order === undefined) return;
    order.at = this.now;
    change(order);
  }

  private end(id: string, how: OrderFate['over']): void {
    this.fate(id, (order) => (order.over = how));
  }
}

/** The summary for a terminal. */
export function renderLiveSummary(summary: LiveSummary): string {
  const { orders, connections, prices, reconciliations } = summary;
  const offsets = Object.entries(connections.clockOffsetMs).map(
    ([name, ms]) => `${name} ${ms.toFixed(1)} ms`,
  );
  return [
    '',
    'venue',
    `  orders ${orders.intended}: filled ${orders.filled}, in part ${orders.partiallyFilled}, rejected ${orders.rejected}, expired ${orders.expired}, cancelled ${orders.cancelled}, open ${orders.open}; outcome unknown for a while ${orders.unknown}; refused before leaving ${orders.refused}`,
    `  connections made ${connections.connected}, lost ${connections.disconnected}, sequence breaks ${connections.sequenceBreaks}${offsets.length === 0 ? '' : `; clock offset ${offsets.join(', ')}`}`,
    `  prices degraded ${prices.degraded}, halted ${prices.halted}`,
    `  reconciled ${reconciliations.clean} times, differed ${reconciliations.differed}; at the end ${reconciliations.finallyClean ? 'clean' : 'NOT CLEAN'}`,
    '',
  ].join('\n');
}
