import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { Registry } from 'prom-client';
import {
  AuditFolder,
  Witness,
  beginLogOver,
  examineFolder,
  openLog,
  openSignedFolder,
  rotateLogKey,
  serveWitness,
  signerFromPem,
  trailEvidence,
} from '@evenkeel/adapter-audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import type { RunningWitness, WitnessEndpoint } from '@evenkeel/adapter-audit';
import {
  CheckpointStream,
  connectNats,
  ensureStreams,
  findNatsServer,
  startEmbeddedNats,
} from '@evenkeel/adapter-nats';
import type { EmbeddedNats, UnreadableMessage } from '@evenkeel/adapter-nats';
import {
  LedgerToVerify,
  createLedgerWriter,
  leafIndexOf,
  readCosignedCheckpoints,
  readSignedCheckpoints,
  readTree,
  verifyLedger,
} from '@evenkeel/adapter-postgres';
import { formatVerifierKey, leafHashOf, verifyInclusion } from '@evenkeel/audit';
import { required, sha256, toHex } from '@evenkeel/kernel';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { LedgerCluster } from '../../../../libs/adapter-postgres/src/sample/ledger-cluster.test-support';
import { sampleJournal } from '../../../../libs/adapter-postgres/src/sample/sample-journal.test-support';
import { createAuditMetrics } from './audit-metrics';
import { LedgerTrail, isOtherLog } from './ledger-trail';
import type { LedgerTrailOptions } from './ledger-trail';

const TOOLS = join(__dirname, '..', '..', '..', '..', '.evenkeel', 'bin');
const honest = sampleJournal({ seed: 'honest', steps: 240 });
const rewritten = sampleJournal({ seed: 'another story', steps: 270 });

let cluster: LedgerCluster;
let nats: EmbeddedNats;
let connection: NatsConnection;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'evenkeel-trail-'));
  cluster = await LedgerCluster.start();
  nats = await startEmbeddedNats({ binary: findNatsServer(TOOLS, () => undefined), dir: join(dir, 'nats') });
  connection = await connectNats(nats.url, 'test');
  await ensureStreams(connection);
}, 60_000);
afterAll(async () => {
  await connection.close();
  await nats.stop();
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
});

let homes = 0;
const newFolder = (): string => join(dir, `audit-${(homes += 1)}`);

interface Opened {
  readonly trail: LedgerTrail;
  readonly registry: Registry;
  readonly said: string[];
}

async function open(pool: Pool, more: Partial<LedgerTrailOptions> & { folder: string }): Promise<Opened> {
  const { folder, ...rest } = more;
  const registry = new Registry();
  const said: string[] = [];
  const note = (details: object, message: string): void =>
    void said.push(`${message} ${'err' in details ? String(details.err) : JSON.stringify(details)}`);
  const trail = await LedgerTrail.open({
    pool,
    key: { folder, origin: `desk.example/${folder.split('-').pop() ?? ''}` },
    witnesses: [],
    witnessTimeoutMs: 2_000,
    metrics: createAuditMetrics(registry),
    log: { info: note, warn: note, error: note },
    now: () => 1_800_000_000,
    ...rest,
  });
  return { trail, registry, said };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(5);
}

/** Writes a journal through the ledger's writer, in batches, with the trail following, to its end. */
async function follow(pool: Pool, { trail }: Opened, journal = honest): Promise<void> {
  const writer = createLedgerWriter(pool, { epoch: '1', signedRootAt: trail.signedRootAt });
  trail.start();
  for (let from = 0; from < journal.length; from += 70) {
    await writer.append(journal.slice(from, from + 70));
    trail.wake();
  }
  await writer.close();
  await trail.stop();
}

describe('the trail of the ledger', () => {
  it('follows the rows and keeps what it signs in the folder, in Postgres and on EK_AUDIT', async () => {
    const pool = (await cluster.database()).pool();
    const folder = newFolder();
    const opened = await open(pool, {
      folder,
      stream: (origin) => CheckpointStream.open(connection, origin, () => undefined),
    });
    await follow(pool, opened);
    expect(opened.said).toEqual([]);
    const kept = AuditFolder.open(folder);
    const sizes = kept.checkpoints().map(({ note }) => Number(note.split('\n')[1]));
    expect(sizes.slice(0, 2)).toEqual([256, 512]);
    expect(sizes[sizes.length - 1]).toBe(honest.length);
    expect(await readSignedCheckpoints(pool)).toEqual(kept.checkpoints());
    const stream = await CheckpointStream.open(connection, kept.identity.origin, () => undefined);
    expect(await stream.history([])).toEqual(kept.checkpoints());
    const examined = await examineFolder(kept);
    expect(examined.defects).toEqual([]);
    const tree = await readTree(pool);
    expect(toHex(required(examined.newest, 'a head').root)).toBe(toHex(tree.root));
    const report = await verifyLedger(pool, { heads: examined.heads, leafAt: examined.leafAt });
    expect(report).toMatchObject({ status: 'clean', headsAgreed: sizes.length });
    // A proof of any commit leads to a checkpoint that covers it.
    const commit = required(honest[99], 'a commit');
    const index = required(await leafIndexOf(pool, '1', commit.seq), 'a leaf');
    const { head } = required(kept.covering(index), 'a checkpoint');
    const leafHash = leafHashOf({ epoch: '1', seq: commit.seq, commitHash: toHex(sha256(commit.bytes)) });
    const proof = kept.proofOf(index, head.size);
    expect(verifyInclusion({ index, size: head.size, leafHash, proof }, head.root)).toBe(true);
    expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toContain('PRIVATE KEY');
  }, 60_000);

  it('goes on over messages on its subject that are no checkpoints', async () => {
    const pool = (await cluster.database()).pool();
    const folder = newFolder();
    const found: UnreadableMessage[] = [];
    const stream = (origin: string) =>
      CheckpointStream.open(connection, origin, (unreadable) => found.push(unreadable));
    const key = { folder, origin: 'desk.example/junk', keyPem: generateKeyPem() };
    const junk = () => connection.request('ek.audit.v1.checkpoint.desk_example_junk', 'x');
    await junk();
    await follow(pool, await open(pool, { folder, key, stream }), honest.slice(0, 300));
    await junk();
    const again = await open(pool, { folder, key, stream });
    await follow(pool, again);
    expect(again.said).toEqual([]);
    expect(await (await stream(key.origin)).history([])).toEqual(AuditFolder.open(folder).checkpoints());
    expect(found[0]).toMatchObject({ code: 'NATS.UNREADABLE_MESSAGE', kind: 'checkpoint' });
  }, 60_000);

  it('goes on after a restart, and gets a lost folder back from Postgres, EK_AUDIT and the rows', async () => {
    const pool = (await cluster.database()).pool();
    const folder = newFolder();
    const keyPem = generateKeyPem();
    const key = { folder, origin: 'desk.example/lost', keyPem };
    const more = {
      folder,
      key,
      stream: (origin: string) => CheckpointStream.open(connection, origin, () => undefined),
    };
    await follow(pool, await open(pool, more), honest.slice(0, 300));
    await follow(pool, await open(pool, more));
    const before = AuditFolder.open(folder).checkpoints();
    rmSync(folder, { recursive: true });
    const again = await open(pool, more);
    await again.trail.stop();
    const after = AuditFolder.open(folder);
    expect(after.checkpoints()).toEqual(before);
    expect((await examineFolder(after)).defects).toEqual([]);
    // The copies agree again; one that was written anew stops everything.
    rmSync(folder, { recursive: true });
    const other = (await cluster.database()).pool();
    const forger = await open(other, {
      folder,
      key,
    });
    await follow(other, forger, rewritten);
    await expect(open(pool, more)).rejects.toMatchObject({ code: 'AUDIT.CHECKPOINTS_DISAGREE' });
  }, 90_000);

  it('takes a row over once, also when it is stopped with rows waiting behind a slow round', async () => {
    const database = await cluster.database();
    const pool = database.pool();
    const folder = newFolder();
    const { trail, said } = await open(pool, { folder, secondsMax: 0 });
    const writer = createLedgerWriter(pool, { epoch: '1', signedRootAt: trail.signedRootAt });
    const owner = new Client({ connectionString: database.url });
    await owner.connect();
    await writer.append(honest.slice(0, 280));
    // The first round signs and cannot keep what it signed.
    await owner.query('BEGIN; LOCK TABLE ledger.signed_checkpoint');
    trail.start();
    await until(() => trail.size === 280);
    await writer.append(honest.slice(280, 300));
    trail.wake();
    // As many connections are open as two rounds at once would take.
    await Promise.all([1, 2, 3].map(() => pool.query('SELECT pg_sleep(0.1)')));
    const stopped = trail.stop();
    await owner.query('COMMIT');
    await stopped;
    await Promise.all([owner.end(), writer.close()]);
    expect(trail.size).toBe(300);
    expect(said).toEqual([]);
    const examined = await examineFolder(AuditFolder.open(folder));
    expect(examined.defects).toEqual([]);
    const { size, root } = await readTree(pool);
    expect(examined.newest).toMatchObject({ size, root });
  }, 60_000);

  it('signs nothing behind a row that is not there', async () => {
    const database = await cluster.database();
    const pool = database.pool();
    const folder = newFolder();
    const { trail, said } = await open(pool, { folder, commitsMax: 4 });
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append(honest.slice(0, 20));
    await writer.close();
    await database.asOwner('DELETE FROM ledger.commit_log WHERE seq = 10', [], true);
    trail.start();
    await trail.stop();
    expect(said.join()).toContain('Row 10 of the ledger would be leaf 9 of its tree');
    const sizes = AuditFolder.open(folder)
      .checkpoints()
      .map(({ note }) => note.split('\n')[1]);
    expect(sizes).toEqual(['4', '8']);
  }, 60_000);

  it('refuses rows that contradict what was signed, when a database is filled anew', async () => {
    const folder = newFolder();
    const first = (await cluster.database()).pool();
    await follow(first, await open(first, { folder }));
    const second = (await cluster.database()).pool();
    const { trail } = await open(second, { folder });
    const writer = createLedgerWriter(second, { epoch: '1', signedRootAt: trail.signedRootAt });
    await expect(writer.append(rewritten)).rejects.toMatchObject({
      code: 'LEDGER.TREE_CONTRADICTS',
      seq: 256,
    });
    await writer.close();
    // The same history is welcome, and the database gets its checkpoints back.
    const third = (await cluster.database()).pool();
    const opened = await open(third, { folder });
    await follow(third, opened);
    expect(opened.said).toEqual([]);
    expect(await readSignedCheckpoints(third)).toEqual(AuditFolder.open(folder).checkpoints());
  }, 90_000);

  it('raises an alarm for a witness that is away and goes on without it', async () => {
    const pool = (await cluster.database()).pool();
    const witness = signerFromPem('auditor.example/away', generateKeyPem(), 'cosignatures');
    const opened = await open(pool, {
      folder: newFolder(),
      witnesses: [{ key: witness.key, url: 'http://127.0.0.1:1' }],
      witnessTimeoutMs: 500,
    });
    await follow(pool, opened);
    expect(opened.trail.size).toBe(honest.length);
    expect(opened.said.join('\n')).toContain('AUDIT.WITNESS_UNREACHABLE');
    expect(await opened.registry.metrics()).toMatch(
      /evenkeel_audit_witness_alerts_total\{code="AUDIT.WITNESS_UNREACHABLE"\} [1-9]/,
    );
    expect((await readSignedCheckpoints(pool)).length).toBeGreaterThan(1);
    expect(await readCosignedCheckpoints(pool)).toEqual([]);
  }, 60_000);
});

describe('a history that was signed', () => {
  const story = honest.slice(0, 300);
  let pool: Pool;
  let folder: string;
  const origin = () => AuditFolder.open(folder).identity.origin;
  const published = (of: string) => async () =>
    (await CheckpointStream.all(connection, () => undefined)).filter(({ newest }) =>
      newest.note.startsWith(`${of}\n`),
    );
  /** As the ledger of an installation does that names neither key nor origin. */
  const again = (into: Pool, inFolder: string, over: Partial<LedgerTrailOptions> = {}) =>
    open(into, { folder: inFolder, key: { folder: inFolder }, ...over });
  const refused = async (opening: Promise<unknown>, inFolder: string) => {
    const before = existsSync(inFolder) ? readdirSync(inFolder) : [];
    const error: unknown = await opening.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isOtherLog(error)).toBe(true);
    expect(existsSync(inFolder) ? readdirSync(inFolder) : []).toEqual(before);
    expect(await readSignedCheckpoints(pool)).toHaveLength(2);
    return error;
  };

  beforeEach(async () => {
    pool = (await cluster.database()).pool();
    folder = newFolder();
    const stream = (name: string) => CheckpointStream.open(connection, name, () => undefined);
    await follow(pool, await again(pool, folder, { stream }), story);
  });

  it('is not begun anew where the folder was moved away, and goes on when it is back', async () => {
    const name = origin();
    renameSync(folder, `${folder}.bak`);
    expect(await refused(again(pool, folder), folder)).toMatchObject({
      code: 'AUDIT.LOG_LOST',
      message: expect.stringMatching(
        new RegExp(
          `holds no audit log, and Postgres holds 2 checkpoints of ${name}, the newest over 300 commits`,
        ),
      ) as string,
    });
    // Whoever only reads is told the same, not that a log is still to begin.
    const trail = { folder, witnesses: [], outside: [] };
    expect((await trailEvidence(new LedgerToVerify(pool).checkpoints, trail)).findings).toMatchObject([
      { code: 'AUDIT.LOG_LOST', message: expect.stringContaining(`2 checkpoints of ${name}`) as string },
    ]);
    const opened = openSignedFolder(folder, () => readSignedCheckpoints(pool));
    await expect(opened).rejects.toMatchObject({ code: 'AUDIT.LOG_LOST' });
    const nothing = openSignedFolder(folder, () => Promise.resolve([]));
    await expect(nothing).rejects.toMatchObject({ code: 'AUDIT.NO_LOG' });
    renameSync(`${folder}.bak`, folder);
    await follow(pool, await again(pool, folder));
    expect(AuditFolder.open(folder).checkpoints()).toHaveLength(honest.length > 300 ? 4 : 2);
  }, 60_000);

  it('is not gone on with by another key, and a lost key is not made anew', async () => {
    const key = join(folder, 'key.pem');
    const pem = readFileSync(key);
    writeFileSync(key, generateKeyPem());
    expect(await refused(again(pool, folder), folder)).toMatchObject({ code: 'AUDIT.KEY_NOT_IN_OFFICE' });
    rmSync(key);
    expect(await refused(again(pool, folder), folder)).toMatchObject({ code: 'AUDIT.KEY_LOST' });
    await expect(rotateLogKey({ folder: newFolder() })).rejects.toMatchObject({ code: 'AUDIT.NO_LOG' });
    writeFileSync(key, pem);
    await (await again(pool, folder)).trail.stop();
  }, 60_000);

  it('is not gone on with under another name, nor in the folder of another log', async () => {
    const other = newFolder();
    await (await again((await cluster.database()).pool(), other)).trail.stop();
    expect(await refused(again(pool, other), other)).toMatchObject({ code: 'AUDIT.LOG_FOREIGN' });
    rmSync(folder, { recursive: true });
    const key = { folder, origin: 'desk.example/typo', keyPem: generateKeyPem() };
    expect(await refused(open(pool, { folder, key }), folder)).toMatchObject({ code: 'AUDIT.LOG_FOREIGN' });
    // By its own name, but with a key that did not sign it.
    const wrong = { folder, keyPem: generateKeyPem() };
    expect(await refused(open(pool, { folder, key: wrong }), folder)).toMatchObject({
      code: 'AUDIT.LOG_LOST',
    });
  }, 60_000);

  it('is the same when the tiles were emptied: they are written again from the rows', async () => {
    const before = AuditFolder.open(folder).checkpoints();
    rmSync(join(folder, 'tiles'), { recursive: true });
    await (await again(pool, folder)).trail.stop();
    expect(AuditFolder.open(folder).checkpoints()).toEqual(before);
    expect((await examineFolder(AuditFolder.open(folder))).defects).toEqual([]);
  }, 60_000);

  it('is completed from Postgres where an older folder was put back, unless its keys were rotated since', async () => {
    cpSync(folder, `${folder}.old`, { recursive: true });
    await follow(pool, await again(pool, folder));
    const whole = AuditFolder.open(folder).checkpoints();
    rmSync(folder, { recursive: true });
    cpSync(`${folder}.old`, folder, { recursive: true });
    await (await again(pool, folder)).trail.stop();
    expect(AuditFolder.open(folder).checkpoints()).toEqual(whole);
    expect((await examineFolder(AuditFolder.open(folder))).defects).toEqual([]);

    await rotateLogKey({ folder });
    const rotated = await again(pool, folder);
    await expect(rotated.trail.stop()).resolves.toBeUndefined();
  }, 60_000);

  it('is not gone on with by keys that were retired after the copy of the folder was made', async () => {
    cpSync(folder, `${folder}.old`, { recursive: true });
    await rotateLogKey({ folder });
    await follow(pool, await again(pool, folder));
    rmSync(folder, { recursive: true });
    cpSync(`${folder}.old`, folder, { recursive: true });
    await expect(again(pool, folder)).rejects.toMatchObject({ code: 'AUDIT.LOG_FOREIGN' });
  }, 60_000);

  it('on EK_AUDIT alone keeps another log from being begun, unless a person says so on record', async () => {
    const [name, empty, next] = [origin(), (await cluster.database()).pool(), newFolder()];
    const over = { published: published(name) };
    expect(await refused(again(empty, next, over), next)).toMatchObject({ code: 'AUDIT.LOG_LOST' });
    const who = { by: 'ada', reason: 'the key is lost', at: '2026-07-01T10:00:00Z' };
    const stream = await published(name)();
    expect(() => beginLogOver({ folder }, { ledger: [], stream }, who)).toThrow(/it goes on/);
    const { identity } = beginLogOver({ folder: next }, { ledger: [], stream }, who);
    expect(identity.begun).toMatchObject({ ...who, follows: [{ origin: name, size: 300 }] });
    await follow(empty, await again(empty, next, over), story);
    expect(AuditFolder.open(next).identity).toEqual(identity);
    // A log that nobody begun in the place of another is none of this server's.
    const foreign = newFolder();
    await (await again((await cluster.database()).pool(), foreign)).trail.stop();
    const anew = (await cluster.database()).pool();
    expect(await refused(again(anew, foreign, over), foreign)).toMatchObject({ code: 'AUDIT.LOG_FOREIGN' });
  }, 60_000);
});

describe('an operator with the database password and the signing key', () => {
  let running: RunningWitness;
  let endpoint: WitnessEndpoint;
  const caught: string[] = [];
  const key = { folder: '', origin: 'desk.example/operator', keyPem: generateKeyPem() };
  const stateFolder = (): string => join(dir, 'witness-state');

  beforeAll(async () => {
    key.folder = newFolder();
    const { keyring } = await openLog(key);
    const signer = signerFromPem('auditor.example/w1', generateKeyPem(), 'cosignatures');
    const witness = new Witness({
      logs: new Map([[key.origin, { keyring }]]),
      signer,
      stateFolder: stateFolder(),
      now: () => 1_800_000_000,
      onMisbehaviour: (message) => caught.push(message),
    });
    running = await serveWitness(witness, 0);
    endpoint = { key: signer.key, url: running.url };
  });
  afterAll(() => running.close());

  it('who rewrites the whole history, with valid chains and signatures, is caught by the witness', async () => {
    const pool = (await cluster.database()).pool();
    await follow(pool, await open(pool, { folder: key.folder, key, witnesses: [endpoint] }));
    const [cosigned] = (await readCosignedCheckpoints(pool)).slice(-1);
    expect(cosigned).toMatchObject({ size: honest.length, witnesses: ['auditor.example/w1'] });
    expect(caught).toEqual([]);

    // The operator throws database, tree and memory away and writes another story, from the first commit on.
    rmSync(key.folder, { recursive: true });
    const forgedPool = (await cluster.database()).pool();
    const forged = await open(forgedPool, { folder: key.folder, key, witnesses: [endpoint] });
    await follow(forgedPool, forged, rewritten);

    // By itself it is flawless: rows, tree, checkpoints, signatures.
    const folder = AuditFolder.open(key.folder);
    const alone = await examineFolder(folder, { witnesses: [endpoint.key] });
    expect(alone.defects).toEqual([]);
    expect(await verifyLedger(forgedPool, { heads: alone.heads })).toMatchObject({ status: 'clean' });

    // But no cosignature was to be had for it, the desk hears an alarm, and the witness holds the evidence.
    expect(alone.witnessed).toBeUndefined();
    expect(await readCosignedCheckpoints(forgedPool)).toEqual([]);
    expect(forged.said.join('\n')).toMatch(/AUDIT\.WITNESS_(REFUSED_FORK|AHEAD)/);
    expect(caught.length).toBeGreaterThan(0);
    const evidence = readdirSync(stateFolder()).filter((name) => name.startsWith('misbehaviour-'));
    expect(evidence.length).toBeGreaterThan(0);
    expect(readFileSync(join(stateFolder(), required(evidence[0], 'evidence')), 'utf8')).toContain(
      key.origin,
    );

    // The auditor takes it from his own witness.
    const ownCopy = readdirSync(stateFolder()).find((name) => name.endsWith('-checkpoint.txt'));
    expect(readFileSync(join(stateFolder(), required(ownCopy, 'a kept checkpoint')), 'utf8')).toBe(
      required(cosigned, 'a cosigned checkpoint').note,
    );

    // Whoever kept the cosigned checkpoint sees that this history does not lead through it.
    const outside = { name: 'kept by the auditor', note: required(cosigned, 'a cosigned checkpoint').note };
    const held = await examineFolder(folder, { witnesses: [endpoint.key], outside: [outside] });
    const report = await verifyLedger(forgedPool, { heads: held.heads, leafAt: held.leafAt });
    expect(report.status).toBe('divergent');
    expect(report.findings.map(({ code }) => code)).toContain('AUDIT.ROOT_MISMATCH');
    expect(held.witnessed).toEqual({
      size: honest.length,
      witnesses: [formatVerifierKey(endpoint.key).split('+')[0]],
    });
  }, 120_000);
});
