import type { Mark, MarketInstant } from '@evenkeel/facts';
import { IntegrityFault, nameProblem, tryParseInstant } from '@evenkeel/kernel';
import { MarketClockCodec } from './generated/evenkeel/price/v1/price_codec';
import { readable, undecodable } from './readable';
import { decodePlain, encodePlain } from './wire';

/** Where the instants of the market lie, each a message of its own. */
export const CLOCK_SUBJECT = 'ek.mkt.v1.evenkeel.clock.instant';

export interface PublishedInstant {
  readonly instant: MarketInstant;
  /** Partitions that may take it at once: they had settled everything before it. */
  readonly granted: readonly string[];
  readonly traceparent: string;
  /** The market before it is lost. */
  readonly begins: boolean;
}

interface ClockMessage extends Omit<MarketInstant, 'wakes'>, Omit<PublishedInstant, 'instant'> {
  /** Of an earlier release, which published the marks apart from their clock. */
  readonly partHashes: readonly Uint8Array[];
}

/** An instant as one message: it is on the stream whole, or not at all. */
export function encodeInstant({ instant, ...more }: PublishedInstant): Uint8Array {
  const { number, eventTime, marks, fundings, deliveries } = instant;
  const clock: ClockMessage = { number, eventTime, marks, fundings, deliveries, ...more, partHashes: [] };
  return encodePlain(MarketClockCodec, clock);
}

/** An instant by itself, wherever it lies. Throws `CONTRACTS.UNDECODABLE` for bytes that are none. */
export function decodeInstant(bytes: Uint8Array): PublishedInstant {
  const { number, eventTime, marks, fundings, deliveries, granted, traceparent, begins, partHashes } =
    readable(() => decodePlain(MarketClockCodec, bytes)) as unknown as ClockMessage; // the schema's shape
  if (!Number.isSafeInteger(number) || tryParseInstant(eventTime) === undefined)
    throw undecodable('these bytes are no instant of the market');
  if (partHashes.length > 0)
    throw undecodable('an earlier release has published this instant, its marks apart from it');
  if (marks.some(isMisnamed)) throw undecodable('a mark has a name that cannot be one');
  const instant = { number, eventTime, marks, fundings, deliveries, wakes: [] };
  return { instant, granted, traceparent, begins };
}

function isMisnamed({ instrument, source }: Mark): boolean {
  return (nameProblem(instrument) ?? nameProblem(source)) !== undefined;
}

/** Holds instants in stream order against one another: numbers have no gaps, or the reader stops. */
export class InstantOrder {
  /**
   * `last` is the number of the newest instant that the reader has taken, 0 before the first; undefined where the
   * stream has already let go of the beginning, so that the first instant is where the reader starts.
   */
  constructor(private last: number | undefined) {}

  /** Undefined for one that was taken already: a publisher's second try. */
  next(published: PublishedInstant): PublishedInstant | undefined {
    const { number } = published.instant;
    if (this.last !== undefined && number <= this.last) return undefined;
    if (this.last !== undefined && number > this.last + 1 && !published.begins)
      throw new IntegrityFault({
        code: 'CONTRACTS.INSTANT_GAP',
        message: `the market should go on with instant ${this.last + 1}, but gave ${number}`,
      });
    this.last = number;
    return published;
  }
}
