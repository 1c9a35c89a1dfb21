import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectNats } from './connection';
import { ControlBucket } from './control';
import { consumersByStream } from './consumer-count';
import { JetStreamEventLog } from './journal';
import { JournalTail } from './journal-tail';
import { readMarket } from './market-log';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { readToEnd } from './stream-reading';
import type { Epoch } from './streams';
import { loadStreamDefinitions, openEpoch } from './streams';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));

const latchOf = (scope: string, engaged = true) => ({
  scope,
  engaged,
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

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-control-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
    epoch = await openEpoch(connection);
    control = await ControlBucket.open(connection);
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const consumers = async (): Promise<number> =>
    [...(await consumersByStream(connection)).values()].reduce((sum, count) => sum + count, 0);

  it('reads the commands that are some, and says what is wrong with the others', async () => {
    const good = {
      id: '6f0c1f0e-0000-4000-8000-000000000001',
      kind: 'restriction-set',
      book: 'btc',
      by: 'ann',
      reason: 'news',
      at: '2026-01-01T00:00:00Z',
      instrument: 'X@binance',
      restricted: true,
    } as const;
    const { name, history } = loadStreamDefinitions().controlBucket;
    const bucket = await new Kvm(connection).create(name, { history });
    await bucket.put('commands', JSON.stringify([{ ...good, kind: 'sell-everything' }, good]));
    const [bad, read] = await control.readCommands();
    expect(bad?.command).toBeUndefined();
    expect(bad?.problem).toMatch(/^kind: /);
    expect(read?.command).toEqual(good);
    for (const waiting of await control.readCommands()) await control.settleCommand(waiting);
    expect(await control.readCommands()).toEqual([]);
  });

  it('does not take for a latch what is none: whoever asks fails closed', async () => {
    const { name, history } = loadStreamDefinitions().controlBucket;
    const bucket = await new Kvm(connection).create(name, { history });
    for (const text of ['{}', 'true', 'no json', '{"scope":"firm","engaged":"yes"}']) {
      await bucket.put('kill.firm', text);
      await expect(control.readLatches()).rejects.toMatchObject({ code: 'NATS.LATCH_UNREADABLE' });
    }
    await control.writeLatch(latchOf('firm'));
    expect(await control.readLatches()).toEqual([latchOf('firm')]);
    await bucket.purge('kill.firm');
  });

  it('leaves no consumer behind, however often latches and commands are read', async () => {
    await control.writeLatch(latchOf('book:btc'));
    await control.writeLatch(latchOf('firm'));
    for (let round = 0; round < 2_000; round += 1) await control.readLatches();
    for (let round = 0; round < 100; round += 1) await control.readCommands();
    expect(await consumers()).toBe(0);
  }, 60_000);

  it('reads the newest word on every scope', async () => {
    await control.writeLatch(latchOf('firm', false));
    await control.writeLatch(latchOf('venue:deribit'));
    const latches = await control.readLatches();
    expect(latches.map(({ scope, engaged }) => [scope, engaged])).toEqual([
      ['book:btc', true],
      ['firm', false],
      ['venue:deribit', true],
    ]);
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
