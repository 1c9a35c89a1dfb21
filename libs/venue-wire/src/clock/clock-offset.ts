/**
 * Estimates how far the local clock is from an exchange's, from one-way latencies alone. `received − event` is the true latency plus
 * the clock offset (local − exchange); true latency is never below the network's floor, so the lowest values seen in a window
 * show the offset plus that floor. A clock that runs behind gives negative latencies: they are the evidence, and are kept.
 *
 * Pure state; times in nanoseconds; offset = local − exchange, so exchange time = local time − offset.
 */
export interface ClockOffsetOptions {
  /** Length of the sliding window. Shorter follows drift faster, longer finds the floor better. */
  readonly windowNs: bigint;
  /** The network's least one-way delay to this venue, as configured or measured by a ping (half the round trip). */
  readonly floorNs: bigint;
  /** Buckets of the window; memory is one minimum for each. */
  readonly buckets?: number;
}

export interface ClockOffsetEstimate {
  /** local − exchange. Negative: the local clock is behind. */
  readonly offsetNs: bigint;
  /** Half-width of what the samples leave open: the spread of the lowest latencies of the buckets. */
  readonly errorNs: bigint;
  readonly samples: number;
}

interface Bucket {
  readonly index: bigint;
  minimum: bigint;
  samples: number;
}

export interface ClockOffsetState {
  readonly options: ClockOffsetOptions;
  readonly buckets: readonly Bucket[];
}

export function initialClockOffset(options: ClockOffsetOptions): ClockOffsetState {
  return { options, buckets: [] };
}

/** The state after one message that the exchange stamped `eventTime` and that arrived at `receivedTime` of our clock, in order of arrival. */
export function observeLatency(
  state: ClockOffsetState,
  eventTime: bigint,
  receivedTime: bigint,
): ClockOffsetState {
  const { options, buckets } = state;
  const count = BigInt(options.buckets ?? 10);
  const width = options.windowNs / count;
  const index = receivedTime / width;
  const latency = receivedTime - eventTime;
  const last = buckets[buckets.length - 1];
  if (last !== undefined && last.index === index) {
    if (latency < last.minimum) last.minimum = latency;
    last.samples += 1;
    return state;
  }
  // A local clock that was set back starts a window of its own: what came before belongs to another offset.
  const kept =
    last !== undefined && index < last.index ? [] : buckets.filter((bucket) => index - bucket.index < count);
  return { options, buckets: [...kept, { index, minimum: latency, samples: 1 }] };
}

export function estimateClockOffset(state: ClockOffsetState): ClockOffsetEstimate | undefined {
  const [first] = state.buckets;
  if (first === undefined) return undefined;
  let low = first.minimum;
  let high = first.minimum;
  let samples = 0;
  for (const bucket of state.buckets) {
    if (bucket.minimum < low) low = bucket.minimum;
    if (bucket.minimum > high) high = bucket.minimum;
    samples += bucket.samples;
  }
  const { floorNs } = state.options;
  return { offsetNs: low - floorNs, errorNs: high - low > floorNs ? high - low : floorNs, samples };
}
