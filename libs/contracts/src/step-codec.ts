import { tryParseInstant } from '@evenkeel/kernel';
import { PartitionStepCodec } from './generated/evenkeel/price/v1/price_codec';
import { readable, undecodable } from './readable';
import { decodePlain, encodePlain } from './wire';

/** What a partition is given to take next: the market up to an instant, or a wake-up of its own. */
export type PartitionStep =
  | { readonly kind: 'market'; readonly partition: string; readonly upTo: number }
  | {
      readonly kind: 'wake';
      readonly partition: string;
      /** The market instant that it follows; 0 before the first. */
      readonly after: number;
      /** Event time, ISO 8601. */
      readonly at: string;
      /** Services that asked for it. */
      readonly wakes: readonly string[];
    };

/** Services that can ask to be woken. */
const WAKES_MAX = 16;
const PREFIX = 'ek.mkt.v1.evenkeel.step.';

export function isStepSubject(subject: string): boolean {
  return subject.startsWith(PREFIX);
}

/** Steps of one partition follow one another on one subject. */
export function stepSubject(partition: string): string {
  return `${PREFIX}p${partition}`;
}

/** `epoch`: the stream outlives epochs, and no two of them give the same bytes. */
export function encodeStep(step: PartitionStep, epoch: string, traceparent: string): Uint8Array {
  const { partition } = step;
  return encodePlain(
    PartitionStepCodec,
    step.kind === 'market'
      ? { partition, market: step.upTo, eventTime: '', wakes: [], traceparent, epoch }
      : { partition, market: step.after, eventTime: step.at, wakes: step.wakes, traceparent, epoch },
  );
}

/**
 * Reads a step where it was found. Throws `CONTRACTS.UNDECODABLE` for what is none, or none of its subject: nobody is given
 * anything by it.
 */
export function decodeStep(
  subject: string,
  bytes: Uint8Array,
): {
  readonly step: PartitionStep;
  readonly traceparent: string;
} {
  const { partition, market, eventTime, wakes, traceparent } = readable(() =>
    decodePlain(PartitionStepCodec, bytes),
  ) as unknown as {
    partition: string;
    market: number;
    eventTime: string;
    wakes: string[];
    traceparent: string;
  }; // the schema's shape
  const isSound =
    subject === stepSubject(partition) &&
    Number.isSafeInteger(market) &&
    (eventTime === '' || tryParseInstant(eventTime) !== undefined) &&
    wakes.length <= WAKES_MAX;
  if (!isSound) throw undecodable(`what lies on ${subject} is no step of that partition`);
  const step: PartitionStep =
    eventTime === ''
      ? { kind: 'market', partition, upTo: market }
      : { kind: 'wake', partition, after: market, at: eventTime, wakes };
  return { step, traceparent };
}
