import type { PartitionStep } from '@evenkeel/contracts';
import type { SnapshotPosition } from '@evenkeel/eventing';
import { IntegrityFault, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { wakeInstant } from './event-time';
import type { GivenInstant, MarketPlace } from './event-time';

/** What lies on the market stream, in its order. */
export type MarketEntry =
  | {
      readonly kind: 'instant';
      readonly given: GivenInstant;
      /** Partitions that may take it at once: they had settled everything before it. */
      readonly granted: readonly string[];
      /** The market before it is lost: it follows whatever was taken last. */
      readonly begins?: boolean;
    }
  | {
      readonly kind: 'step';
      readonly step: PartitionStep;
      readonly seq: number;
      readonly traceparent: string;
    };

type Waiting = Pick<Extract<MarketEntry, { kind: 'step' }>, 'step' | 'seq' | 'traceparent'>;

/**
 * One partition's way through the market: instants are kept until the partition is given them, which is when everything
 * it was given before has settled; its own wake-ups come in between. What comes twice is taken once.
 */
export class PartitionGate {
  private readonly instants = new Map<number, GivenInstant>();
  private readonly steps: Waiting[] = [];
  private first: number | undefined;
  /** Instants before which the market was lost, in order. */
  private beginnings: number[] = [];
  private taken = 0;
  private takenSeq = 0;
  private at: Instant = 0n;

  /** `from`: what an earlier life has taken already. */
  constructor(
    private readonly partition: string,
    from?: Pick<SnapshotPosition, 'eventTime' | 'market'>,
  ) {
    if (from === undefined) return;
    this.taken = from.market.number;
    this.takenSeq = from.market.seq;
    this.at = from.eventTime;
  }

  offer(entry: MarketEntry): void {
    if (entry.kind === 'step') {
      if (entry.step.partition === this.partition) this.steps.push(entry);
      return;
    }
    const { number } = entry.given.instant;
    if (this.first === undefined) {
      this.first = number;
      // The stream forgets by age: what it no longer has was taken in an earlier life.
      this.taken = Math.max(this.taken, number - 1);
    }
    if (number <= this.taken) return;
    this.instants.set(number, entry.given);
    if (entry.begins === true) this.beginnings.push(number);
    if (entry.granted.includes(this.partition)) {
      const step = { kind: 'market', partition: this.partition, upTo: number } as const;
      this.steps.push({ step, seq: entry.given.seq, traceparent: '' });
    }
  }

  /** What it is given next; undefined until more is offered. */
  next(): GivenInstant | undefined {
    for (let head = this.steps[0]; head !== undefined; head = this.steps[0]) {
      const { step } = head;
      if (step.kind === 'market') {
        if (step.upTo > this.taken) return this.nextOfMarket(head.seq);
        this.steps.shift();
        continue;
      }
      this.steps.shift();
      const at = parseInstant(step.at);
      if (at <= this.at) continue;
      if (step.after !== this.taken && !this.isLostUpTo(step.after))
        throw new IntegrityFault({
          code: 'ENGINE.STEP_OUT_OF_ORDER',
          message: `partition ${this.partition} has taken market instant ${this.taken}, and is woken after ${step.after}`,
        });
      this.at = at;
      const { seq, traceparent } = head;
      return { instant: wakeInstant(step.after, at, step.wakes), seq, traceparent, market: this.place };
    }
    return undefined;
  }

  /** Everything it is given by what was offered so far. */
  *given(): IterableIterator<GivenInstant> {
    for (let next = this.next(); next !== undefined; next = this.next()) yield next;
  }

  /** Its place is that of the message that gave it, so that a partition's places only go forward. */
  private nextOfMarket(seq: number): GivenInstant | undefined {
    const number = this.instants.has(this.taken + 1)
      ? this.taken + 1
      : this.beginnings.find((one) => one > this.taken);
    const given = number === undefined ? undefined : this.instants.get(number);
    if (number === undefined || given === undefined) return undefined;
    this.taken = number;
    this.beginnings = this.beginnings.filter((one) => one > number);
    this.instants.delete(number);
    this.at = parseInstant(given.instant.eventTime);
    this.takenSeq = given.seq;
    return { ...given, seq, market: this.place };
  }

  /** Everything after what was taken, up to there, was lost with the market. */
  private isLostUpTo(after: number): boolean {
    return after > this.taken && !this.instants.has(this.taken + 1) && this.beginnings.includes(after + 1);
  }

  private get place(): MarketPlace {
    return { number: this.taken, seq: this.takenSeq };
  }
}
