import type { Mark, MarketInstant } from '@evenkeel/facts';
import { subjectToken } from '@evenkeel/eventing';
import { IntegrityFault, nameProblem, toHex, tryParseInstant } from '@evenkeel/kernel';
import { MarketClockCodec, MarketPartCodec } from './generated/evenkeel/price/v1/price_codec';
import { readable, undecodable } from './readable';
import { decodePlain, encodePlain } from './wire';

export interface MarketMessage {
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/** The clock message that closes an instant. */
export const CLOCK_SUBJECT = 'ek.mkt.v1.evenkeel.clock.instant';

interface ClockMessage extends Omit<MarketInstant, 'marks' | 'wakes'> {
  readonly partHashes: readonly Uint8Array[];
  readonly granted: readonly string[];
  readonly traceparent: string;
  readonly begins: boolean;
}

export type HashBytes = (bytes: Uint8Array) => Uint8Array;

/** A market instant as messages. The clock makes it an instant and is published last, once every part is stored. */
export interface EncodedInstant {
  readonly parts: readonly MarketMessage[];
  readonly clock: MarketMessage;
}

/**
 * Splits an instant into one message per venue and instrument (option chains: per underlying) and the clock. `granted`:
 * partitions that may take it at once.
 */
export function encodeInstant(
  instant: MarketInstant,
  granted: readonly string[],
  traceparent: string,
  hash: HashBytes,
  begins = false,
): EncodedInstant {
  const groups = new Map<string, Mark[]>();
  for (const mark of instant.marks) {
    const subject = subjectOfMark(mark);
    const group = groups.get(subject);
    if (group === undefined) groups.set(subject, [mark]);
    else group.push(mark);
  }
  const parts: MarketMessage[] = [];
  for (const [subject, marks] of groups) {
    parts.push({
      subject,
      bytes: encodePlain(MarketPartCodec, { instant: instant.number, part: parts.length, marks }),
    });
  }
  const clock: ClockMessage = {
    number: instant.number,
    eventTime: instant.eventTime,
    partHashes: parts.map(({ bytes }) => hash(bytes)),
    fundings: instant.fundings,
    deliveries: instant.deliveries,
    granted,
    traceparent,
    begins,
  };
  return { parts, clock: { subject: CLOCK_SUBJECT, bytes: encodePlain(MarketClockCodec, clock) } };
}

/** Where the marks of an instrument lie: each by itself, options with all of their underlying at the venue. */
export function subjectOfMark(mark: Pick<Mark, 'instrument' | 'kind'>): string {
  const at = mark.instrument.lastIndexOf('@');
  const symbol = mark.instrument.slice(0, at);
  const venue = mark.instrument.slice(at + 1);
  const token = mark.kind === 'option' ? (symbol.split('-')[0] ?? symbol) : symbol;
  return `ek.mkt.v1.${subjectToken(venue)}.${subjectToken(token)}.${mark.kind === 'option' ? 'chain' : mark.kind}`;
}

/** The marks of one part, by itself: whether its instant is whole is not known from it. */
export function readPart(bytes: Uint8Array): { readonly instant: number; readonly marks: readonly Mark[] } {
  const part = readable(() => decodePlain(MarketPartCodec, bytes)) as unknown as {
    instant: number;
    marks: Mark[];
  }; // the schema's shape
  if (
    part.marks.some(
      ({ instrument, source }) => (nameProblem(instrument) ?? nameProblem(source)) !== undefined,
    )
  )
    throw undecodable('a mark has a name that cannot be one');
  return part;
}

export interface AssembledInstant {
  readonly instant: MarketInstant;
  readonly granted: readonly string[];
  readonly traceparent: string;
  /** The market before it is lost. */
  readonly begins: boolean;
}

/**
 * Puts instants back together from messages in stream order. Numbers have no gaps and every part that a clock names is
 * there, or the reader stops: what is missing cannot be told from silence. A publisher's second try, and an earlier
 * life's parts that no clock names, are harmless. So is passing over what `add` cannot read: it is no part of an instant, or
 * the instant that needed it is found wanting.
 */
export class InstantAssembler {
  private open = 0;
  private readonly parts = new Map<string, readonly Mark[]>();

  /**
   * `last` is the number of the newest whole instant that the reader has taken, 0 before the first; undefined where the
   * stream has already let go of the beginning, so that the first whole instant is where the reader starts.
   */
  constructor(
    private readonly hash: HashBytes,
    private last: number | undefined,
  ) {}

  /** The whole instant when this message completes one; undefined otherwise, and for one that was complete already. */
  add(subject: string, bytes: Uint8Array): AssembledInstant | undefined {
    return subject === CLOCK_SUBJECT ? this.close(bytes) : this.keep(bytes);
  }

  private keep(bytes: Uint8Array): undefined {
    const { instant, marks } = readPart(bytes);
    if (this.last !== undefined && instant <= this.last) return undefined;
    // Whether there is a gap before it is for its clock to say: a market that begins anew has none.
    if (instant !== this.open) this.parts.clear();
    this.open = instant;
    this.parts.set(toHex(this.hash(bytes)), marks);
    return undefined;
  }

  private close(bytes: Uint8Array): AssembledInstant | undefined {
    const clock = clockOf(bytes);
    const { number, eventTime, fundings, deliveries, granted, partHashes, traceparent, begins } = clock;
    if (this.last !== undefined && number <= this.last) return undefined;
    if (this.last !== undefined && number > this.last + 1 && !begins) throw gapAfter(this.last, number);
    const found = partHashes.map((hash) => this.parts.get(toHex(hash)));
    const missing = found.indexOf(undefined);
    if (missing !== -1) {
      if (this.last === undefined && !begins) return undefined;
      throw new IntegrityFault({
        code: 'CONTRACTS.INSTANT_INCOMPLETE',
        message: `instant ${number} names ${partHashes.length} parts, but part ${missing} is not before its clock`,
      });
    }
    this.last = number;
    this.parts.clear();
    const marks = found.flatMap((part) => part ?? []);
    return {
      instant: { number, eventTime, marks, fundings, deliveries, wakes: [] },
      granted,
      traceparent,
      begins,
    };
  }
}

function gapAfter(last: number, got: number): IntegrityFault {
  return new IntegrityFault({
    code: 'CONTRACTS.INSTANT_GAP',
    message: `the market should go on with instant ${last + 1}, but gave ${got}`,
  });
}

/** Number of the instant that a clock message closes. */
export function numberOfClock(bytes: Uint8Array): number {
  return clockOf(bytes).number;
}

function clockOf(bytes: Uint8Array): ClockMessage {
  const clock = readable(() => decodePlain(MarketClockCodec, bytes)) as unknown as ClockMessage; // the schema's shape
  if (!Number.isSafeInteger(clock.number) || tryParseInstant(clock.eventTime) === undefined)
    throw undecodable('these bytes are no clock of the market');
  return clock;
}
