import fc from 'fast-check';

import { estimateClockOffset, initialClockOffset, observeLatency } from './clock-offset';

const MS = 1_000_000n;
const OPTIONS = { windowNs: 10_000n * MS, floorNs: 2n * MS };

function estimateOf(offset: bigint, delays: readonly number[]): ReturnType<typeof estimateClockOffset> {
  const messages = delays.map((delay, index) => {
    const event = 1_700_000_000_000n * MS + BigInt(index) * 20n * MS;
    return { event, received: event + offset + 2n * MS + BigInt(delay) * 1000n };
  });
  messages.sort((a, b) => (a.received < b.received ? -1 : 1));
  let state = initialClockOffset(OPTIONS);
  for (const { event, received } of messages) state = observeLatency(state, event, received);
  return estimateClockOffset(state);
}

describe('clock offset', () => {
  it('is unknown before the first message', () => {
    expect(estimateClockOffset(initialClockOffset(OPTIONS))).toBeUndefined();
  });

  it('finds a clock that runs 1.27 s behind, and corrected latencies are no longer negative', () => {
    const estimate = estimateOf(-1270n * MS, [900, 40, 0, 350, 5000, 120]);
    expect(estimate?.offsetNs).toBe(-1270n * MS);
    expect(estimate?.samples).toBe(6);
    const event = 1_700_000_000_000n * MS;
    const received = event - 1260n * MS;
    expect(received - event - (estimate?.offsetNs ?? 0n)).toBe(10n * MS);
  });

  it('is within the smallest queueing delay above the floor, for any skew of either sign', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }),
        fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 60 }),
        (offset, delays) => {
          const estimate = estimateOf(offset, delays);
          expect(estimate?.offsetNs).toBe(offset + BigInt(Math.min(...delays)) * 1000n);
        },
      ),
      { seed: 11 },
    );
  });

  it('forgets what is older than the window, so that a drifting clock is followed', () => {
    let state = initialClockOffset(OPTIONS);
    for (let second = 0n; second < 60n; second += 1n) {
      const event = (1_700_000_000n + second) * 1000n * MS;
      state = observeLatency(state, event, event + second * MS + 2n * MS);
    }
    const offset = estimateClockOffset(state)?.offsetNs ?? 0n;
    expect(offset >= 50n * MS && offset <= 59n * MS).toBe(true);
    expect(state.buckets.length).toBeLessThanOrEqual(10);
  });

  it('starts afresh when the local clock is set back', () => {
    let state = initialClockOffset(OPTIONS);
    const event = 1_700_000_000_000n * MS;
    state = observeLatency(state, event, event + 5000n * MS);
    state = observeLatency(state, event + 1n, event - 3000n * MS);
    expect(estimateClockOffset(state)).toMatchObject({ offsetNs: -3002n * MS - 1n, samples: 1 });
  });
});
