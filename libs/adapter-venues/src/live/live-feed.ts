import type { Instant, Random } from '@evenkeel/kernel';
import type { RawInstant } from '@evenkeel/market';

import { createVenueConnection } from '@evenkeel/venue-wire';
import type { ConnectionFact, MarketEvent, QuoteEvent, VenueConnection } from '@evenkeel/venue-wire';
import type { FeedPlan } from './feed-plan';
import { LiveMarket } from './live-market';

export interface LiveFeedOptions {
  readonly plan: FeedPlan;
  readonly clock: () => Instant;
  readonly random: Random;
  /** Endpoints that stand in for a feed's own, by feed name. */
  readonly urls?: ReadonlyMap<string, string>;
  readonly onFact: (feed: string, fact: ConnectionFact) => void;
}

/** The public market data of a plan's venues over its own connections, handed out as instants for the price core. */
export class LiveFeed {
  private readonly market: LiveMarket;
  private readonly connections: ReadonlyMap<string, VenueConnection>;

  constructor(options: LiveFeedOptions) {
    const { plan, clock, random, urls, onFact } = options;
    this.market = new LiveMarket(plan.sources, plan.options);
    this.connections = new Map(
      plan.feeds.map(({ name, protocol, subscriptions }) => {
        const url = urls?.get(name);
        const connection: VenueConnection = createVenueConnection({
          protocol,
          subscriptions,
          clock,
          random: random.fork(name),
          onEvent: (event, receivedTime) => {
            const quote = quoteOfTop(event, connection);
            this.market.take(quote ?? event, receivedTime);
          },
          onFact: (fact) => onFact(name, fact),
          ...(url === undefined ? {} : { url }),
        });
        return [name, connection];
      }),
    );
  }

  start(): void {
    for (const connection of this.connections.values()) connection.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.connections.values()].map((connection) => connection.stop()));
  }

  /** Everything new since the last call. */
  instant(now: Instant): RawInstant {
    return this.market.instant(now);
  }

  /** The sources that have said nothing yet. */
  get silent(): readonly string[] {
    return this.market.silent;
  }

  /** Feeds that stand now, and all there are. */
  get standing(): { readonly open: number; readonly all: number } {
    const all = [...this.connections.values()];
    return { open: all.filter(({ phase }) => phase === 'open').length, all: all.length };
  }
}

/** Some venues tell the best prices as a book of one level, which is kept by the connection. */
function quoteOfTop(event: MarketEvent, connection: VenueConnection): QuoteEvent | undefined {
  if ((event.kind !== 'book-snapshot' && event.kind !== 'book-delta') || event.depth !== 'top')
    return undefined;
  const { venue, instrument, symbol, eventTime } = event;
  const top = connection.book(symbol, 'top');
  const [bid, ask] = [top?.best('bid'), top?.best('ask')];
  if (top?.status !== 'synced' || bid === undefined || ask === undefined) return undefined;
  return { kind: 'quote', venue, instrument, symbol, eventTime, bid, ask };
}
