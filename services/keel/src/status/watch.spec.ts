import { fitting } from '../commands/watch.command';
import { main } from '../main';
import { terminalOf } from './terminal';
import { busPlace, withoutSecrets } from './desk-looker';
import type { DeskGlance } from '@evenkeel/desk';

const line = (text: string) => ({ text, tone: 'plain' as const });

describe('keel watch', () => {
  it('fits the terminal, and says what it leaves out', () => {
    const lines = ['a', 'b', 'c', 'd'].map(line);
    expect(fitting(lines, { rows: 5 })).toEqual(lines);
    const cut = fitting(lines, { rows: 4 });
    expect(cut.map(({ text }) => text.slice(0, 14))).toEqual(['a', 'b', '… 2 more lines']);
    expect(fitting(lines, { rows: 1 })).toHaveLength(1);
    expect(fitting(lines, {})).toEqual(lines);
  });

  it('asks the terminal for its size and whether it wants colours', () => {
    const tty = { isTTY: true, columns: 80, rows: 30 };
    expect(terminalOf(tty, {})).toEqual({ columns: 80, rows: 30, colour: true });
    expect(terminalOf(tty, { NO_COLOR: '1' }).colour).toBe(false);
    expect(terminalOf(tty, { NO_COLOR: '' }).colour).toBe(true);
    expect(terminalOf(tty, { TERM: 'dumb' }).colour).toBe(false);
    expect(terminalOf({ ...tty, columns: 0, rows: 0 }, {})).toMatchObject({ columns: 100, rows: 24 });
    expect(terminalOf({ isTTY: false, columns: 80, rows: 30 }, {})).toEqual({ columns: 100, colour: false });
  });

  it.each(['0', '0.1', 'often', '', '86400'])('refuses to look every "%s" seconds', async (interval) => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    await main(['node', 'keel', 'watch', '--interval', interval]);
    expect(process.exitCode).toBe(2);
    expect(String(said.mock.calls[0]?.[0])).toContain('--interval');
    said.mockRestore();
    process.exitCode = 0;
  });
});

describe('what a look prints', () => {
  it('has no credential of an address, wherever a message repeats it', () => {
    expect(busPlace('nats://desk:hunter22@one:4222,nats://desk:hunter22@two')).toBe('one:4222, two:4222');
    expect(busPlace('http://desk:hunter22@one')).not.toContain('hunter22');
    const why = 'password hunter22 was refused, so was hunter%2022 and tokentoken';
    const glance = { missing: [{ what: 'x', why }], lag: { missing: why } } as unknown as DeskGlance; // as far as it matters
    const urls = [
      'postgres://evenkeel:hunter22@db/evenkeel',
      'postgres://evenkeel@db/x?password=hunter%2022',
      'nats://tokentoken@one',
    ];
    const shown = JSON.stringify(withoutSecrets(glance, urls));
    for (const secret of ['hunter22', 'tokentoken']) expect(shown).not.toContain(secret);
  });
});
