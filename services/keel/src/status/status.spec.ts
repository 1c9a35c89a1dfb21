import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectNats, consumersByStream, environmentOf } from '@evenkeel/adapter-nats';
import { isAnswered } from '@evenkeel/desk';
import type { Answer, BookGlance, DeskGlance } from '@evenkeel/desk';
import { partitionOf, required } from '@evenkeel/kernel';
import { BUSY_POLICY } from '@evenkeel/testkit';
import { main } from '../main';
import { loadRunInputs } from '../run/inputs';
import { ProgressLine } from '../run/progress-line';
import { ServiceRun } from '../run/service-run';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import type { Stack } from '../stack/stack';
import { DeskLooker } from './desk-looker';

const [WATCHED, KILLED, SPOILED] = ['desk-0', 'desk-1', 'desk-2'] as const;
const VARIABLES = ['EK_HOME', 'EK_GOVERNANCE', 'NATS_URL', 'NATS_CREDS_FILE', 'NATS_CA_FILE', 'DATABASE_URL'];
const PASSWORD = 'hunter2-of-the-desk';
/** Event seconds per second: a day lasts longer than the test. */
const SPEED = 2_500;

function valueOf<T>(answer: Answer<T>): T {
  if (isAnswered(answer)) return answer.value;
  throw new Error(`missing: ${answer.missing}`);
}

const bookIn = (glance: DeskGlance, name: string): BookGlance =>
  required(
    valueOf(glance.books).find(({ book }) => book === name),
    name,
  );

interface Said {
  readonly out: string;
  readonly code: unknown;
}

async function keel(...words: string[]): Promise<Said> {
  const out: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  process.exitCode = 0;
  try {
    await main(['node', 'keel', ...words]);
    return { out: out.join(''), code: process.exitCode };
  } finally {
    write.mockRestore();
    process.exitCode = 0;
  }
}

describe('keel status over real services', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-status-'));
  const home = homeOf({ EK_HOME: dir });
  const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
  let stack: Stack;
  let run: ServiceRun;

  beforeAll(async () => {
    Object.assign(process.env, { EK_HOME: dir, EK_GOVERNANCE: 'optional' });
    const plain = loadRunInputs({ books: [], policy: BUSY_POLICY, seed: 'status', days: 1 });
    const like = required(plain.books[0], 'the book of the built-in market');
    const books = [WATCHED, KILLED, SPOILED].map((book) => ({ ...like, file: { ...like.file, book } }));
    expect(new Set(books.map(({ file }) => partitionOf(file.book))).size).toBe(3);
    const inputs = { ...plain, books };
    stack = await startStack({ home, say: () => undefined, environment: { EK_DURABILITY: 'unsynced' } });
    const progress = new ProgressLine(true);
    run = new ServiceRun({ home, stack, inputs, progress, speed: SPEED, venue: {}, logLevel: 'error' });
    // It never comes to its end: the ledger stops at what nobody can believe.
    void run.run().catch(() => undefined);
    // Each command as who it acts for, with the credential of its own.
    const { NATS_URL, NATS_CA_FILE } = environmentOf(stack.access('observer'));
    const { databaseUrl: DATABASE_URL } = stack;
    Object.assign(process.env, { NATS_URL, NATS_CA_FILE, NATS_CREDS_DIR: home.bus, DATABASE_URL });
  }, 120_000);
  afterAll(async () => {
    await run.stop();
    await stack.stop();
    for (const name of VARIABLES)
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  async function until(holds: (glance: DeskGlance) => boolean): Promise<DeskGlance> {
    const looker = new DeskLooker(home);
    try {
      for (const deadline = performance.now() + 40_000; ; await delay(200)) {
        const { glance } = await looker.look();
        if (holds(glance)) return glance;
        if (performance.now() > deadline) throw new Error(`it did not come to it: ${JSON.stringify(glance)}`);
      }
    } finally {
      await looker.close();
    }
  }

  it('has every book with its exposure, band, P&L and last decision while they run', async () => {
    const glance = await until(
      (one) =>
        isAnswered(one.books) &&
        one.books.value.length === 3 &&
        one.books.value.every(({ decision, snapshot }) => decision !== undefined && snapshot !== undefined),
    );
    expect(glance).toMatchObject({ state: 'running', missing: [] });
    expect(valueOf(glance.epoch)).toMatchObject({ epoch: '1', market: 'tape', eventTimeFrom: 'market' });
    const book = bookIn(glance, WATCHED);
    expect(book).toMatchObject({ stopped: 'no', stops: [], policy: { by: expect.any(String) as string } });
    const [bitcoin] = book.underlyings;
    expect(bitcoin?.deltaUsd).toBeCloseTo((bitcoin?.delta ?? NaN) * (bitcoin?.spotUsd ?? NaN), 6);
    const band = valueOf(required(bitcoin, 'BTC').band);
    expect(band.from).toBe('policy');
    expect(band.upper).toBeGreaterThan(band.lower);
    expect(valueOf(glance.prices).map(({ status, from }) => `${status} ${from}`)).toEqual([
      'OK market',
      'OK market',
    ]);
    const services = valueOf(glance.services);
    expect(services.map(({ service, heard }) => `${service} ${String(heard)}`)).toEqual(
      ['price-ingest', 'risk', 'strategy', 'execution', 'ledger'].map((name) => `${name} true`),
    );
    const risk = services.find(({ service }) => service === 'risk');
    expect(risk?.partitions.flatMap(({ books }) => books).sort()).toEqual([WATCHED, KILLED, SPOILED]);
    expect(risk?.partitions.map(({ owner }) => owner)).toEqual(['risk', 'risk', 'risk']);
    expect(valueOf(glance.lag).commits).toBeLessThan(200);
  }, 60_000);

  it('has kill, restriction and halted partition with who and why, and leaves no consumer behind', async () => {
    const instrument = required(bookIn(await until(() => true), WATCHED).decision, 'a decision').words;
    const traded = required(/\S+@\S+?(?=[:,]|$)/.exec(instrument)?.[0], 'what it traded');
    await keel('restrict', 'set', traded, '--book', WATCHED, '--by', 'ann', '--reason', 'review');
    await keel('kill', `book:${KILLED}`, '--by', 'rita', '--reason', 'drill');
    const stopped = await until(
      (one) =>
        valueOf(one.restrictions).length > 0 &&
        bookIn(one, KILLED).stops.some(({ kind }) => kind === 'program') &&
        one.kills.inForce[0]?.known.includes('journal') === true,
    );
    expect(stopped.kills.inForce).toMatchObject([
      {
        scope: `book:${KILLED}`,
        by: 'rita',
        reason: 'drill',
        known: ['control bucket', 'kill folder', 'journal'],
      },
    ]);
    expect(bookIn(stopped, KILLED)).toMatchObject({ stopped: 'wholly' });
    expect(bookIn(stopped, WATCHED)).toMatchObject({ stopped: 'in part', stops: [{ kind: 'restriction' }] });
    expect(valueOf(stopped.restrictions)).toMatchObject([
      { book: WATCHED, instrument: traded, by: 'ann', reason: 'review' },
    ]);
    const listed = await keel('restrict', 'list', '--book', WATCHED);
    expect(listed.out).toContain(`${traded} for ${WATCHED} by ann`);
    expect((await keel('restrict', 'list', '--book', KILLED)).out).toMatch(/^restricted +none/);
    expect((await keel('restrict', 'list', '--book', 'nobody')).code).toBe(2);

    const operator = await connectNats(stack.access('operator'), 'status-spec');
    try {
      const subject = `ek.evt.v1.${partitionOf(SPOILED)}.strategy.hedge-program.x`;
      await operator.request(subject, new TextEncoder().encode('hello'));
      const halted = await until(
        (one) =>
          bookIn(one, SPOILED).stops.some(({ kind }) => kind === 'partition') &&
          valueOf(one.deadLetters).count > 0,
      );
      expect(bookIn(halted, SPOILED).stops[0]?.reason).toMatch(/^\w+: \S.*/);
      expect(bookIn(halted, WATCHED).stopped).toBe('in part');
      const consumers = await consumersByStream(operator);
      await until(() => true);
      // Those of the halted partition may go meanwhile; none comes.
      for (const [stream, count] of await consumersByStream(operator))
        expect(count).toBeLessThanOrEqual(consumers.get(stream) ?? 0);
    } finally {
      await operator.close();
    }
  }, 60_000);

  it('prints the same for people and machines, with no password in either', async () => {
    const password = new URL(stack.databaseUrl).password;
    expect(password.length).toBeGreaterThan(8);
    const text = await keel('status');
    const json = await keel('status', '--json');
    const once = await keel('watch', '--once', '--json');
    for (const { out } of [text, json, once]) expect(out).not.toContain(password);
    expect(text.code).toBe(0);
    expect(text.out).toContain(`kill book:${KILLED}: drill (rita)`);
    expect(JSON.parse(json.out)).toMatchObject({ home: dir, state: 'running', schemaVersion: 1 });
    expect(Object.keys(JSON.parse(once.out) as object)).toEqual(Object.keys(JSON.parse(json.out) as object));
  }, 60_000);

  it('says what a silent server keeps from it, and ends with 1', async () => {
    const { NATS_URL, DATABASE_URL } = process.env;
    process.env['DATABASE_URL'] = `postgres://evenkeel:${PASSWORD}@127.0.0.1:1/evenkeel`;
    const without = await keel('status', '--json');
    process.env['DATABASE_URL'] = DATABASE_URL;
    process.env['NATS_URL'] = `nats://desk:${PASSWORD}@127.0.0.1:1`;
    const alone = await keel('status', '--json');
    process.env['NATS_URL'] = NATS_URL;
    process.env['NATS_CREDS_FILE'] = join(home.bus, 'desk.nk');
    const deaf = await keel('status', '--json');
    delete process.env['NATS_CREDS_FILE'];
    for (const { out, code } of [without, alone, deaf]) {
      expect(code).toBe(1);
      expect(out).not.toContain(PASSWORD);
    }
    const noRecord = JSON.parse(without.out) as DeskGlance;
    expect(noRecord.books).toMatchObject({ missing: expect.stringContaining('127.0.0.1:1') as string });
    expect(noRecord.kills).toMatchObject({ inForce: [{ by: 'rita' }], unseen: ['journal'] });
    // Who may not hear the services must not say that they are silent.
    const { services } = JSON.parse(deaf.out) as DeskGlance;
    expect(services).toMatchObject({ missing: expect.stringContaining('does not let desk') as string });
    const noBus = JSON.parse(alone.out) as DeskGlance;
    expect(noBus.services).toHaveProperty('missing');
    expect(valueOf(noBus.books)).toHaveLength(3);
    expect(noBus.kills).toMatchObject({ inForce: [{ by: 'rita' }], unseen: ['control bucket'] });
  }, 60_000);

  it('refuses an address that is none, by the variable', async () => {
    const { NATS_URL } = process.env;
    process.env['NATS_URL'] = 'http://foo';
    const { out, code } = await keel('status');
    process.env['NATS_URL'] = NATS_URL;
    expect({ out, code }).toEqual({ out: '', code: 2 });
  }, 60_000);

  it('says how the epoch ended, when no service runs and when nothing runs', async () => {
    await run.stop();
    const idle = await until(({ state }) => state === 'idle');
    expect(valueOf(idle.lag).commits).toBeGreaterThan(0);
    expect((await keel('status')).out).toMatch(/^\S+ {2}no service runs: this is how epoch 1 ended\n/);
    await stack.stop();
    for (const name of ['NATS_URL', 'NATS_CREDS_DIR', 'NATS_CA_FILE', 'DATABASE_URL'])
      delete process.env[name];
    const down = await keel('status');
    expect(down.code).toBe(0);
    expect(down.out).toMatch(/^\S+ {2}nothing runs: this is how epoch 1 ended\n/);
    expect(down.out).toMatch(new RegExp(`BOOK ${WATCHED}\nstanding +not hedged: no service runs`));
    expect(down.out).toContain(`book:${KILLED} by rita`);
  }, 60_000);
});
