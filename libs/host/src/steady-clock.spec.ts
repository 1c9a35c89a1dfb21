import { SteadyClock } from './steady-clock';

const SECOND = 1_000_000_000n;
const HOUR = 3_600n * SECOND;

describe('a clock that only goes forward', () => {
  let wall: bigint;
  let ms: number;
  const pass = (seconds: number): void => {
    wall += BigInt(Math.round(seconds * 1e9));
    ms += seconds * 1_000;
  };
  const clock = (): SteadyClock => new SteadyClock({ wallNs: () => wall, monotonicMs: () => ms });
  beforeEach(() => {
    wall = 1_800_000_000n * SECOND;
    ms = 5_000;
  });

  it('is the wall clock while nobody sets it', () => {
    const steady = clock();
    pass(10);
    expect(steady.now()).toBe(wall);
    expect(steady.differenceNs).toBe(0n);
  });

  it.each([
    ['back 20 s', -20n * SECOND],
    ['forward an hour', HOUR],
    ['back an hour', -HOUR],
  ])('neither stops nor jumps when the wall is set %s', (_what, step) => {
    const steady = clock();
    const before = steady.now();
    wall += step;
    pass(1);
    const gone = steady.now() - before;
    const slewed = gone - SECOND;
    expect(slewed < 0n ? -slewed : slewed).toBeLessThanOrEqual(500_000n);
    expect(steady.differenceNs / SECOND).toBe((step - slewed) / SECOND);
  });

  it('comes together with the wall again, half a millisecond a second', () => {
    const steady = clock();
    wall += SECOND;
    for (let second = 0; second < 1_990; second += 1) {
      pass(1);
      steady.now();
    }
    expect(steady.differenceNs).toBeGreaterThan(0n);
    for (let second = 0; second < 20; second += 1) {
      pass(1);
      steady.now();
    }
    expect(steady.differenceNs).toBe(0n);
  });

  it('goes on from where an earlier life had come, although the wall is behind', () => {
    const steady = clock();
    const earlier = wall + HOUR;
    steady.startFrom(earlier);
    pass(1);
    expect(steady.now() - earlier).toBe(SECOND - 500_000n);
    steady.startFrom(wall);
    expect(steady.now()).toBeGreaterThan(earlier);
  });
});
