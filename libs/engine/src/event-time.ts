import { instantIdOf, venueReportIdOf } from '@evenkeel/eventing';
import type { Cause } from '@evenkeel/eventing';
import { reportSubject } from '@evenkeel/facts';
import type { CoreInput, MarketInstant } from '@evenkeel/facts';
import { formatInstant, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';

/** Somebody wants to be woken at an event time. */
export interface WakeRequest {
  readonly service: string;
  readonly at: Instant;
}

export type NextInstant =
  | { readonly kind: 'market'; readonly at: Instant }
  | { readonly kind: 'wake'; readonly at: Instant; readonly services: readonly string[] };

/**
 * What event time comes next for a partition: the market's next instant or the earliest wake-up asked for. Instants
 * strictly increase, so a wake-up that is due already, or together with the market, follows one nanosecond later.
 * Undefined when there is neither. Services and lab both step with this, which is why they see the same instants.
 */
export function nextInstant(
  last: Instant | undefined,
  nextMarket: Instant | undefined,
  wakes: readonly WakeRequest[],
): NextInstant | undefined {
  const earliest = wakes.reduce<Instant | undefined>(
    (least, wake) => (least === undefined || wake.at < least ? wake.at : least),
    undefined,
  );
  if (earliest !== undefined) {
    const at = last !== undefined && earliest <= last ? last + 1n : earliest;
    if (nextMarket === undefined || at < nextMarket) {
      const services = [...new Set(wakes.filter((wake) => wake.at <= at).map((wake) => wake.service))].sort();
      return { kind: 'wake', at, services };
    }
  }
  return nextMarket === undefined ? undefined : { kind: 'market', at: nextMarket };
}

/** Wake-ups after the market's end in which orders on their way may still settle. */
const WAKES_AFTER_END_MAX = 10_000;

/** Why a partition that breaks the end rule has not finished. */
export const RESTLESS = 'it asks for wake-ups without end although the market is over';

/** When the market comes next: at a time, at one that nobody knows yet, or not again. */
export type Coming = Instant | 'unknown' | 'ended';

/** Where a partition stands in event time, and what comes next there. */
export class PartitionClock {
  /** Number of the newest market instant it was given; 0 before the first. */
  market = 0;
  /** Event time of the newest step it was given. */
  at: Instant | undefined;
  private wakesAfterEnd = 0;

  /** Asks to be woken without end although the market is over: nothing more comes. */
  get isRestless(): boolean {
    return this.wakesAfterEnd >= WAKES_AFTER_END_MAX;
  }

  /** THE END RULE: wake-ups go on after the market's end, so that what is under way settles, but not for ever. */
  next(coming: Coming, wakes: readonly WakeRequest[]): NextInstant | undefined {
    if (coming === 'ended' && this.isRestless) return undefined;
    return nextInstant(this.at, typeof coming === 'bigint' ? coming : undefined, wakes);
  }

  tookMarket(number: number, at: Instant): void {
    this.market = number;
    this.at = at;
  }

  tookWake(at: Instant, coming: Coming): void {
    this.at = at;
    if (coming === 'ended') this.wakesAfterEnd += 1;
  }
}

/** A wake-up as cores see it: an instant without a market. `after` is the market instant that it follows. */
export function wakeInstant(after: number, at: Instant, services: readonly string[]): MarketInstant {
  return {
    number: after,
    eventTime: formatInstant(at),
    marks: [],
    fundings: [],
    deliveries: [],
    wakes: services,
  };
}

/** A place in the market: its newest instant by number, and the sequence of that instant's own message. */
export interface MarketPlace {
  readonly number: number;
  readonly seq: number;
}

/** An instant as a host got it. `seq` is 0 and the trace empty where no stream carried it. */
export interface GivenInstant {
  readonly instant: MarketInstant;
  readonly seq: number;
  readonly traceparent: string;
  /** How far the market has been taken with it: where a later life reads on. Absent where no stream carried it. */
  readonly market?: MarketPlace;
}

/**
 * Names an instant as a cause, once and for ever. The market's instants are everybody's; a wake-up belongs to its
 * partition, so its name does not depend on what other books do.
 */
export function instantCauseId(partition: string, { number, eventTime, wakes }: MarketInstant): string {
  return wakes.length === 0 ? instantIdOf('market', number) : uuidV5(`wake|${partition}|${eventTime}`);
}

export function causeOfInstant(stream: string, partition: string, given: GivenInstant): Cause {
  const commitId = instantCauseId(partition, given.instant);
  return {
    input: { kind: 'instant', instant: given.instant },
    causation: { stream, seq: BigInt(given.seq), commitId },
    correlationId: commitId,
    traceparent: given.traceparent,
  };
}

/** What a venue said, as a host heard it. */
export type VenueInput = Omit<Extract<CoreInput, { kind: 'venue' }>, 'kind'>;

/** What a venue said as a cause; `traceparent` is that of the order it is about. */
export function causeOfReport(said: VenueInput, traceparent = ''): Cause {
  const { id, report } = said;
  return {
    input: { kind: 'venue', ...said },
    causation: { stream: 'venue', seq: 0n, commitId: venueReportIdOf(id) },
    correlationId: reportSubject(report),
    traceparent,
  };
}
