import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { verifyNatively } from '@evenkeel/signing-keys';
import type { Authors } from '@evenkeel/engine';
import { subjectOf } from '@evenkeel/eventing';
import type { SealedCommit, StoredCommit } from '@evenkeel/eventing';
import { partitionOf } from '@evenkeel/kernel';
import {
  FORGED_BOOK,
  FORGERIES,
  SignedEpoch,
  decisionDraft,
  honestDecision,
  keyNamed,
} from '@evenkeel/testkit';
import type { Forgery } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { JetStreamEventLog } from './journal';
import { authorsOf } from './journal-authors';
import { PartitionConsumer } from './partition-consumer';
import { startEmbeddedNats } from './server/embedded-nats';
import type { EmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { openEpoch } from './epochs';
import type { Epoch } from './epochs';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const PARTITION = partitionOf(FORGED_BOOK);
const AT = '2026-01-01T00:00:00Z';

describe('a journal on which somebody says what he may not', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let opened: Epoch;
  let epoch: SignedEpoch;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-forgeries-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
  });
  beforeEach(async () => {
    opened = await openEpoch(connection);
    epoch = new SignedEpoch(opened.epoch);
  });
  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const authors = (required = true): Promise<Authors> =>
    authorsOf(connection, opened, { verify: verifyNatively, deskKey: epoch.deskKey, required });

  async function publish({ bytes, commit }: SealedCommit, subject?: string): Promise<number> {
    const place = subject ?? subjectOf(commit.partition, commit.aggregate);
    return (await jetstream(connection).publish(place, bytes)).seq;
  }

  async function publishForgery({ forge, removed, subject }: Forgery): Promise<number> {
    const opening = epoch.opening();
    await publish(opening);
    const head = { version: opening.commit.toVersion, hash: opening.hash, seq: 1 };
    if (removed !== undefined) await publish(epoch.rotation([epoch.removal(removed)], head));
    return publish(forge(epoch), subject);
  }

  async function consume(judges: Authors, until: number): Promise<{ seen: StoredCommit[]; fault?: unknown }> {
    const seen: StoredCommit[] = [];
    const consumer: PartitionConsumer = new PartitionConsumer(connection, opened, {
      service: 'execution',
      partition: PARTITION,
      fromSeq: 1,
      contexts: ['risk', 'strategy', 'governance'],
      authors: judges,
      handle: (stored) => {
        seen.push(stored);
        if (stored.seq >= until) void consumer.stop();
        return Promise.resolve();
      },
    });
    try {
      await consumer.run();
      return { seen };
    } catch (fault) {
      return { seen, fault };
    }
  }

  async function readAll(judges: Authors): Promise<StoredCommit[]> {
    const all: StoredCommit[] = [];
    const log = new JetStreamEventLog(connection, opened.journalStream, { authors: judges });
    for await (const stored of log.read({})) all.push(stored);
    return all;
  }

  it('is consumed and recovered where everything is in order', async () => {
    await publish(epoch.opening());
    const seq = await publish(honestDecision(epoch));
    expect((await consume(await authors(), seq)).seen.map((stored) => stored.seq)).toEqual([seq]);
    expect(await readAll(await authors())).toHaveLength(2);
  });

  it.each(FORGERIES)('is not followed over $name: it stops, with a pointer to it', async (forgery) => {
    const seq = await publishForgery(forgery);
    const { seen, fault } = await consume(await authors(), seq);
    expect({ seen, fault }).toMatchObject({ seen: [], fault: { code: forgery.code, seq } });
    const { streams } = await jetstreamManager(connection);
    const letter = await streams.getMessage('EK_DLQ', { last_by_subj: `ek.dlq.v1.execution.${PARTITION}` });
    expect(letter?.json()).toMatchObject({ stream: opened.journalStream, seq, code: forgery.code });
    // What recovers, reports, or looks approvals up reads it here.
    await expect(readAll(await authors())).rejects.toMatchObject({ code: forgery.code, seq });
  });

  it('has keys that change at one place for every partition, heard there by who reads only his own', async () => {
    const opening = epoch.opening();
    await publish(opening);
    const judges = await authors();
    const head = { version: opening.commit.toVersion, hash: opening.hash, seq: 1 };
    const events = [epoch.enrolment('strategy', keyNamed('the next')), epoch.removal('strategy')];
    await publish(honestDecision(epoch));
    const rotation = await publish(epoch.rotation(events, head));
    const draft = {
      ...decisionDraft(FORGED_BOOK, 'd2', AT),
      actor: { kind: 'algo', id: 'strategy' },
    } as const;
    const next = await publish(epoch.seal(draft, 'the next', { producer: 'strategy' }));
    const seen = (await consume(judges, next)).seen.map(({ seq }) => seq);
    expect(seen).toEqual([rotation - 1, next]);
    const late = await publish(honestDecision(epoch));
    const { fault } = await consume(judges, late);
    expect(fault).toMatchObject({ code: 'AUTHORS.REMOVED_KEY', seq: late });
    // A process that starts now knows the same of every place.
    await expect(readAll(await authors())).rejects.toMatchObject({ code: 'AUTHORS.REMOVED_KEY', seq: late });
  });

  it('is refused as a whole when nobody signed it, unless that is allowed', async () => {
    await publish(epoch.seal(decisionDraft(FORGED_BOOK, 'd', AT), undefined));
    await expect(authors()).rejects.toMatchObject({ code: 'AUTHORS.UNSIGNED_EPOCH' });
    expect((await authors(false)).signed).toBe(false);
    expect(await readAll(await authors(false))).toHaveLength(1);
  });

  it('is refused as a whole when another desk opened it', async () => {
    await publish(epoch.opening());
    const deskKey = keyNamed('another desk').publicKey;
    const other = authorsOf(connection, opened, { verify: verifyNatively, deskKey, required: true });
    await expect(other).rejects.toMatchObject({ code: 'AUTHORS.ENROLMENT_INVALID' });
  });
});
