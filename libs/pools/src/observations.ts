import { EvenkeelError } from '@evenkeel/kernel';
import { uint160 } from './unsigned';

/** One entry of the pool's ring. Cumulative since the pool began: tick × seconds, and seconds per unit of liquidity in range, Q128. */
export interface Observation {
  readonly time: number;
  readonly tickCumulative: number;
  readonly secondsPerLiquidity: bigint;
  readonly initialized: boolean;
}

/** A place of the ring that was paid for and not yet written; the contract puts the time 1 there. */
export const RESERVED: Observation = {
  time: 1,
  tickCumulative: 0,
  secondsPerLiquidity: 0n,
  initialized: false,
};

/** The ring as the contract keeps it: `cardinality` entries are used, the newest at `index`. */
export interface ObservationRing {
  readonly at: (index: number) => Observation | undefined;
  readonly index: number;
  readonly cardinality: number;
}

/** What holds now: tick and liquidity since the newest entry. */
export interface ObservedNow {
  readonly time: number;
  readonly tick: number;
  readonly liquidity: bigint;
}

/** The entry that would be written now. */
function observationAfter(last: Observation, { time, tick, liquidity }: ObservedNow): Observation {
  const seconds = time - last.time;
  const perLiquidity = (BigInt(seconds) << 128n) / (liquidity > 0n ? liquidity : 1n);
  return {
    time,
    tickCumulative: last.tickCumulative + tick * seconds,
    secondsPerLiquidity: uint160(last.secondsPerLiquidity + perLiquidity),
    initialized: true,
  };
}

/** The entry that the ring takes now, and where: at most one a block; undefined where this block has written. */
export function nextObservation(
  ring: ObservationRing,
  cardinalityNext: number,
  now: ObservedNow,
): { readonly index: number; readonly cardinality: number; readonly observation: Observation } | undefined {
  const last = entry(ring, ring.index);
  if (last.time === now.time) return undefined;
  // The ring grows into what was reserved only when it has come to its end.
  const grows = cardinalityNext > ring.cardinality && ring.index === ring.cardinality - 1;
  const cardinality = grows ? cardinalityNext : ring.cardinality;
  return { index: (ring.index + 1) % cardinality, cardinality, observation: observationAfter(last, now) };
}

/** The cumulative values `secondsAgo` before now. Throws `POOL.OBSERVATION_TOO_OLD` where the ring does not reach that far back. */
export function observe(ring: ObservationRing, now: ObservedNow, secondsAgo: number): Observation {
  const newest = entry(ring, ring.index);
  if (secondsAgo === 0) return newest.time === now.time ? newest : observationAfter(newest, now);
  const target = now.time - secondsAgo;
  if (newest.time === target) return newest;
  if (newest.time < target) return observationAfter(newest, { ...now, time: target });
  let oldestAt = (ring.index + 1) % ring.cardinality;
  if (!entry(ring, oldestAt).initialized) oldestAt = 0;
  if (!(secondsAgo >= 0) || entry(ring, oldestAt).time > target)
    throw new EvenkeelError({
      code: 'POOL.OBSERVATION_TOO_OLD',
      message: `the pool remembers ${now.time - entry(ring, oldestAt).time} seconds, not ${secondsAgo}`,
    });
  return between(...surrounding(ring, oldestAt, target), target);
}

/** The neighbours of a time that lies within the ring. */
function surrounding(ring: ObservationRing, oldestAt: number, target: number): [Observation, Observation] {
  const size = (ring.index - oldestAt + ring.cardinality) % ring.cardinality;
  let [low, high] = [0, size];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (entry(ring, (oldestAt + middle) % ring.cardinality).time <= target) low = middle;
    else high = middle;
  }
  return [
    entry(ring, (oldestAt + low) % ring.cardinality),
    entry(ring, (oldestAt + high) % ring.cardinality),
  ];
}

function between(before: Observation, after: Observation, target: number): Observation {
  if (target === before.time) return before;
  if (target === after.time) return after;
  const span = after.time - before.time;
  const part = target - before.time;
  const seconds = uint160(after.secondsPerLiquidity - before.secondsPerLiquidity);
  return {
    time: target,
    // The contract divides first and drops the rest towards zero.
    tickCumulative:
      before.tickCumulative + Math.trunc((after.tickCumulative - before.tickCumulative) / span) * part,
    secondsPerLiquidity: uint160(before.secondsPerLiquidity + (seconds * BigInt(part)) / BigInt(span)),
    initialized: true,
  };
}

function entry(ring: ObservationRing, index: number): Observation {
  const found = ring.at(index);
  if (found === undefined) throw new RangeError(`the ring has no observation ${index}`);
  return found;
}
