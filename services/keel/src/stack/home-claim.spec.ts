import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from '@evenkeel/config';
import { holderOf, isClaim, takeClaim } from './home-claim';
import { REPOSITORY } from './home';

const dir = mkdtempSync(join(tmpdir(), 'evenkeel-claims-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const folder = (name: string): string => join(dir, name);
const put = (name: string, pid: number, started: string): void => {
  mkdirSync(folder(name), { recursive: true });
  const record = { process: { pid, started }, since: '2026-01-01T00:00:00.000Z', about: {} };
  writeFileSync(join(folder(name), 'run.7'), JSON.stringify(record));
};

describe('a claim on a home', () => {
  it('is held by one, who says what it is; the next gets it when it is released', () => {
    const mine = takeClaim(folder('one'), 'run', { command: 'keel run' });
    if (!isClaim(mine)) throw new Error('nobody held it');
    mine.tell({ epoch: '3' });
    const other = takeClaim(folder('one'), 'run');
    expect(other).toMatchObject({
      process: { pid: process.pid },
      about: { command: 'keel run', epoch: '3' },
    });
    expect(isClaim(takeClaim(folder('one'), 'keeper'))).toBe(true);
    mine.release();
    expect(holderOf(folder('one'), 'run')).toBeUndefined();
    expect(isClaim(takeClaim(folder('one'), 'run'))).toBe(true);
    expect(readdirSync(folder('one')).sort()).toEqual(['keeper.1', 'run.2']);
  });

  it('of a process that is gone counts for nothing, also where another program has its number now', () => {
    put('gone', 2 ** 22 + 1, '1');
    expect(isClaim(takeClaim(folder('gone'), 'run'))).toBe(true);
    put('reused', process.pid, `${processIdentity(process.pid)?.started ?? ''}0`);
    expect(holderOf(folder('reused'), 'run')).toBeUndefined();
    expect(isClaim(takeClaim(folder('reused'), 'run'))).toBe(true);
    writeFileSync(join(folder('reused'), 'run.9'), '{"process":');
    expect(isClaim(takeClaim(folder('reused'), 'run'))).toBe(true);
  });

  it('is taken by exactly one of five processes that find it stale at the same moment, forty times', async () => {
    const [processes, rounds] = [5, 40];
    for (let round = 0; round < rounds; round += 1) put(`race-${round}`, 2 ** 22 + 1, '1');
    const script = `
      const { isClaim, takeClaim } = require(${JSON.stringify(join(REPOSITORY, 'services/keel/dist/stack/home-claim.js'))});
      const won = [];
      process.stdin.once('data', () => {
        for (let round = 0; round < ${rounds}; round += 1)
          if (isClaim(takeClaim(${JSON.stringify(dir)} + '/race-' + round, 'run'))) won.push(round);
        process.stdout.write(JSON.stringify(won));
        process.stdin.once('end', () => process.exit()).resume();
      });
      process.stderr.write('ready');`;
    const children = Array.from({ length: processes }, () => {
      const child = spawn(process.execPath, ['-e', script], { stdio: 'pipe' });
      const ready = new Promise<void>((resolve) => child.stderr.once('data', () => resolve()));
      const won = new Promise<number[]>((resolve) =>
        child.stdout.once('data', (text: Buffer) => resolve(JSON.parse(text.toString()) as number[])),
      );
      return { child, ready, won };
    });
    await Promise.all(children.map(({ ready }) => ready));
    for (const { child } of children) child.stdin.write('go');
    const won = (await Promise.all(children.map((one) => one.won))).flat().sort((a, b) => a - b);
    for (const { child } of children) child.stdin.end();
    expect(won).toEqual(Array.from({ length: rounds }, (_, round) => round));
  }, 30_000);
});
