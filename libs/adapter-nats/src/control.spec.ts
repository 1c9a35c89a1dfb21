import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Engagement } from '@evenkeel/execution';
import type { ControlCommand } from '@evenkeel/governance';
import { connectNats } from './connection';
import { CommandBucket } from './command-bucket';
import { ControlBucket } from './control';
import { consumersByStream } from './consumer-count';
import { JetStreamEventLog } from './journal';
import { JournalTail } from './journal-tail';
import { readMarket } from './market-log';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { readToEnd } from './stream-reading';
import type { Epoch } from './epochs';
import { openEpoch } from './epochs';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));

const stop = (engagement: string): Engagement => ({
  engagement: `6f0c1f0e-0000-4000-8000-${engagement.padStart(12, '0')}`,
  by: 'risk-desk',
  reason: 'test',
  at: '2026-01-01T00:00:00Z',
});

async function readAll(log: JetStreamEventLog): Promise<void> {
  for await (const stored of log.read({})) expect(stored.seq).toBe(0);
}

describe('what polls the server', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let epoch: Epoch;
  let control: ControlBucket;
  let commands: CommandBucket;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-control-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
    epoch = await openEpoch(connection);
    control = await ControlBucket.open(connection);
    commands = await CommandBucket.open(connection);
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const consumers = async (): Promise<number> =>
    [...(await consumersByStream(connection)).values()].reduce((sum, count) => sum + count, 0);

  const command = (id: string): ControlCommand => ({
    id: `6f0c1f0e-0000-4000-8000-${id.padStart(12, '0')}`,
    kind: 'restriction-set',
    book: 'btc',
    by: 'ann',
    reason: 'news',
    at: '2026-01-01T00:00:00Z',
    instrument: 'X@binance',
    restricted: true,
  });
  const put = (key: string, text: string) => jetstream(connection).publish(`$KV.EK_COMMANDS.${key}`, text);
  const settleAll = async (): Promise<void> => {
    for (const waiting of await commands.readCommands()) await commands.settleCommand(waiting);
  };

  it('keeps each command under a key of its own, and says what is wrong with those that are none', async () => {
    const good = command('1');
    await put('a', '{');
    await put(command('2').id, JSON.stringify({ ...command('2'), kind: 'sell-everything' }));
    await put('another', JSON.stringify(command('3')));
    await commands.writeCommand(good);
    await commands.writeCommand(good);
    const found = await commands.readCommands();
    expect(found.map(({ problem }) => problem?.slice(0, 11))).toEqual([
      'is no JSON',
      'kind: Inval',
      'id: is anot',
      undefined,
    ]);
    expect(found[3]?.command).toEqual(good);
    await settleAll();
    expect(await commands.readCommands()).toEqual([]);
    for (const waiting of found) await commands.settleCommand(waiting); // by another process
  });

  it('takes no command that execution would turn down unread', async () => {
    const grant = { ...command('4'), kind: 'override-grant', control: 'order-quantity' } as const;
    for (const bad of [
      { ...grant, duration: 'soon' },
      { ...grant, upTo: 'a lot' },
      { ...grant, id: 'x' },
      { ...grant, reason: 'r'.repeat(501) },
    ])
      await expect(commands.writeCommand(bad)).rejects.toMatchObject({ code: 'INPUT.INVALID' });
    expect(await commands.readCommands()).toEqual([]);
  });

  it('takes no more commands than it can carry', async () => {
    for (let id = 1_000; id < 1_200; id += 1) await commands.writeCommand(command(String(id)));
    await expect(commands.writeCommand(command('1200'))).rejects.toMatchObject({
      code: 'NATS.COMMANDS_WAITING',
    });
    await settleAll();
    await commands.writeCommand(command('1201'));
    await settleAll();
  });

  it('keeps every latch, whatever the header of a message that goes to a key beside it', async () => {
    await control.engage('venue:kept', stop('9'));
    const kept = async (): Promise<unknown> =>
      (await control.readLatches(epoch.bucket)).find(({ scope }) => scope === 'venue:kept')?.engagements;
    for (const [header, value, key] of [
      ['Nats-Rollup', 'all', 'lease.risk.00'],
      ['Nats-Rollup', 'sub', 'kill.venue=003akept'],
      ['Nats-TTL', '1s', 'kill.venue=003akept'],
    ] as const) {
      const told = headers();
      told.set(header, value);
      const published = jetstream(connection).publish(`$KV.EK_CONTROL.${key}`, '{}', { headers: told });
      await expect(published).rejects.toThrow(/roll-?up|ttl/i);
      expect(await kept()).toEqual([stop('9')]);
    }
  });

  it('leaves no consumer behind, however often latches and commands are read', async () => {
    await control.engage('book:btc', stop('1'));
    for (let round = 0; round < 1_000; round += 1) await control.readLatches(epoch.bucket);
    for (let round = 0; round < 100; round += 1) await commands.readCommands();
    expect(await consumers()).toBe(0);
  }, 60_000);

  it('reads what stops every scope, whatever characters its name has', async () => {
    for (const scope of ['book:ü 100%'.replace(' ', '_'), 'venue:deribit', 'strategy:a.b=c']) {
      await control.engage(scope, stop('2'));
      await control.engage(scope, stop('3'));
      const found = (await control.readLatches(epoch.bucket)).find((latch) => latch.scope === scope);
      expect(found?.engagements).toEqual([stop('2'), stop('3')]);
    }
  });

  it('leaves no consumer behind when streams are read to their end, or a tail is stopped', async () => {
    const js = jetstream(connection);
    await js.publish('ek.evt.v1.00.price.source.x', 'not a commit');
    await js.publish('ek.evt.v1.00.price.source.y', 'not a commit');
    for await (const message of readToEnd(js, epoch.journalStream, 1)) if (message.seq === 1) break;
    for await (const instant of readMarket(connection, epoch)) expect(instant).toBeUndefined();
    await expect(readAll(new JetStreamEventLog(connection, epoch.journalStream))).rejects.toThrow();
    const tail = new JournalTail(connection, epoch.journalStream);
    await tail.run(1, () => tail.stop());
    expect(await consumers()).toBe(0);
  });
});
