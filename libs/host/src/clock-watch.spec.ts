import { hostEnvironment, parseEnvironment } from '@evenkeel/config';
import type { EvenkeelError } from '@evenkeel/kernel';
import { ClockWatch, UNKNOWN_CLOCK, clockFault, clockLimits, parseTracking } from './clock-watch';

const TRACKING =
  'A29FC87B,162.159.200.123,4,1769817600.123456789,-0.000012345,0.000004321,0.000020000,-1.234,0.001,0.050,0.002000000,0.000500000,64.2,Normal';

describe('the quality of the clock', () => {
  it('is what chrony says: offset, and a bound of offset, dispersion and half the delay', () => {
    expect(parseTracking(TRACKING)).toEqual({ source: 'ntp offset=-12345ns', maxErrorNs: 1_512_345n });
  });

  it('is unknown while nothing is synchronised, and for any other answer', () => {
    expect(parseTracking(TRACKING.replace('Normal', 'Not synchronised'))).toBeUndefined();
    expect(parseTracking('506 Cannot talk to daemon')).toBeUndefined();
    expect(parseTracking('')).toBeUndefined();
  });

  it('is held to the limit on its boundary, and unknown is worse than any limit', () => {
    const quality = { source: 'ntp', maxErrorNs: 1_000n };
    expect(clockFault(quality, 1_000n)).toBeUndefined();
    expect(clockFault(quality, 999n)).toMatchObject({ code: 'HOST.CLOCK_UNTRUSTED' });
    expect(clockFault(UNKNOWN_CLOCK, 10n ** 12n)).toMatchObject({ code: 'HOST.CLOCK_UNTRUSTED' });
    expect(clockFault(UNKNOWN_CLOCK, undefined)).toBeUndefined();
  });

  it('halts once when it goes bad, and not before', async () => {
    const faults: EvenkeelError[] = [];
    let answer = TRACKING;
    const watch = new ClockWatch({
      limitNs: 2_000_000n,
      ask: () => Promise.resolve(answer),
    });
    await watch.start((error) => faults.push(error));
    expect(watch.quality.source).toBe('ntp offset=-12345ns');
    expect(faults).toEqual([]);
    answer = 'no daemon';
    await watch.refresh();
    await watch.refresh();
    watch.stop();
    expect(faults.map(({ code }) => code)).toEqual(['HOST.CLOCK_UNTRUSTED']);
  });

  it('may be vouched for by an operator where no daemon can be asked', async () => {
    const environment = (limit: string) =>
      parseEnvironment(
        hostEnvironment,
        { NATS_URL: 'nats://x', EK_CLOCK_MAX_ERROR_NS: '5000', EK_CLOCK_LIMIT_NS: limit },
        'risk',
      );
    const watch = new ClockWatch({
      ...clockLimits(environment('10000')),
      ask: () => Promise.reject(new Error('absent')),
    });
    await watch.refresh();
    expect(watch.quality).toEqual({ source: 'declared', maxErrorNs: 5_000n });
    expect(() => environment('1ms')).toThrow(/EK_CLOCK_LIMIT_NS: must be a positive whole number/);
  });
});
