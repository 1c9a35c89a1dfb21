import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import type { Engagement } from '@evenkeel/execution';
import { killText } from '@evenkeel/governance';
import type { KillOrder } from '@evenkeel/governance';
import { DESK, noteOf } from '../../../../../libs/governance/src/people.test-support';
import { DirectKill } from './direct-kill';
import { KillModule } from './kill.module';

const quiet = { warn: () => undefined, error: () => undefined };

describe('an order to stop, straight to a process of execution', () => {
  const stopped: string[] = [];
  let released = new Set<string>();
  let fails = false;
  let reads = 0;
  let now = Date.now();
  let app: INestApplication;
  let url: string;

  const latches = {
    engage(scope: string, { engagement }: Engagement) {
      if (released.has(engagement)) return 'released before' as const;
      stopped.push(scope);
      if (fails) throw new Error('no space left on device');
      return 'engaged' as const;
    },
  };
  const governance = {
    enrolmentOf: (name: string) => DESK.find(({ identity }) => identity === name),
    refresh: () => {
      reads += 1;
      return new Promise<void>(() => undefined); // the journal is out of reach
    },
  };

  beforeAll(async () => {
    const kill = new DirectKill({
      process: 'execution-0',
      latches,
      governance,
      logger: quiet,
      nowMs: () => now,
    });
    app = await NestFactory.create(KillModule.with(kill), { logger: false });
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${((app.getHttpServer() as Server).address() as AddressInfo).port}/kill`; // it listens on TCP
  });

  beforeEach(() => {
    stopped.length = 0;
    released = new Set();
    fails = false;
    now += 1_000;
  });

  afterAll(() => app.close());

  const order = (over: Partial<KillOrder> = {}): KillOrder => ({
    scope: 'firm',
    engagement: randomUUID(),
    reason: 'the bus is down',
    by: 'tess',
    at: new Date(now).toISOString(),
    ...over,
  });
  const signed = (wanted: KillOrder, signer = wanted.by): string => noteOf(signer, killText(wanted));

  async function post(body: string, type = 'text/plain'): Promise<[number, Record<string, unknown>]> {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
    return [response.status, (await response.json()) as Record<string, unknown>];
  }

  it('stops when an enrolled trader or risk officer has signed it, with the journal out of reach', async () => {
    for (const by of ['tess', 'rita']) {
      const wanted = order({ by, scope: 'book:btc' });
      expect(await post(signed(wanted))).toEqual([
        200,
        {
          process: 'execution-0',
          scope: 'book:btc',
          engagement: wanted.engagement,
          stopped: true,
          kept: true,
        },
      ]);
    }
    expect(stopped).toEqual(['book:btc', 'book:btc']);
  });

  it('stops also when it cannot be written down, and says so', async () => {
    fails = true;
    expect(await post(signed(order()))).toMatchObject([200, { stopped: true, kept: false }]);
    expect(stopped).toEqual(['firm']);
  });

  it.each<[string, number, () => string]>([
    ['is signed by somebody else', 403, () => signed(order({ by: 'rita' }), 'tess')],
    ['is of nobody who is enrolled', 403, () => signed(order({ by: 'mallory' }))],
    ['is of an administrator', 403, () => signed(order({ by: 'ada' }))],
    ['is of yesterday', 403, () => signed(order({ at: new Date(now - 86_400_000).toISOString() }))],
    ['is of no time', 403, () => signed(order({ at: 'now' }))],
    ['has no scope', 400, () => signed(order({ scope: 'everything' }))],
    ['has no engagement', 400, () => signed(order({ engagement: 'x' }))],
    [
      'asks to release',
      400,
      () => noteOf('tess', killText(order()).replace('evenkeel kill', 'evenkeel release')),
    ],
    ['says more than an order', 400, () => noteOf('tess', `${killText(order())}release firm\n`)],
    ['is nothing', 400, () => ''],
    ['is JSON', 400, () => '{"engaged":false}'],
  ])('that %s is refused (%i) and stops nothing', async (_, status, text) => {
    const [found, body] = await post(text());
    expect([found, body['stopped']]).toEqual([status, false]);
    expect(typeof body['message']).toBe('string');
    expect(stopped).toEqual([]);
  });

  it('waits a second at most for a journal that does not answer, where it does not know the person', async () => {
    const before = [reads, Date.now()] as const;
    expect((await post(signed(order({ by: 'mallory' }))))[0]).toBe(403);
    expect(reads).toBe(before[0] + 1);
    expect(Date.now() - before[1]).toBeLessThan(3_000);
  });

  it('does not stop anew what was released, when it is sent again', async () => {
    const wanted = order();
    released.add(wanted.engagement);
    expect(await post(signed(wanted))).toMatchObject([409, { stopped: false, code: 'RELEASED' }]);
  });

  it('is plain text of a bounded size', async () => {
    expect((await post('x'.repeat(9_000)))[0]).toBe(413);
    expect((await post('x'.repeat(5_000_000)).catch(() => [413]))[0]).toBe(413);
    expect((await post('{}', 'application/json'))[0]).toBe(415);
    expect(stopped).toEqual([]);
  });

  it('is heard five times a second from one address', async () => {
    const found: number[] = [];
    for (let tries = 0; tries < 8; tries += 1) found.push((await post(''))[0]);
    expect(found).toEqual([400, 400, 400, 400, 400, 429, 429, 429]);
    now += 1_000;
    expect((await post(signed(order())))[0]).toBe(200);
  });
});
