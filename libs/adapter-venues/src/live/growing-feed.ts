import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import type { RawInstant, SourceDescription } from '@evenkeel/market';
import { planFeeds } from './feed-plan';
import { LiveFeed } from './live-feed';
import type { LiveFeedOptions } from './live-feed';

export interface GrowingFeedOptions extends Omit<LiveFeedOptions, 'plan'> {
  /** How long a source may be silent before it counts as late. */
  readonly rhythm: Nanoseconds;
  /** Feeds whose main contract of each underlying joins its composite, besides what the books name. */
  readonly witnesses: readonly string[];
}

/** Live feeds that more can be asked of while they run: each request has connections of its own. */
export class GrowingFeed {
  private readonly feeds: LiveFeed[] = [];
  private readonly sources = new Set<string>();
  /** Those that the books would have without any witness. */
  private readonly needed = new Set<string>();

  constructor(private readonly options: GrowingFeedOptions) {}

  /** Follows these instruments too; the sources that nobody followed before. Throws `INPUT.INVALID` for one without a feed. */
  follow(instruments: readonly string[]): readonly SourceDescription[] {
    const { rhythm, witnesses } = this.options;
    const plan = planFeeds(instruments, { rhythm, witnesses });
    const added = plan.sources.filter(({ source }) => !this.sources.has(source));
    for (const { source } of added) this.sources.add(source);
    for (const { source } of planFeeds(instruments, { rhythm, witnesses: [] }).sources)
      this.needed.add(source);
    const random = this.options.random.fork(`feed ${this.feeds.length}`);
    const feed = new LiveFeed({ ...this.options, random, plan: { ...plan, sources: added } });
    feed.start();
    this.feeds.push(feed);
    return added;
  }

  /** Everything new since the last call. */
  instant(now: Instant): RawInstant {
    const [first, ...rest] = this.feeds.map((feed) => feed.instant(now));
    if (first === undefined) throw new RangeError('a feed that follows nothing has no market');
    return rest.reduce(joined, first);
  }

  /** The sources that have said nothing yet, without those that are witnesses only. */
  get silent(): readonly string[] {
    return this.feeds.flatMap((feed) => feed.silent).filter((source) => this.needed.has(source));
  }

  async stop(): Promise<void> {
    await Promise.all(this.feeds.map((feed) => feed.stop()));
  }
}

function joined(a: RawInstant, b: RawInstant): RawInstant {
  const pegs = [...(a.pegs ?? []), ...(b.pegs ?? [])];
  return {
    ...a,
    prices: [...a.prices, ...b.prices],
    quotes: [...a.quotes, ...b.quotes],
    fundings: [...a.fundings, ...b.fundings],
    deliveries: [...a.deliveries, ...b.deliveries],
    ...(pegs.length === 0 ? {} : { pegs }),
  };
}
