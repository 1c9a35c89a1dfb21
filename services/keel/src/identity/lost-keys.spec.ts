import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  JetStreamEventLog,
  authorsOf,
  connectNats,
  currentEpoch,
  environmentOf,
  journalStreams,
  removeJournal,
} from '@evenkeel/adapter-nats';
import { createLedgerPool, createLedgerWriter } from '@evenkeel/adapter-postgres';
import { enrolKey } from '@evenkeel/desk';
import type { JournalInDoubt } from '@evenkeel/desk';
import { required, toHex } from '@evenkeel/kernel';
import { generateKeyPem, verifyNatively } from '@evenkeel/signing-keys';
import { keyNamed } from '@evenkeel/testkit';
import type { Pool } from 'pg';
import { withDeskJournal } from '../governance/nats-desk';
import { Roster } from '../governance/roster';
import { loadRunInputs } from '../run/inputs';
import { openRunEpoch } from '../run/open-epoch';
import type { OpenedEpoch } from '../run/open-epoch';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import type { Stack } from '../stack/stack';
import { CommitKeyring } from './commit-keyring';
import { replaceDeskKey, requireEnrolled } from './opening-keys';

const WHO = { by: 'ann', reason: 'the disk is lost' } as const;

/** One home and its history; what a case takes away, the next one has again. */
describe('keys, roster and floors that are lost beside a history that names them', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-lost-keys-'));
  const home = homeOf({ EK_HOME: dir });
  const keyring = new CommitKeyring(home);
  const deskKeyPath = join(home.identity, 'commit', 'keel', 'key.pem');
  const { tape, books } = loadRunInputs({ books: [], seed: 'lost', days: 1 });
  let stack: Stack;
  let connection: NatsConnection;
  let pool: Pool;
  let first: string;

  const open = (): Promise<OpenedEpoch> =>
    openRunEpoch(connection, stack.databaseUrl, { books, tape }, 'tape', home);
  const withDesk = <T>(work: (journal: JournalInDoubt) => Promise<T>): Promise<T> =>
    withDeskJournal(home, work);
  const newest = async (): Promise<string> => (await currentEpoch(connection)).epoch;
  const deskOf = async (): Promise<ReturnType<typeof keysOf>> => keysOf(await currentEpoch(connection));
  const keysOf = (epoch: Parameters<typeof authorsOf>[1]) =>
    authorsOf(connection, epoch, { verify: verifyNatively, required: true });

  /** Without what lies at a path, which is put back. */
  async function without<T>(path: string, work: () => Promise<T>): Promise<T> {
    renameSync(path, `${path}.away`);
    try {
      return await work();
    } finally {
      rmSync(path, { recursive: true, force: true });
      renameSync(`${path}.away`, path);
    }
  }

  beforeAll(async () => {
    stack = await startStack({ home, say: () => undefined, environment: { EK_DURABILITY: 'unsynced' } });
    connection = await connectNats(stack.access('operator'), 'lost-keys');
    pool = createLedgerPool({ url: stack.databaseUrl, role: 'evenkeel_ledger', max: 2 });
    Object.assign(process.env, environmentOf(stack.access('desk')));
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await connection.close();
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('are made where the first epoch is opened, and by nobody who only asks', async () => {
    await expect(withDesk((journal) => journal.peoplesCommits())).rejects.toMatchObject({
      code: 'NATS.NO_EPOCH',
    });
    expect(existsSync(deskKeyPath)).toBe(false);
    expect((await open()).notes).toEqual([]);
    first = toHex(required(keyring.deskPublicKey, 'a desk key'));
    expect((await open()).notes).toEqual([]);
  });

  it('no desk key is made in a lost one’s place: no epoch opens, nobody is heard, and everybody may read', async () => {
    await without(deskKeyPath, async () => {
      const lost = { code: 'AUTHORS.DESK_KEY_LOST', message: expect.stringContaining(first) as string };
      await expect(open()).rejects.toMatchObject(lost);
      const change = { service: 'risk', publicKey: keyNamed('next').publicKey, by: 'ann', at: '2026-07-01' };
      await expect(withDesk((journal) => enrolKey(journal, change))).rejects.toMatchObject(lost);
      expect(await withDesk((journal) => journal.peoplesCommits())).not.toHaveLength(0);
      expect(existsSync(deskKeyPath)).toBe(false);
    });
    // And where nothing of the keys is left at all.
    await without(join(home.identity, 'commit'), async () => {
      const message = expect.stringMatching(
        new RegExp(`${first}.*epoch 2.*keel keys replace-desk`),
      ) as string;
      await expect(open()).rejects.toMatchObject({ code: 'AUTHORS.DESK_KEY_LOST', message });
      expect(existsSync(deskKeyPath)).toBe(false);
    });
    expect(await newest()).toBe('2');
  });

  it('a key that nobody said anything of does not take its place either', async () => {
    await without(deskKeyPath, async () => {
      writeFileSync(deskKeyPath, generateKeyPem(), { mode: 0o600 });
      const message = expect.stringContaining(first) as string;
      await expect(open()).rejects.toMatchObject({ code: 'AUTHORS.DESK_KEY_FOREIGN', message });
    });
    expect(await newest()).toBe('2');
  });

  it('a service’s key is made anew by the next epoch only, which says so', async () => {
    const path = join(home.identity, 'commit', 'risk', 'key.pem');
    const authors = await deskOf();
    const before = toHex(
      required(
        keyring.all().find(({ service }) => service === 'risk'),
        'risk',
      ).publicKey,
    );
    requireEnrolled(keyring, authors);
    rmSync(path);
    expect(() => keyring.environmentOf('risk')).toThrow(/keel keys rotate risk/);
    expect(() => requireEnrolled(keyring, authors)).toThrow(/keel keys rotate risk/);
    expect(existsSync(path)).toBe(false);
    const { notes } = await open();
    expect(notes).toEqual([
      expect.stringMatching(new RegExp(`^risk signs with another.*not ${before}; there was none`)),
    ]);
    expect(() => requireEnrolled(keyring, authors)).toThrow(/none that the open epoch enrols/);
    requireEnrolled(keyring, await deskOf());
    expect((await open()).notes).toEqual([]);
  });

  it('another desk key takes over with the next epoch, once somebody said so, and that is on record', async () => {
    await expect(replaceDeskKey(connection, pool, home, WHO)).resolves.toMatchObject({ inPlaceOf: first });
    // The running epoch has its key as long as it runs.
    expect(toHex(required(keyring.deskPublicKey, 'the key'))).toBe(first);
    rmSync(deskKeyPath);
    const { notes } = await open();
    expect(notes).toEqual([expect.stringMatching(/^the desk signs with .*: the disk is lost \(ann\)$/)]);
    const { deskKey, replacedDeskKey } = await deskOf();
    expect(replacedDeskKey).toEqual({ ...WHO, inPlaceOf: first });
    expect(deskKey).toEqual(keyring.deskPublicKey);
    expect((await open()).notes).toEqual([]);
    expect((await deskOf()).replacedDeskKey).toBeUndefined();
  });

  it('a roster that is lost goes on as it is on record; one that is begun anew opens nothing', async () => {
    const roster = new Roster(home.governance);
    for (const identity of ['ada', 'ben']) roster.add({ identity, roles: ['administrator'] });
    expect((await open()).notes).toEqual([]);
    const pin = required(roster.pin(), 'a pin');
    await without(home.governance, async () => {
      roster.add({ identity: 'eve', roles: ['administrator'] });
      await expect(open()).rejects.toMatchObject({ code: 'GOVERNANCE.ROSTER_CONTRADICTED' });
      rmSync(home.governance, { recursive: true });
      expect((await open()).notes).toEqual([expect.stringContaining(pin)]);
      expect(roster.pin()).toBe(pin);
    });
    expect((await open()).notes).toEqual([]);
  });

  it('are known from the ledger alone, and so is the epoch’s number without floors', async () => {
    const epoch = await currentEpoch(connection);
    const writer = createLedgerWriter(pool, { epoch: epoch.epoch });
    for await (const stored of new JetStreamEventLog(connection, epoch.journalStream).read({}))
      if (stored.seq <= 3) await writer.append([stored]);
    await writer.close();
    for (const journal of await journalStreams(connection)) await removeJournal(connection, journal);
    await without(deskKeyPath, () => expect(open()).rejects.toMatchObject({ code: 'AUTHORS.DESK_KEY_LOST' }));
    expect(existsSync(home.floors)).toBe(false);
    expect(Number((await open()).epoch)).toBe(Number(epoch.epoch) + 1);
  });
});
