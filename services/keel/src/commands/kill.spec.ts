import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  JetStreamEventLog,
  connectNats,
  findNatsServer,
  openEpoch,
  startEmbeddedNats,
} from '@evenkeel/adapter-nats';
import type { EmbeddedNats } from '@evenkeel/adapter-nats';
import { sealWith } from '@evenkeel/contracts';
import { bootDrafts, sealBoot } from '@evenkeel/engine';
import { loadRunInputs } from '../run/inputs';
import { REPOSITORY, homeOf } from '../stack/home';
import { keelSays } from './words.test-support';

const dir = mkdtempSync(join(tmpdir(), 'evenkeel-kill-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('keel kill with nothing running', () => {
  const [home, broken] = [join(dir, 'alone'), join(dir, 'broken')];

  it('stops what it can although there is no key to ask the processes themselves with, and says both', () => {
    const { PATH = '' } = process.env;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        'services/keel/bin/keel.js',
        'kill',
        '--by',
        'nobody',
        '--direct',
        'http://127.0.0.1:1',
        '--reason',
        'x',
      ],
      {
        cwd: REPOSITORY,
        env: { PATH, EK_HOME: broken, EK_NATS_SERVER: '/bin/false', NODE_ENV: 'production' },
        encoding: 'utf8',
      },
    );
    expect(stdout).toMatch(/^firm is stopped \(file latch; NATS could not be told\)/);
    expect(stderr).toMatch(/WARNING: NATS could not be told\. Only a process that reads the kill folder of/);
    expect(stderr).toMatch(/the processes themselves were not asked: .*\n.*there is no key of nobody here/);
    expect(readdirSync(join(broken, 'kill'))).toHaveLength(1);
    expect(status).toBe(2);
  });

  it('starts the server to tell it, stops a book whose name nobody can check, and says that', async () => {
    const { stdout, stderr, code } = await keelSays({ EK_HOME: home }, 'kill', 'book:b', '--reason', 'x');
    expect(stdout).toMatch(/^book:b is stopped \(file latch; control bucket\)/);
    expect(stderr).toMatch(/anything of this name could not be checked: no journal has been opened/);
    expect(code).toBe(0);
    expect((await keelSays({ EK_HOME: home }, 'down')).stdout).toBe('stopped\n');
  });
});

describe('keel kill and release by name', () => {
  const home = join(dir, 'running');
  const unreadable = 'ek.evt.v1.03.execution.venue-account.binance/carry';
  let server: EmbeddedNats;
  let environment: Readonly<Record<string, string>>;
  const kill = (scope: string, ...flags: string[]) =>
    keelSays(environment, 'kill', scope, '--reason', 'drill', ...flags);
  const release = (scope: string) => keelSays(environment, 'release', scope, '--reason', 'drill');
  const files = (): number => (existsSync(join(home, 'kill')) ? readdirSync(join(home, 'kill')).length : 0);

  beforeAll(async () => {
    server = await startEmbeddedNats({
      binary: findNatsServer(homeOf().tools, () => undefined),
      dir: join(dir, 'nats'),
    });
    environment = {
      EK_HOME: home,
      NATS_URL: server.url,
      EK_GOVERNANCE: 'optional',
      EK_SIGNATURES: 'optional',
    };
    const connection = await connectNats(server.url, 'test');
    const epoch = await openEpoch(connection);
    const journal = new JetStreamEventLog(connection, epoch.journalStream);
    const { books } = loadRunInputs({ books: [], seed: 'kill', days: 1 });
    const drafts = books.flatMap((book) => bootDrafts(book, '2026-01-05T00:00:00Z'));
    const producer = { service: 'keel', version: 'test', gitSha: 'test', kernelHash: '' };
    for (const sealed of sealBoot(drafts, epoch.epoch, producer, sealWith({}), 0n))
      await journal.append(sealed, 0);
    // A stray message keeps nobody from stopping, and spoils no answer.
    connection.publish(unreadable, 'what it says does not matter');
    await connection.close();
  });
  afterAll(() => server.stop());

  it.each([
    ['book:demonstation', /no book "demonstation" in epoch 1: did you mean "demonstration"\?/],
    ['book:nosuch', /no book "nosuch" in epoch 1\. Known: "carry", "demonstration"/],
    ['venue:evenkeelsim', /no venue "evenkeelsim" .*did you mean "evenkeel-sim"\?/],
    ['instrument:BTCUSDT-PREP@evenkeel-sim', /did you mean "BTCUSDT-PERP@evenkeel-sim"\?/],
    ['strategy:gamma', /no policy "gamma"/],
    ['demonstration', /"demonstration" is not firm, .*: did you mean book:demonstration\?/],
    ['typo', /"typo" is not firm, book:<id>/],
  ])('refuses %s, and leaves nothing behind', async (scope, expected) => {
    const { stdout, stderr, code } = await kill(scope);
    expect(stderr).toMatch(expected);
    expect([stdout, code, files()]).toEqual(['', 2, 0]);
  });

  it.each(['book:nosuch', 'instrument:NOPE@deribit'])('refuses to release %s', async (scope) => {
    const { stdout, stderr, code } = await release(scope);
    expect(stderr).toMatch(/is not stopped, and no .* in epoch 1.*Nothing is stopped/);
    expect([stdout, code]).toEqual(['', 2]);
  });

  it('stops what the epoch has, the firm, and what is meant for later, and releases each', async () => {
    const [later, ...known] = ['book:tomorrow', 'book:demonstration', 'venue:evenkeel-sim', 'firm'];
    for (const scope of known) {
      const { stdout, stderr, code } = await kill(scope);
      expect([stderr, code]).toEqual(['', 0]);
      expect(stdout).toMatch(/is stopped \(file latch; control bucket\)/);
    }
    const told = await kill(later ?? '', '--future');
    expect(told.code).toBe(0);
    expect(told.stderr).toMatch(/no book "tomorrow" in epoch 1.*The stop waits for it \(--future\)/);
    expect((await release('book:nosuch')).stderr).toMatch(/Stopped: .*book:tomorrow/);
    for (const scope of [later ?? '', ...known]) {
      const { stdout, stderr, code } = await release(scope);
      expect([stdout, code, stderr]).toEqual([`${scope} is released\n`, 0, '']);
    }
    expect((await release('book:demonstration')).stdout).toBe('book:demonstration is not stopped\n');
  });

  it('asks the processes themselves and stops first, and says afterwards that the name is not there', async () => {
    const { stdout, stderr, code } = await kill('book:demonstation', '--direct', 'http://127.0.0.1:1');
    expect(stdout).toMatch(/^book:demonstation is stopped/);
    expect(stderr).toMatch(/did you mean "demonstration"\?.*The stop stands all the same/);
    expect(code).toBe(2);
    expect((await release('book:demonstation')).stdout).toBe('book:demonstation is released\n');
  });

  it('releases nothing alone in an epoch that was not opened for one person, whatever it is told', async () => {
    const connection = await connectNats(server.url, 'test');
    await openEpoch(connection, 1, 1, 'loosening');
    await connection.close();
    expect((await kill('firm')).code).toBe(0);
    const { stdout, stderr, code } = await release('firm');
    expect(stderr).toMatch(/GOVERNANCE\.NOT_APPROVED(.|\n)*in an epoch that was opened with it/);
    expect([stdout, code]).toEqual(['', 1]);
  });

  it('stops at once where the server is away, whatever the name', async () => {
    await server.stop();
    const from = performance.now();
    const { stdout, stderr, code } = await kill('book:demonstation');
    expect(stdout).toMatch(/^book:demonstation is stopped \(file latch; NATS could not be told\)/);
    expect(stderr).toMatch(/could not be checked/);
    expect(code).toBe(0);
    expect(performance.now() - from).toBeLessThan(15_000);
  });
});
