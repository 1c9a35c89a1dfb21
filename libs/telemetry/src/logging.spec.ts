import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from './logging';
import { Repeated } from './repeated';

describe('words that go on', () => {
  it('are said at once, then seldom, with how often they were left out', () => {
    const repeated = new Repeated();
    const day: number[] = [];
    for (let ms = 0; ms < 86_400_000; ms += 250) {
      const leftOut = repeated.admit('the database is away', ms);
      if (leftOut !== undefined) day.push(leftOut);
    }
    expect(day.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 0));
    expect(day.slice(30, 34)).toEqual([39, 39, 39, 39]);
    expect(day.length).toBeLessThan(8_700);
    expect(repeated.admit('something else', 0)).toBe(0);
  });

  it('are not kept for ever, however many there are', () => {
    const repeated = new Repeated();
    for (let n = 0; n < 100_000; n += 1) repeated.admit(`order ${n}`, n);
    expect(repeated.admit('order 5', 100_000)).toBe(0);
  });
});

describe('a logger', () => {
  it('thins warnings and errors by their words and code, and nothing else', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'evenkeel-log-'));
    const fd = openSync(join(dir, 'log'), 'a');
    const logger = createLogger('ledger', 'info', fd);
    const away = Object.assign(new Error('away'), { code: 'LEDGER.UNAVAILABLE' });
    for (let n = 0; n < 100; n += 1) {
      logger.warn({ err: away }, 'the database is away; trying again');
      logger.error(
        { err: Object.assign(new Error('other'), { code: 'X' }) },
        'the database is away; trying again',
      );
      logger.info({ n }, 'settled');
      logger.fatal('the ledger has stopped');
    }
    const read = (): Record<string, unknown>[] =>
      readFileSync(join(dir, 'log'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    while (read().length < 240) await delay(10);
    const lines = read();
    const of = (level: number): number => lines.filter((line) => line['level'] === level).length;
    expect([of(30), of(40), of(50), of(60)]).toEqual([100, 20, 20, 100]);
    expect(lines.find(({ level }) => level === 40)).toMatchObject({
      service: 'ledger',
      msg: 'the database is away; trying again',
      err: { code: 'LEDGER.UNAVAILABLE', message: 'away' },
    });
    closeSync(fd);
    rmSync(dir, { recursive: true });
  });
});
