import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArchiveFolder, AuditFolder, examineFolder } from '@evenkeel/adapter-audit';
import { connectNats, findNatsServer, openEpoch, startEmbeddedNats } from '@evenkeel/adapter-nats';
import { createLedgerWriter, readSignedCheckpoints, verifyLedger } from '@evenkeel/adapter-postgres';
import { SoundHistory } from '../../../../libs/verification/src/sound-history.test-support';
import { sampleJournal } from '../../../../libs/adapter-postgres/src/sample/sample-journal.test-support';
import { detachOn, rebuildOn, retireOn } from './epoch-parts';

const TOOLS = join(__dirname, '..', '..', '..', '..', '.evenkeel', 'bin');

describe('a ledger that was lost', () => {
  let history: SoundHistory;
  beforeAll(async () => {
    history = await SoundHistory.make('rebuild', 160);
    await history.publish();
  }, 90_000);
  afterAll(() => history.stop());

  it('is rebuilt from the journal: same root, same read models', async () => {
    const database = await history.database();
    const nats = await startEmbeddedNats({
      binary: findNatsServer(TOOLS, () => undefined),
      dir: history.copyOf(history.natsDir),
    });
    const connection = await connectNats(nats.url, 'rebuild');
    const rebuilt = await rebuildOn({
      databaseUrl: database.url,
      auditDir: history.auditDir,
      from: { journal: connection },
      drop: true,
    });
    expect(rebuilt).toMatchObject({ read: history.journal.length, identical: true });
    expect(rebuilt.after.root).toBe(rebuilt.before?.root);
    expect(rebuilt.after.tables.some(({ rows }) => rows > 100)).toBe(true);
    await connection.close();
    await nats.stop();
  }, 90_000);

  it('is rebuilt from the archive alone, tree and checkpoints too, and verifies', async () => {
    const database = await history.database();
    const auditDir = join(history.dir, 'restored');
    const archive = { archive: history.archiveDir };
    const options = { databaseUrl: database.url, auditDir, from: archive, drop: true };
    const rebuilt = await rebuildOn(options);
    expect(rebuilt).toMatchObject({ read: history.journal.length, identical: true, auditRestored: true });
    const folder = AuditFolder.open(auditDir);
    expect(folder.checkpoints()).toEqual(AuditFolder.open(history.auditDir).checkpoints());
    const examined = await examineFolder(folder, { witnesses: [history.witness] });
    expect(examined.defects).toEqual([]);
    expect(examined.witnessed?.size).toBe(history.journal.length);
    const pool = database.pool();
    expect(await readSignedCheckpoints(pool)).toEqual(folder.checkpoints());
    const report = await verifyLedger(pool, { heads: examined.heads, leafAt: examined.leafAt });
    expect(report).toMatchObject({ status: 'clean', readModels: 'equal' });
    await pool.end();
  }, 90_000);

  it('is not rebuilt from an archive that was changed, nor replaced in the archive', async () => {
    const database = await history.database();
    const damaged = history.copyOf(history.archiveDir);
    const [segment = ''] = await new ArchiveFolder(damaged).list('segments/');
    rmSync(join(damaged, segment));
    writeFileSync(join(damaged, segment), 'nothing of the kind');
    const auditDir = join(history.dir, 'refused');
    await expect(
      rebuildOn({ databaseUrl: database.url, auditDir, from: { archive: damaged }, drop: true }),
    ).rejects.toMatchObject({ code: 'AUDIT.ARCHIVE_DAMAGED', path: segment });
    await expect(
      new ArchiveFolder(history.archiveDir).put(segment, Buffer.from('newer')),
    ).rejects.toMatchObject({
      code: 'AUDIT.ARCHIVE_EXISTS',
    });
  }, 60_000);

  it('lets go of a journal only when it is over, archived and witnessed', async () => {
    const database = await history.database();
    const pool = database.pool('evenkeel_reader');
    const nats = await startEmbeddedNats({
      binary: findNatsServer(TOOLS, () => undefined),
      dir: history.copyOf(history.natsDir),
    });
    const connection = await connectNats(nats.url, 'retire');
    const places = { auditDir: history.auditDir, archiveDir: history.archiveDir };
    await expect(retireOn(connection, pool, '1', places)).rejects.toThrow(/it is the epoch that is open/);
    await openEpoch(connection);
    await expect(
      retireOn(connection, pool, '1', { ...places, archiveDir: join(history.dir, 'no-archive') }),
    ).rejects.toThrow(/0 commits are archived/);
    const unwitnessed = history.copyOf(history.auditDir);
    rmSync(join(unwitnessed, 'cosigned.jsonl'));
    await expect(retireOn(connection, pool, '1', { ...places, auditDir: unwitnessed })).rejects.toMatchObject(
      {
        code: 'AUDIT.RETIRE_REFUSED',
      },
    );
    expect(await retireOn(connection, pool, '1', places)).toMatchObject({
      commits: history.journal.length,
    });
    await expect(retireOn(connection, pool, '1', places)).rejects.toThrow(/no journal of epoch 1/);
    await connection.close();
    await nats.stop();
    await pool.end();
  }, 90_000);

  it('lets go of rows only when their epoch is over, its journal gone, and the archive holds the same', async () => {
    const database = await history.database();
    const pool = database.pool();
    const nats = await startEmbeddedNats({
      binary: findNatsServer(TOOLS, () => undefined),
      dir: history.copyOf(history.natsDir),
    });
    const connection = await connectNats(nats.url, 'detach');
    const places = { auditDir: history.auditDir, archiveDir: history.archiveDir };
    const detach = (elsewhere: Partial<typeof places> = {}): Promise<unknown> =>
      detachOn(connection, database.url, '1', { ...places, ...elsewhere }, true);
    await openEpoch(connection);
    await expect(detach()).rejects.toThrow(
      /no other epoch has followed it; its journal is still on the server/,
    );
    await retireOn(connection, pool, '1', places);
    const writer = createLedgerWriter(pool, { epoch: '2' });
    await writer.append(sampleJournal({ seed: 'detach', steps: 3, epoch: '2' }));
    await writer.close();
    await expect(detach({ archiveDir: join(history.dir, 'no-archive') })).rejects.toThrow(
      /no archive that verifies/,
    );
    const damaged = history.copyOf(history.archiveDir);
    const [segment = ''] = await new ArchiveFolder(damaged).list('segments/');
    rmSync(join(damaged, segment));
    await expect(detach({ archiveDir: damaged })).rejects.toThrow(`the archive: ${segment}`);
    await database.asOwner(
      'UPDATE ledger.commit_log SET leaf_hash = sha256(leaf_hash) WHERE epoch = $1 AND seq = 7',
      ['1'],
      true,
    );
    await expect(detach()).rejects.toThrow('the archive holds other commits than the ledger');
    const sound = await history.database();
    const second = sound.pool();
    const again = createLedgerWriter(second, { epoch: '2' });
    await again.append(sampleJournal({ seed: 'detach', steps: 3, epoch: '2' }));
    await again.close();
    expect(await detachOn(connection, sound.url, '1', places, true)).toEqual({
      epoch: '1',
      commits: history.journal.length,
      table: 'commit_log_epoch_1',
      dropped: true,
    });
    expect(await verifyLedger(second)).toMatchObject({
      status: 'clean',
      detached: [{ epoch: '1', commits: history.journal.length }],
    });
    await expect(detachOn(connection, sound.url, '1', places, true)).rejects.toThrow(
      'epoch 1 was detached before',
    );
    await connection.close();
    await nats.stop();
    await Promise.all([pool.end(), second.end()]);
  }, 90_000);
});
