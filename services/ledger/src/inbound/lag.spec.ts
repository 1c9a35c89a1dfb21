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
});
