import { OperationalError } from '@evenkeel/kernel';
import { Health, Stalls } from '@evenkeel/telemetry';
import { Registry } from 'prom-client';
import { AppendWaits } from './append-waits';

/** It says so by itself. */
const fail = (): never => {
  throw new Error('said twice');
};

describe('what waits for the server', () => {
  it('is said once and then every ten seconds, keeps the process from being ready, and is over by itself', async () => {
    const health = new Health();
    health.done('starting');
    const registry = new Registry();
    const said: string[] = [];
    const logger = {
      error: (_found: unknown, text: string) => said.push(text),
      info: (text: string) => said.push(text),
    };
    let now = 0;
    const stalls = new Stalls({ warn: fail, info: fail }, health, registry, () => now);
    const waits = new AppendWaits(logger as never, health, stalls, () => now); // only these two are called
    const wait = (why: unknown): void => waits.waiting({ id: 'a', subject: 'ek.evt', forMs: now, why });
    const seconds = async (): Promise<string> =>
      /^evenkeel_waiting_seconds\{for="nats",what="append"\} (.*)$/m.exec(await registry.metrics())?.[1] ??
      '';

    for (now = 0; now < 25_000; now += 500) wait(new Error('timeout'));
    expect(said).toHaveLength(3);
    stalls.look();
    expect(health.ready).toBe(false);
    expect(health.reasons).toEqual(['waiting for NATS for 25 s (EVENTING.APPEND_UNRESOLVED)']);
    expect(await seconds()).toBe('25');
    wait(new OperationalError({ code: 'NATS.STORAGE_FULL', message: 'no room' }));
    expect(health.reasons).toEqual(['waiting for NATS for 25 s (NATS.STORAGE_FULL)']);
    waits.over('a');
    expect(health.ready).toBe(true);
    expect(await seconds()).toBe('');
    expect(said.at(-1)).toMatch(/answers again/);
  });
});
