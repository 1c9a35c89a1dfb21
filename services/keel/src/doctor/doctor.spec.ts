import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyRoles, migrate, startEmbeddedPostgres, urlOfLogin } from '@evenkeel/adapter-postgres';
import { homeOf } from '../stack/home';
import { databasePage, databaseReport } from './database';
import { machinePage, machineReport } from './machine';

const PASSWORDS = { migrate: 'migrate-secret', writer: 'writer-secret-', auditor: 'auditor-secret' };

describe('keel doctor', () => {
  let dir: string;
  beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'evenkeel-doctor-'))));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('says of each login of the database what it may and what stands in its way, and no password', async () => {
    const server = await startEmbeddedPostgres({ dir: join(dir, 'pg'), durability: 'process' });
    try {
      const admin = await server.createDatabase('doctor');
      await applyRoles(admin, PASSWORDS);
      const url = (login: keyof typeof PASSWORDS): string => urlOfLogin(admin, login, PASSWORDS[login]);
      const ask = (writer: string) =>
        databaseReport([
          { variable: 'DATABASE_URL', need: 'write', url: writer },
          { variable: 'EK_MIGRATE_DATABASE_URL', need: 'migrate', url: url('migrate') },
        ]);
      const before = await ask(url('writer'));
      expect(before.problems).toEqual([expect.stringMatching(/^DATABASE_URL: POSTGRES\.NO_SCHEMA: /)]);
      await migrate(url('migrate'));
      const sound = await ask(url('writer'));
      expect(sound.problems).toEqual([]);
      expect(databasePage(sound)).toMatch(
        /^DATABASE_URL +PostgreSQL 1\d.* as evenkeel_writer: may write, may read; schema up to date; TLS no\nEK_MIGRATE_DATABASE_URL .* as evenkeel_migrate: may migrate/,
      );
      expect(JSON.stringify(sound)).not.toContain('secret');
      expect((await ask(url('migrate'))).problems).toEqual([
        expect.stringMatching(/"evenkeel_migrate" owns the database.*name evenkeel_writer/),
      ]);
      expect((await ask(url('auditor'))).problems).toEqual([
        expect.stringMatching(/^DATABASE_URL: POSTGRES\.NOT_PERMITTED: "evenkeel_auditor"/),
      ]);
      const nobody = await ask('postgres://x:secret@127.0.0.1:1/a');
      expect(nobody.problems).toEqual([expect.stringMatching(/^DATABASE_URL: POSTGRES\.UNREACHABLE: /)]);
    } finally {
      await server.stop();
    }
  });

  it('says which folders cannot be written and how much room their disks have', () => {
    const home = homeOf({ EK_HOME: join(dir, 'not-yet') });
    const report = machineReport(home, { EK_KILL_DIR: join(dir, 'kill') });
    expect(report.folders.map(({ what }) => what)).toEqual(['home', 'identity', 'audit', 'EK_KILL_DIR']);
    expect(
      report.folders.every(({ isThere, writable, freeBytes }) => !isThere && writable && freeBytes > 0),
    ).toBe(true);
    expect(machinePage(report)).toMatch(
      /^keel .* on Node .*\n {2}home .*not there yet, writable, \d+\.\d GiB free/,
    );
    const shut = join(dir, 'shut');
    mkdirSync(shut);
    chmodSync(shut, 0o500);
    const { problems } = machineReport(homeOf({ EK_HOME: shut }), {});
    // Whoever is root may write anywhere.
    if (process.getuid?.() !== 0) expect(problems).toContainEqual(`home (${shut}) cannot be written`);
    chmodSync(shut, 0o700);
  });
});
