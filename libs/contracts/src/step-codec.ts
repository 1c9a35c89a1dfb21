import { tryParseInstant } from '@evenkeel/kernel';
import { PartitionStepsCodec } from './generated/evenkeel/price/v1/price_codec';
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

/** Where the steps of a moment lie, one message for all the partitions that take one. */
export const STEPS_SUBJECT = 'ek.mkt.v1.evenkeel.steps';

/** Services that can ask to be woken. */
const WAKES_MAX = 16;
const PARTITION = /^\d\d$/;

export interface PublishedSteps {
  /** At least one, and no two of them for one partition. */
  readonly steps: readonly PartitionStep[];
  readonly traceparent: string;
}

interface StepMessage {
  readonly partition: string;
  readonly market: number;
  readonly eventTime: string;
  readonly wakes: readonly string[];
  readonly traceparent: string;
}

/** `epoch`: the stream outlives epochs, and no two of them give the same bytes. */
export function encodeSteps({ steps, traceparent }: PublishedSteps, epoch: string): Uint8Array {
  return encodePlain(PartitionStepsCodec, {
    steps: steps.map((step) =>
      step.kind === 'market'
        ? { partition: step.partition, market: step.upTo, eventTime: '', wakes: [], traceparent, epoch }
        : {
            partition: step.partition,
            market: step.after,
            eventTime: step.at,
            wakes: step.wakes,
            traceparent,
            epoch,
          },
    ),
  });
}

/** Throws `CONTRACTS.UNDECODABLE` for what is none: nobody is given anything by it. */
export function decodeSteps(bytes: Uint8Array): PublishedSteps {
  const { steps } = readable(() => decodePlain(PartitionStepsCodec, bytes)) as unknown as {
    steps: StepMessage[];
  }; // the schema's shape
  const partitions = new Set(steps.map(({ partition }) => partition));
  if (steps.length === 0 || partitions.size < steps.length || !steps.every(isSound))
    throw undecodable('these bytes are no steps of partitions');
  return { steps: steps.map(stepOf), traceparent: steps[0]?.traceparent ?? '' };
}

function isSound({ partition, market, eventTime, wakes }: StepMessage): boolean {
  return (
    PARTITION.test(partition) &&
    Number.isSafeInteger(market) &&
    (eventTime === '' || tryParseInstant(eventTime) !== undefined) &&
    wakes.length <= WAKES_MAX
  );
}

function stepOf({ partition, market, eventTime, wakes }: StepMessage): PartitionStep {
  return eventTime === ''
    ? { kind: 'market', partition, upTo: market }
    : { kind: 'wake', partition, after: market, at: eventTime, wakes };
}
