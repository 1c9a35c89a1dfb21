import { SteadyClock, wallNanoseconds } from './steady-clock';

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

describe('the wall clock between its milliseconds', () => {
  afterEach(() => jest.restoreAllMocks());

  it('lies within the millisecond that the platform tells, moves within it, and does not go back', () => {
    let before = 0n;
    const fractions = new Set<bigint>();
    for (let reading = 0; reading < 5_000; reading += 1) {
      const from = BigInt(Date.now());
      const now = wallNanoseconds();
      expect(now >= before && now / 1_000_000n >= from).toBe(true);
      expect(now / 1_000_000n <= BigInt(Date.now())).toBe(true);
      fractions.add(now % 1_000_000n);
      before = now;
    }
    expect(fractions.size).toBeGreaterThan(100);
  });

  it('follows a wall clock that is set', () => {
    const earlier = Date.now() - 3_600_000;
    jest.spyOn(Date, 'now').mockReturnValue(earlier);
    expect(wallNanoseconds() / 1_000_000n).toBe(BigInt(earlier));
  });
});
