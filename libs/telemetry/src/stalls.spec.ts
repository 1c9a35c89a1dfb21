import { Registry } from 'prom-client';
import { Health } from './health';
import { Stalls } from './stalls';
import type { Wait } from './stalls';

function desk() {
  const health = new Health();
  health.done('starting');
  const registry = new Registry();
  const said: string[] = [];
  const clock = { ms: 0 };
  const warn = (found: { code: string; seconds: number; detail: string }): void => {
    said.push(`${found.code} ${found.seconds} s ${found.detail}`);
  };
  const logger = { warn, info: (_found: object, text: string) => said.push(text) };
  const stalls = new Stalls(logger as never, health, registry, () => clock.ms); // only these two are called
  const series = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('evenkeel_waiting'));
  return { health, stalls, said, clock, series };
}

describe('who waits', () => {
  it('says for whom and what after ten seconds, ever more rarely, and when it is over', async () => {
    const { health, stalls, said, clock, series } = desk();
    const over = stalls.begin('people', 'quarantine', 'partition 03');
    for (; clock.ms < 200_000; clock.ms += 1_000) stalls.look();
    expect(said).toEqual([10, 20, 40, 80, 160].map((seconds) => `HOST.WAITING ${seconds} s partition 03`));
    expect(await series()).toEqual(['evenkeel_waiting_seconds{for="people",what="quarantine"} 200']);
    expect(health.waitsFor).toEqual(['waiting for people (quarantine) for 200 s: partition 03']);
    expect([health.ready, health.reasons]).toEqual([true, []]);
    over();
    stalls.look();
    expect(said.at(-1)).toBe('goes on');
    expect(await series()).toEqual([]);
    expect(health.waitsFor).toEqual([]);
  });

  it('is not ready where it can do nothing meanwhile, and only after ten seconds', () => {
    const { health, stalls, clock } = desk();
    const over = stalls.begin('postgres', 'rows', 'away', { keepsFromReady: true });
    clock.ms = 9_000;
    expect(health.ready).toBe(true);
    clock.ms = 11_000;
    expect([health.ready, health.reasons]).toEqual([false, ['waiting for postgres (rows) for 11 s: away']]);
    over();
    expect(health.ready).toBe(true);
  });

  it('says the oldest of each kind once, and nothing of what is over in time', async () => {
    const { stalls, said, clock, series } = desk();
    const waits: Wait[] = [
      { for: 'risk', what: 'settle', forMs: 4_000, detail: 'partition 01' },
      { for: 'risk', what: 'settle', forMs: 12_000, detail: 'partition 02' },
      { for: 'strategy', what: 'settle', forMs: 9_000, detail: 'partition 01' },
    ];
    const end = stalls.watch(() => waits);
    stalls.look();
    clock.ms += 1_000;
    stalls.look();
    expect(said).toEqual(['HOST.WAITING 12 s partition 02']);
    expect(await series()).toEqual([
      'evenkeel_waiting_seconds{for="risk",what="settle"} 12',
      'evenkeel_waiting_seconds{for="strategy",what="settle"} 9',
    ]);
    end();
  });
});
