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
      if (step.after !== this.taken)
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
    const given = this.instants.get(this.taken + 1);
    if (given === undefined) return undefined;
    this.taken += 1;
    this.instants.delete(this.taken);
    this.at = parseInstant(given.instant.eventTime);
    this.takenSeq = given.seq;
    return { ...given, seq, market: this.place };
  }

  private get place(): MarketPlace {
    return { number: this.taken, seq: this.takenSeq };
  }
}
