import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectNats } from './connection';
import { currentEpoch } from './epochs';
import { freePort } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { assertServer } from './server-check';
import { assertStreams, ensureStreams } from './streams';

const REPOSITORY = resolve(__dirname, '..', '..', '..');
const binary = findNatsServer(join(REPOSITORY, '.evenkeel', 'bin'), (line) =>
  process.stderr.write(`${line}\n`),
);

const running: ChildProcess[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Somebody's own nats-server, configured without us; returns its address. */
async function theirs(settings: string): Promise<string> {
  const [dir, port] = [mkdtempSync(join(tmpdir(), 'evenkeel-theirs-')), await freePort()];
  folders.push(dir);
  const file = join(dir, 'nats.conf');
  writeFileSync(file, `listen: "127.0.0.1:${port}"\n${settings.replace('STORE', join(dir, 'store'))}\n`);
  running.push(spawn(binary, ['-c', file], { stdio: 'ignore' }));
  return `127.0.0.1:${port}`;
}

/** What a step says when it fails: its code and its words. The server may still be starting. */
async function said(
  url: string,
  step: (connection: Awaited<ReturnType<typeof connectNats>>) => unknown,
): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    try {
      const connection = await connectNats(url, 'first-contact', { onRefused: () => undefined });
      try {
        await step(connection);
        return 'nothing';
      } finally {
        await connection.close();
      }
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      if (code === 'NATS.UNREACHABLE' && tries < 50) await delay(100);
      else return `${code}: ${message}`;
    }
  }
}

describe('first contact with a NATS server of one’s own', () => {
  it('names a server that keeps no streams, for whoever makes them and for a service', async () => {
    const url = `nats://${await theirs('')}`;
    for (const step of [ensureStreams, assertStreams])
      expect(await said(url, (connection) => step(connection, 1))).toMatch(
        /^NATS\.NO_JETSTREAM: .*127\.0\.0\.1.*start it with JetStream.*keel bus/,
      );
  });

  it('names the credential that is wanting, and who writes it', async () => {
    const at = await theirs('authorization { user: ann, password: ann-secret }');
    expect(await said(`nats://${at}`, () => undefined)).toMatch(
      /^NATS\.NOT_AUTHORISED: .*asks for a credential: set NATS_CREDS_FILE.*keel bus/,
    );
    const wrong = await said(`nats://ann:other@${at}`, () => undefined);
    expect(wrong).toMatch(/^NATS\.NOT_AUTHORISED: .*does not accept ann/);
    expect(wrong).not.toMatch(/secret|other/);
  });

  it('names the right that an operator lacks', async () => {
    const rights = 'permissions: { publish: { deny: ["$JS.API.STREAM.CREATE.>"] } }';
    const at = await theirs(
      `max_payload: 8388608\njetstream { store_dir: "STORE" }\nauthorization { users: [{ user: ann, password: ann-secret, ${rights} }] }`,
    );
    expect(await said(`nats://ann:ann-secret@${at}`, (connection) => ensureStreams(connection, 1))).toMatch(
      /^NATS\.NOT_PERMITTED: .*does not let ann publish on \$JS\.API\.STREAM\.CREATE.*keel doctor/,
    );
  });

  it('names what a plain server with streams is short of, one after another, each with its command', async () => {
    const url = `nats://${await theirs('jetstream { store_dir: "STORE" }')}`;
    expect(await said(url, (connection) => assertServer(connection))).toMatch(
      /^NATS\.SERVER_DIFFERS: .*max_payload is 1048576, not .*keel bus/,
    );
    expect(await said(url, (connection) => assertStreams(connection, 1))).toMatch(
      /^NATS\.STREAM_DIFFERS: .*it is missing.*keel doctor --apply/,
    );
    expect(await said(url, (connection) => ensureStreams(connection, 1))).toBe('nothing');
    expect(await said(url, (connection) => assertStreams(connection, 1))).toBe('nothing');
    expect(await said(url, (connection) => currentEpoch(connection))).toMatch(
      /^NATS\.NO_EPOCH: .*keel epoch open/,
    );
  });
});
