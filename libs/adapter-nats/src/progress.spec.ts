import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import type { PartitionReport } from '@evenkeel/engine';
import { connectNats } from './connection';
import { OwnedReports } from './owned-reports';
import { PROGRESS_SUBJECT, followProgress, publishProgress } from './progress';
import type { Progress } from './progress';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import type { UnreadableMessage } from './unreadable';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const SUBJECT = `${PROGRESS_SUBJECT}.risk`;
const report: PartitionReport = { seen: 3, appended: 4, at: '2026-01-01T00:00:00Z', owner: 2 };

const saying = (changes: object): string =>
  JSON.stringify({ service: 'risk', partitions: { '07': { ...report, ...changes } } });

const HOSTILE: readonly (readonly [string, string | Uint8Array])[] = [
  ['no JSON', 'x'],
  ['nothing', ''],
  ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00)],
  ['another service', JSON.stringify({ service: 'strategy', partitions: {} })],
  ['no partitions', JSON.stringify({ service: 'risk' })],
  ['a partition that there is not', JSON.stringify({ service: 'risk', partitions: { constructor: report } })],
  ['a huge number', saying({ appended: 1e300 })],
  ['a negative number', saying({ seen: -1 })],
  ['a time that is none', saying({ at: 'tomorrow' })],
  ['a wake-up in another century', saying({ nextWake: '9999-01-01T00:00:00Z' })],
  ['a reason without end', saying({ fault: 'x'.repeat(2_000) })],
  ['too much', ' '.repeat(100_000)],
];

describe('reports of services', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let stranger: NatsConnection;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-progress-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'price-ingest');
    stranger = await connectNats(server.url, 'stranger');
  });

  afterAll(async () => {
    await Promise.all([connection.close(), stranger.close()]);
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it.each(HOSTILE)('are heard after one with %s, which counts for nothing', async (_, hostile) => {
    const unreadable: UnreadableMessage[] = [];
    let heard: (progress: Progress) => void = () => undefined;
    const first = new Promise<Progress>((resolve) => (heard = resolve));
    const unfollow = followProgress(connection, ['risk'], heard, (found) => unreadable.push(found));
    await connection.flush();
    stranger.publish(SUBJECT, hostile);
    publishProgress(stranger, { service: 'risk', partitions: { '07': report } });
    expect(await first).toEqual({ service: 'risk', partitions: { '07': report } });
    expect(unreadable).toMatchObject([
      { code: 'NATS.UNREADABLE_MESSAGE', kind: 'progress', subject: SUBJECT },
    ]);
    // The connection answers as before.
    await connection.flush();
    unfollow();
  });

  it('are heard whatever a service says of its own trouble, shortened', async () => {
    let heard: (progress: Progress) => void = () => undefined;
    const first = new Promise<Progress>((resolve) => (heard = resolve));
    const unfollow = followProgress(connection, ['risk'], heard);
    await connection.flush();
    const fault = 'y'.repeat(5_000);
    publishProgress(stranger, { service: 'risk', partitions: { '07': { ...report, fault } } });
    expect((await first).partitions['07']?.fault).toBe('y'.repeat(1_000));
    unfollow();
  });
});

describe('the report of an owner', () => {
  const tokens = new Map([['risk/07', 2]]);
  const heard: (number | undefined)[] = [];
  const strangers: number[] = [];
  const reports = new OwnedReports({
    tokenOf: (service, partition) => Promise.resolve(tokens.get(`${service}/${partition}`)),
    onReport: ({ partitions }) => heard.push(partitions['07']?.owner),
    onStranger: (_service, _partition, token) => strangers.push(token),
    onTrouble: (error) => {
      throw error;
    },
  });
  const say = async (owner?: number): Promise<void> => {
    const { owner: _, ...rest } = report;
    const one = owner === undefined ? rest : { ...rest, owner };
    reports.take({ service: 'risk', partitions: { '07': one } });
    await new Promise(setImmediate);
  };

  it('counts under the token of the lease alone', async () => {
    await say();
    expect(heard).toEqual([]);
    await say(2);
    await say(1_000_000);
    await say(1);
    await say();
    await say(2);
    expect([heard, strangers]).toEqual([[2, 2], [1_000_000]]);
    // The partition moves.
    tokens.set('risk/07', 3);
    await say(3);
    await say(2);
    await say(3);
    expect(heard).toEqual([2, 2, 3, 3]);
  });
});
