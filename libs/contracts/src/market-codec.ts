import type { Mark, MarketInstant } from '@evenkeel/facts';
import { subjectToken } from '@evenkeel/eventing';
import { MarketClockSchema, MarketPartSchema } from './generated/evenkeel/price/v1/price_pb';
import { decodePlain, encodePlain } from './wire';

export interface MarketMessage {
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/** The clock message that closes an instant. */
export const CLOCK_SUBJECT = 'ek.mkt.v1.evenkeel.clock.instant';

interface ClockMessage extends Omit<MarketInstant, 'marks'> {
  readonly parts: number;
  readonly traceparent: string;
}

/** Splits an instant into one message per venue and instrument (option chains: per underlying), the clock last. */
export function encodeInstant(instant: MarketInstant, traceparent: string): MarketMessage[] {
  const groups = new Map<string, Mark[]>();
  for (const mark of instant.marks) {
    const subject = subjectOfMark(mark);
    const group = groups.get(subject);
    if (group === undefined) groups.set(subject, [mark]);
    else group.push(mark);
  }
  const messages: MarketMessage[] = [];
  for (const [subject, marks] of groups) {
    messages.push({
      subject,
      bytes: encodePlain(MarketPartSchema, { instant: instant.number, part: messages.length, marks }),
    });
  }
  const clock: ClockMessage = {
    number: instant.number,
    eventTime: instant.eventTime,
    parts: messages.length,
    wakes: instant.wakes,
    fundings: instant.fundings,
    deliveries: instant.deliveries,
    traceparent,
  };
  return [...messages, { subject: CLOCK_SUBJECT, bytes: encodePlain(MarketClockSchema, clock) }];
}

function subjectOfMark(mark: Mark): string {
  const at = mark.instrument.lastIndexOf('@');
  const symbol = mark.instrument.slice(0, at);
  const venue = mark.instrument.slice(at + 1);
  const token = mark.kind === 'option' ? (symbol.split('-')[0] ?? symbol) : symbol;
  return `ek.mkt.v1.${subjectToken(venue)}.${subjectToken(token)}.${mark.kind === 'option' ? 'chain' : mark.kind}`;
}

export interface AssembledInstant {
  readonly instant: MarketInstant;
  readonly traceparent: string;
}

/** Puts instants back together from messages in stream order. Repeated slices (a publisher's second try) are harmless. */
export class InstantAssembler {
  private readonly parts = new Map<number, Map<number, readonly Mark[]>>();
  private last = 0;

  /** The whole instant when this message completes one; undefined otherwise, and for one that was already complete. */
  add(subject: string, bytes: Uint8Array): AssembledInstant | undefined {
    if (subject !== CLOCK_SUBJECT) {
      const { instant, part, marks } = decodePlain(MarketPartSchema, bytes) as unknown as {
        instant: number;
        part: number;
        marks: Mark[];
      }; // the schema's shape
      if (instant <= this.last) return undefined;
      const known = this.parts.get(instant) ?? new Map<number, readonly Mark[]>();
      known.set(part, marks);
      this.parts.set(instant, known);
      return undefined;
    }
    const clock = decodePlain(MarketClockSchema, bytes) as unknown as ClockMessage; // the schema's shape
    if (clock.number <= this.last) return undefined;
    const known = this.parts.get(clock.number) ?? new Map<number, readonly Mark[]>();
    if (known.size < clock.parts) return undefined;
    const marks: Mark[] = [];
    for (let part = 0; part < clock.parts; part += 1) marks.push(...(known.get(part) ?? []));
    this.last = clock.number;
    for (const number of [...this.parts.keys()]) if (number <= clock.number) this.parts.delete(number);
    const { number, eventTime, fundings, deliveries, wakes } = clock;
    return {
      instant: { number, eventTime, marks, fundings, deliveries, wakes },
      traceparent: clock.traceparent,
    };
  }
}
