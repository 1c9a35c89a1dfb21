import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { nkeys, nuid } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import { required } from '@evenkeel/kernel';
import { commitOf, decisionDraft } from '@evenkeel/testkit';
import { sealCommit } from '@evenkeel/contracts';
import { fillOf, journalLimit, reportBus, rightsFaults } from './bus-report';
import { connectNats } from './connection';
import type { NotPermitted } from './connection-errors';
import { openEpoch } from './epochs';
import { JetStreamEventLog } from './journal';
import { BUS_IDENTITIES, inboxOf, loadRights } from './permissions';
import type { BusIdentity } from './permissions';
import { writeBusFolder } from './server/bus-folder';
import { ensureBusKeys } from './server/bus-keys';
import type { EmbeddedNats } from './server/embedded-nats';
import { freePort, startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { assertStreams, ensureStreams, loadStreamDefinitions } from './streams';

const REPOSITORY = resolve(__dirname, '..', '..', '..');
const toolsDir = join(REPOSITORY, '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const CORES = ['risk', 'strategy', 'execution'] as const;
const SERVICES = ['price-ingest', ...CORES, 'ledger'] as const;
const EVERYBODY: readonly BusIdentity[] = BUS_IDENTITIES;
const NOBODY: readonly BusIdentity[] = [];

interface Row {
  readonly subject: string;
  readonly may: readonly BusIdentity[];
}

/** Who may publish what, written out by hand: the permissions in force are held against it, not against themselves. */
const PUBLISHES: readonly Row[] = [
  { subject: 'ek.evt.v1.07.price.source.x', may: ['price-ingest', 'operator'] },
  { subject: 'ek.evt.v1.07.risk.book.x', may: ['risk', 'operator'] },
  { subject: 'ek.evt.v1.07.strategy.hedge-program.x', may: ['strategy', 'operator'] },
  { subject: 'ek.evt.v1.07.execution.hedge-order.x', may: ['execution', 'operator'] },
  { subject: 'ek.evt.v1.07.execution.kill-switch.x', may: ['execution', 'operator'] },
  { subject: 'ek.evt.v1.07.governance.proposal.x', may: ['desk', 'operator'] },
  { subject: 'ek.evt.v1.07.nobody.thing.x', may: ['operator'] },
  { subject: 'ek.mkt.v1.deribit.BTC-PERPETUAL.mark', may: ['price-ingest'] },
  { subject: 'ek.mkt.v1.evenkeel.clock.instant', may: ['price-ingest'] },
  { subject: 'ek.mkt.v1.evenkeel.step.p07', may: ['price-ingest'] },
  { subject: 'ek.audit.v1.checkpoint.origin', may: ['ledger'] },
  { subject: 'ek.sealed.1.x', may: NOBODY },
  { subject: 'anything', may: NOBODY },
  ...SERVICES.flatMap((service): Row[] => [
    { subject: `ek.ctl.progress.${service}`, may: [service] },
    { subject: `ek.dlq.v1.${service}.07`, may: [service] },
  ]),
  { subject: 'ek.ctl.floor.ledger', may: ['price-ingest', ...CORES] },
  { subject: '$KV.EK_CONTROL.kill.firm', may: ['execution', 'desk', 'operator'] },
  { subject: '$KV.EK_COMMANDS.6f0c1f0e', may: ['execution', 'desk'] },
  ...CORES.flatMap((service): Row[] => [
    { subject: `$KV.EK_CONTROL.lease.${service}.07`, may: [service] },
    { subject: `$KV.EK_CONTROL.member.${service}.${service}-1`, may: [service] },
    { subject: `$O.EK_SNAPSHOTS_${service}.C.x`, may: [service] },
    { subject: `$O.EK_SNAPSHOTS_${service}.M.x`, may: [service] },
    { subject: `$JS.API.STREAM.PURGE.OBJ_EK_SNAPSHOTS_${service}`, may: [service, 'operator'] },
    { subject: '$JS.API.CONSUMER.DURABLE.CREATE.EK_JOURNAL_1.reader', may: ['operator'] },
    { subject: '$JS.ACK.EK_JOURNAL_1.reader.1.1.1.1.0', may: [] },
  ]),
  ...['EK_JOURNAL_1', 'EK_MARKET', 'EK_AUDIT', 'EK_DLQ', 'KV_EK_CONTROL', 'KV_EK_COMMANDS'].flatMap(
    (stream): Row[] => [
      { subject: `$JS.API.STREAM.CREATE.${stream}`, may: ['operator'] },
      { subject: `$JS.API.STREAM.UPDATE.${stream}`, may: ['operator'] },
      { subject: `$JS.API.STREAM.DELETE.${stream}`, may: ['operator'] },
      { subject: `$JS.API.STREAM.PURGE.${stream}`, may: ['operator'] },
      { subject: `$JS.API.STREAM.MSG.DELETE.${stream}`, may: ['operator'] },
      { subject: `$JS.API.STREAM.RESTORE.${stream}`, may: ['operator'] },
      { subject: `$JS.API.STREAM.INFO.${stream}`, may: EVERYBODY },
      { subject: `$JS.API.STREAM.MSG.GET.${stream}`, may: EVERYBODY },
      // A consumer without its name in the subject could be somebody else's, by the name in the request.
      { subject: `$JS.API.CONSUMER.CREATE.${stream}`, may: ['operator'] },
      { subject: `$JS.API.CONSUMER.CREATE.${stream}.oc_1`, may: EVERYBODY },
      { subject: `$JS.API.CONSUMER.LIST.${stream}`, may: ['operator'] },
    ],
  ),
  { subject: '$JS.API.INFO', may: EVERYBODY },
  { subject: '$JS.API.META.LEADER.STEPDOWN', may: ['operator'] },
  { subject: '$SYS.REQ.SERVER.PING', may: NOBODY },
];

const SUBSCRIBES: readonly Row[] = [
  { subject: '>', may: NOBODY },
  { subject: 'ek.evt.v1.>', may: NOBODY },
  { subject: '_INBOX.>', may: NOBODY },
  { subject: '$JS.EVENT.ADVISORY.>', may: NOBODY },
  { subject: '$KV.EK_CONTROL.>', may: NOBODY },
  ...CORES.map((core): Row => ({
    subject: `ek.ctl.progress.${core}`,
    may: ['price-ingest', 'operator', 'observer'],
  })),
  { subject: 'ek.ctl.progress.ledger', may: ['operator', 'observer'] },
  { subject: 'ek.ctl.floor.ledger', may: ['ledger'] },
];

interface Seat {
  readonly connection: NatsConnection;
  readonly publicKey: string;
  readonly refused: NotPermitted[];
}

describe('a bus with doors', () => {
  let dir: string;
  let server: EmbeddedNats;
  let keysDir: string;
  const seats = new Map<BusIdentity, Seat>();
  const seat = (identity: BusIdentity): Seat => required(seats.get(identity), identity);

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-doors-'));
    keysDir = join(dir, 'identity', 'bus');
    server = await startEmbeddedNats({ binary, dir, identityDir: keysDir });
    const { users } = ensureBusKeys(keysDir);
    for (const identity of BUS_IDENTITIES) {
      const refused: NotPermitted[] = [];
      const onRefused = (one: NotPermitted): void => void refused.push(one);
      const connection = await connectNats(server.access(identity), identity, { onRefused });
      seats.set(identity, { connection, refused, publicKey: required(users.get(identity), identity) });
    }
    await openEpoch(seat('operator').connection);
  }, 30_000);

  afterAll(async () => {
    await Promise.all([...seats.values()].map(({ connection }) => connection.close()));
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** The server answers in order: after the flush its refusal is here, or there is none. */
  async function refuses({ connection, refused }: Seat, subject: string, send: () => void): Promise<boolean> {
    const before = refused.length;
    send();
    await connection.flush();
    await new Promise((done) => setImmediate(done));
    return refused.slice(before).some((one) => one.subject === subject);
  }

  async function allowedOf(identity: BusIdentity, rows: readonly Row[], kind: 'publish' | 'subscribe') {
    const one = seat(identity);
    const allowed: string[] = [];
    for (const { subject } of rows) {
      const send = (): void => {
        // No request: what is let through does nothing.
        if (kind === 'publish') one.connection.publish(subject, '{');
        else one.connection.subscribe(subject, { callback: () => undefined });
      };
      if (!(await refuses(one, subject, send))) allowed.push(subject);
    }
    return allowed;
  }

  it.each(BUS_IDENTITIES)('%s publishes what is its own and nothing else', async (identity) => {
    const expected = PUBLISHES.filter(({ may }) => may.includes(identity)).map(({ subject }) => subject);
    expect(await allowedOf(identity, PUBLISHES, 'publish')).toEqual(expected);
  });

  it.each(BUS_IDENTITIES)('%s hears what it is meant to hear and nothing else', async (identity) => {
    const expected = SUBSCRIBES.filter(({ may }) => may.includes(identity)).map(({ subject }) => subject);
    expect(await allowedOf(identity, SUBSCRIBES, 'subscribe')).toEqual(expected);
  });

  it('nobody hears or forges the answers to somebody else', async () => {
    for (const identity of BUS_IDENTITIES)
      for (const other of BUS_IDENTITIES) {
        const subject = `${inboxOf(seat(other).publicKey)}.x`;
        const { connection } = seat(identity);
        const listens = (): void => void connection.subscribe(subject, { callback: () => undefined });
        expect(await refuses(seat(identity), subject, listens)).toBe(identity !== other);
        expect(await refuses(seat(identity), subject, () => connection.publish(subject, 'x'))).toBe(true);
      }
  });

  it('a refusal is an error of the call by name, at once: a forged decision, a stream taken away', async () => {
    const { connection } = seat('risk');
    const manager = await jetstreamManager(connection);
    const messages = async (): Promise<number> => (await manager.streams.info('EK_JOURNAL_1')).state.messages;
    const before = await messages();
    const startedAt = performance.now();
    const forged = sealCommit(commitOf(decisionDraft('btc', 'd', '2026-01-01T00:00:00Z')));
    await expect(new JetStreamEventLog(connection, 'EK_JOURNAL_1').append(forged, 0)).rejects.toMatchObject({
      code: 'NATS.NOT_PERMITTED',
      message: expect.stringMatching(
        /does not let risk \(U.{7}…\) publish on ek\.evt\.v1\.\d\d\.strategy/,
      ) as string,
    });
    for (const refused of [
      manager.streams.delete('EK_JOURNAL_1'),
      manager.streams.update('EK_JOURNAL_1', { max_msgs: 1 }),
      manager.streams.purge('EK_MARKET'),
      manager.streams.add({ name: 'MINE', subjects: ['mine'] }),
      manager.consumers.pause('EK_JOURNAL_1', 'reader', new Date()),
    ])
      await expect(refused).rejects.toMatchObject({ code: 'NATS.NOT_PERMITTED' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(await messages()).toBe(before);
  });

  it('brings nobody in without a credential, with one it does not know, or to a server it cannot vouch for', async () => {
    const { url } = server;
    const access = server.access('risk');
    const stranger = join(dir, 'stranger.nk');
    writeFileSync(stranger, nkeys.createUser().getSeed(), { mode: 0o600 });
    const { caFile: otherCa } = ensureBusKeys(join(dir, 'elsewhere'));
    for (const [to, code] of [
      [url, 'NATS.SERVER_NOT_TRUSTED'],
      [{ url, caFile: access.caFile }, 'NATS.NOT_AUTHORISED'],
      [{ ...access, credsFile: stranger }, 'NATS.NOT_AUTHORISED'],
      [{ ...access, caFile: otherCa }, 'NATS.SERVER_NOT_TRUSTED'],
      [{ ...access, url: url.replace('127.0.0.1', '127.0.0.2') }, 'NATS.UNREACHABLE'],
      [{ ...access, credsFile: join(dir, 'nowhere.nk') }, 'INPUT.INVALID'],
    ] as const)
      await expect(connectNats(to as string, 'x')).rejects.toMatchObject({ code });
  });

  it('prints no password, and takes one where the server does', async () => {
    const failed = connectNats('nats://desk:s3cret@127.0.0.1:1,nats://desk:s3cret@127.0.0.1:2', 'x');
    await expect(failed).rejects.toMatchObject({
      code: 'NATS.UNREACHABLE',
      message: expect.not.stringContaining('s3cret') as string,
    });
    await expect(failed).rejects.toThrow('127.0.0.1:1,127.0.0.1:2');
    await expect(connectNats('http://desk:s3cret@x', 'x')).rejects.toMatchObject({
      code: 'INPUT.INVALID',
      message: expect.not.stringContaining('s3cret') as string,
    });
    const open = await startEmbeddedNats({
      binary,
      dir: join(dir, 'passwords'),
      settings: ['authorization { user: desk, password: s3cret }'],
    });
    try {
      const connection = await connectNats(open.url.replace('//', '//desk:s3cret@'), 'x');
      await connection.flush();
      await connection.close();
      await expect(connectNats(open.url.replace('//', '//desk:wr0ng@'), 'x')).rejects.toMatchObject({
        code: 'NATS.NOT_AUTHORISED',
        message: expect.not.stringContaining('wr0ng') as string,
      });
    } finally {
      await open.stop();
    }
  });

  it('says nothing outside the loopback to a server that offers no TLS', async () => {
    const port = await freePort();
    const open = await startEmbeddedNats({
      binary,
      dir: join(dir, 'open'),
      port,
      settings: [`listen: "0.0.0.0:${port}"`],
    });
    try {
      await expect(connectNats(`nats://${hostname()}:${port}`, 'x')).rejects.toMatchObject({
        code: 'NATS.TLS_MISSING',
      });
    } finally {
      await open.stop();
    }
  });

  it('keeps its keys for the owner alone, and renews a certificate before it expires', () => {
    for (const name of readdirSync(keysDir)) expect(statSync(join(keysDir, name)).mode & 0o077).toBe(0);
    expect(statSync(keysDir).mode & 0o077).toBe(0);
    const before = readFileSync(join(keysDir, 'server.pem'), 'utf8');
    ensureBusKeys(keysDir);
    expect(readFileSync(join(keysDir, 'server.pem'), 'utf8')).toBe(before);
    const copy = join(dir, 'renewed');
    const keys = ensureBusKeys(copy, ['nats']);
    const first = readFileSync(keys.certFile, 'utf8');
    ensureBusKeys(copy, ['nats'], Date.now() + 720 * 86_400_000);
    expect(readFileSync(keys.certFile, 'utf8')).not.toBe(first);
    expect([...ensureBusKeys(copy, ['nats']).users]).toEqual([...keys.users]);
  });

  it('lets nobody write through a consumer whose deliveries go to a subject of somebody else', async () => {
    const { connection } = seat('risk');
    const own = 'ek.evt.v1.07.risk.book.deputy';
    await jetstream(connection).publish(own, '{"engagements":[]}');
    const manager = await jetstreamManager(connection);
    const messages = async (stream: string) => (await manager.streams.info(stream)).state.messages;
    const before = await Promise.all(['KV_EK_CONTROL', 'EK_MARKET'].map(messages));
    for (const deliver_subject of ['$KV.EK_CONTROL.kill.firm', 'ek.mkt.v1.evenkeel.clock.instant'])
      await manager.consumers.add('EK_JOURNAL_1', {
        name: nuid.next(),
        deliver_subject,
        filter_subject: own,
      });
    await delay(300);
    expect(await Promise.all(['KV_EK_CONTROL', 'EK_MARKET'].map(messages))).toEqual(before);
  });

  it('gives every identity its rights, says so, and has the page say so', async () => {
    expect(Object.keys(loadRights())).toEqual(EVERYBODY);
    for (const identity of BUS_IDENTITIES)
      expect(await rightsFaults(seat(identity).connection, identity)).toEqual([]);
    expect((await rightsFaults(seat('risk').connection, 'strategy')).length).toBeGreaterThan(10);
    const page = spawnSync(process.execPath, [join(REPOSITORY, 'tools', 'rights-table.mjs'), '--check']);
    expect(page.status).toBe(0);
  });

  it('says what is not as it should be, and what is nearly full', async () => {
    const { connection } = seat('observer');
    const sound = await reportBus(connection);
    expect(sound.server).toMatchObject({ tls: true, authenticated: true, differences: [] });
    expect(sound.streams.flatMap(({ differences }) => differences)).toEqual([]);
    const replicated = await reportBus(connection, 3);
    const short = replicated.streams.filter(({ differences }) => differences.length > 0);
    expect(short.map(({ stream }) => stream)).toContain('KV_EK_CONTROL');
    const operator = (await jetstreamManager(seat('operator').connection)).streams;
    const { config } = await operator.info('KV_EK_CONTROL');
    await operator.update('KV_EK_CONTROL', { ...config, allow_direct: true });
    await expect(assertStreams(connection)).rejects.toMatchObject({
      code: 'NATS.STREAM_DIFFERS',
      message: expect.stringContaining('KV_EK_CONTROL: allow_direct is true, not false') as string,
    });
    await ensureStreams(seat('operator').connection);
    await assertStreams(connection);
    expect([0.5, 0.7, 0.84, 0.85].map((share) => fillOf(share * 100, 100))).toEqual([
      'ok',
      'high',
      'high',
      'alert',
    ]);
    const { server: limits, market } = loadStreamDefinitions();
    expect(journalLimit()).toBeGreaterThan(limits.maxFileBytes / 2);
    expect(market.maxBytes).toBeLessThan(journalLimit());
  });

  it('writes for a server of somebody else what this server takes', () => {
    const folder = join(dir, 'folder');
    writeBusFolder(folder, { hosts: ['nats'], listen: '127.0.0.1:4222', storeDir: join(dir, 'theirs') });
    const checked = spawnSync(binary, ['-t', '-c', join(folder, 'server', 'nats.conf')]);
    expect(`${checked.stderr.toString()}`).toContain('is valid');
    expect(readdirSync(join(folder, 'risk')).sort()).toEqual(['ca.pem', 'risk.nk']);
    expect(readdirSync(join(folder, 'server')).sort()).toEqual(['nats.conf', 'server.key', 'server.pem']);
    const config = readFileSync(join(folder, 'server', 'nats.conf'), 'utf8');
    expect(config).toContain('sync_interval: always');
    expect(config).not.toMatch(/\bSU[A-Z2-7]{50}/);
  });
});
