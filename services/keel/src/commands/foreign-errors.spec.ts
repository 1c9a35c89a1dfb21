import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { OperationalError } from '@evenkeel/kernel';
import { REPOSITORY } from '../stack/home';
import { explain } from './exit-codes';

const KEEL = join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js');

/** What it says and ends with; `deaf` closes its output at once, as `| head` does once it has enough. */
async function keel(
  command: string,
  environment: Readonly<Record<string, string>> = {},
  deaf = false,
): Promise<{ code: number | null; err: string }> {
  const env = { ...process.env, NATS_URL: '', DATABASE_URL: '', ...environment };
  const child = spawn(process.execPath, [KEEL, ...command.split(' ')], { env });
  let err = '';
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  if (deaf) child.stdout.destroy();
  else child.stdout.resume();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(err).not.toMatch(/^ {4}at /m);
  return { code, err };
}

describe('what others do wrong is said in words, with the place and what to do', () => {
  const system = (code: string, syscall: string, more: object = {}): Error =>
    Object.assign(new Error(`${code}: its own words`), { code, syscall, ...more });
  it.each([
    [
      system('EROFS', 'mkdir', { path: '/mnt/x' }),
      /^KEEL\.FILES: \/mnt\/x: the file system is read-only: set EK_HOME/,
    ],
    [system('EACCES', 'open', { path: '/root/x' }), /\/root\/x: permission is denied.*\(open: EACCES\)/],
    [system('ENOSPC', 'write'), /^KEEL\.FILES: write: the disk is full: make room/],
    [
      system('EADDRINUSE', 'listen', { address: '127.0.0.1', port: 9464 }),
      /127\.0\.0\.1:9464: another program has this port/,
    ],
    [
      new AggregateError([system('ECONNREFUSED', 'connect', { address: '::1', port: 4222 })]),
      /nothing answers there/,
    ],
    [
      system('ENOENT', 'spawn initdb', { path: 'initdb' }),
      /^KEEL\.PROGRAM_MISSING: initdb cannot be started/,
    ],
    [new Error('Connection terminated unexpectedly'), /^KEEL\.POSTGRES: .*connection was lost/],
    [
      Object.assign(new Error('terminating connection'), { code: '57P01', severity: 'FATAL' }),
      /it was stopped while/,
    ],
    [
      Object.assign(new Error('no space'), { code: '53100', severity: 'ERROR' }),
      /PostgreSQL: its disk is full/,
    ],
    [
      Object.assign(new Error('timeout'), { name: 'TimeoutError' }),
      /^KEEL\.NATS: NATS: it does not answer in time/,
    ],
    [new OperationalError({ code: 'A.CODE', message: 'ours' }), /^A\.CODE: ours$/],
  ])('%s', (error, expected) => {
    const { message, code } = explain(error);
    expect(message).toMatch(expected);
    expect(message).not.toMatch(/^ {4}at /m);
    expect(code).toBe(1);
  });

  it('but a fault of ours keeps the lines that help to find it', () => {
    expect(explain(new TypeError('x is undefined')).message).toMatch(/^KEEL\.UNFORESEEN: .*\n[^]*^ {4}at /m);
  });

  it('a home that is a file is refused by every command, a look that cannot be had is no finding', async () => {
    const file = join(REPOSITORY, 'package.json');
    const status = await keel('status', { EK_HOME: file });
    expect([status.code, status.err]).toEqual([2, expect.stringContaining(`${file} is a file`)]);
    const below = await keel('audit list', { EK_HOME: join(file, 'x') });
    expect([below.code, below.err]).toEqual([1, expect.stringContaining('a part of it is a file')]);
    const verified = await keel('audit verify', { EK_HOME: join(file, 'x') });
    expect([verified.code, verified.err]).toEqual([2, expect.stringContaining('NOT VERIFIED')]);
  }, 30_000);

  it('a reader that has enough ends nothing with an error', async () => {
    expect(await keel('--help', {}, true)).toEqual({ code: 0, err: '' });
  }, 30_000);
});
