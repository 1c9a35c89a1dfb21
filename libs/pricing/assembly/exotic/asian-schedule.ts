// The fixings of an average, written by the caller.

const MAX_FIXINGS: i32 = 4096;

/** Times of the fixings to come, ascending, and what each one's term volatility has over sigma. */
export const times: usize = memory.data(4096 * 8);
export const volOffsets: usize = memory.data(4096 * 8);

export function asianFixingTimes(): usize {
  return times;
}

export function asianVolatilityOffsets(): usize {
  return volOffsets;
}

export function asianFixingLimit(): i32 {
  return MAX_FIXINGS;
}
