import { createLogger, createMetrics, Health } from '@evenkeel/telemetry';
import type { ProcessShell } from '@evenkeel/host';
import { LedgerLag } from './lag';

describe('the lag of the ledger', () => {
  const health = new Health();
  health.done('starting');
  const metrics = createMetrics('ledger');
  const shell = { health, metrics, logger: createLogger('ledger', 'silent') };
  const lag = new LedgerLag(
    shell as unknown as ProcessShell, // it is told what the journal says; no connection is asked here
    () => 0,
  );
  const behind = async (): Promise<string | undefined> =>
    /evenkeel_ledger_behind_commits(?:\{[^}]*\})? (\d+)/.exec(await metrics.registry.metrics())?.[1];

  it('is a figure while it moves, and a reason not to be ready once it stands', async () => {
    lag.note(10_000, 100, 0);
    expect(await behind()).toBe('9900');
    lag.note(20_000, 200, 40_000);
    expect(health.ready).toBe(true);
    lag.note(20_000, 200, 69_999);
    expect(health.ready).toBe(true);
    lag.note(21_000, 200, 70_000);
    expect(health.reasons).toEqual(['taking over the journal (20800 commits behind, and none for a while)']);
    lag.note(21_000, 201, 72_000);
    expect(health.ready).toBe(true);
    lag.note(21_000, 21_000, 74_000);
    lag.note(21_000, 21_000, 200_000);
    expect(await behind()).toBe('0');
    expect(health.ready).toBe(true);
  });

  it('in seconds is the age of the oldest commit that is not taken over, however busy the journal is', () => {
    const busy = new LedgerLag(
      { ...shell, metrics: createMetrics('busy') } as unknown as ProcessShell,
      () => 0,
    );
    for (let at = 0; at <= 60_000; at += 2_000) {
      // A thousand commits come between two looks, and those of the look before are taken over.
      busy.note(at + 2_000, at, at);
      expect(busy.behindMs(at)).toBe(0);
    }
    busy.note(70_000, 61_000, 70_000);
    busy.note(90_000, 61_000, 90_000);
    expect(busy.behindMs(90_000)).toBe(30_000);
    busy.note(90_000, 65_000, 92_000);
    expect(busy.behindMs(92_000)).toBe(22_000);
    busy.note(90_000, 90_000, 94_000);
    expect(busy.behindMs(94_000)).toBe(0);
  });
});
