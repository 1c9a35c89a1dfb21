import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { REPOSITORY } from '../stack/home';

const EVIDENCE = join(REPOSITORY, 'docs', 'evidence', 'two-terminals.txt');
const KEEL = join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js');
const SHOWN_LINES_MAX = 12;
const HEAD_LINES = 9;

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What two people saw, in order. */
class Transcript {
  readonly lines: string[] = [];

  constructor(private readonly home: string) {}

  add(terminal: 'A' | 'B', command: string, said?: Said): void {
    this.lines.push(`${terminal}$ keel ${command.replaceAll(this.home, '<home>')}`);
    if (said !== undefined) this.tell(terminal, `${said.out}${said.err}`, `exit code ${said.code ?? 'none'}`);
  }

  tell(terminal: 'A' | 'B', text: string, last: string): void {
    const lines = text.replaceAll(this.home, '<home>').trimEnd().split('\n');
    const rest = lines.length - SHOWN_LINES_MAX;
    const middle = `… and ${rest} more lines`;
    const shown =
      rest > 1
        ? [...lines.slice(0, HEAD_LINES), middle, ...lines.slice(HEAD_LINES - SHOWN_LINES_MAX)]
        : lines;
    for (const line of shown.filter((one) => one !== '')) this.lines.push(`${terminal}  ${line}`);
    this.lines.push(`${terminal}  [${last}]`, '');
  }

  /** Commands and exit codes alone: what has to be the same each time. */
  static shape(text: string): string[] {
    return text
      .split('\n')
      .filter((line) => /^[AB]\$|^[AB] {2}\[/.test(line))
      .map((line) => line.replace(/[0-9a-f]{8}-[0-9a-f-]{12,}|\b[0-9a-f]{64}\b/g, '…'));
  }
}

describe('two terminals: a run in one, everything else in the other', () => {
  const home = mkdtempSync(join(tmpdir(), 'evenkeel-terminals-'));
  const environment = { ...process.env, EK_HOME: home, NO_COLOR: '1' };
  const transcript = new Transcript(home);
  let run: ChildProcess | undefined;
  let seenByA = '';
  let over = false;

  const keel = async (command: string, ...quoted: string[]): Promise<Said> => {
    const child = spawn(process.execPath, [KEEL, ...command.split(' '), ...quoted], { env: environment });
    const said = { out: '', err: '' };
    child.stdout.on('data', (text: Buffer) => (said.out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said.err += text.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, ...said };
  };
  /** In terminal B. */
  const b = async (command: string, ...quoted: string[]): Promise<Said> => {
    const said = await keel(command, ...quoted);
    transcript.add('B', [command, ...quoted.map((one) => `"${one}"`)].join(' '), said);
    return said;
  };
  const hedgedSince = async (time: string): Promise<string> => {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(200)) {
      const { out } = await keel('audit list --outcome hedged --json');
      const decisions = JSON.parse(out === '' ? '[]' : out) as { decisionId: string; at: string }[];
      const found = decisions.filter(({ at }) => at > time).at(-1);
      if (found !== undefined) return found.decisionId;
    }
    throw new Error(`nothing was hedged after ${time}; the run says: ${seenByA}`);
  };

  afterAll(async () => {
    if (!over) {
      const log = readFileSync(join(home, 'logs', 'execution.log'), 'utf8').slice(-4_000);
      process.stderr.write(`${transcript.lines.join('\n')}\n${seenByA}\nexecution says:\n${log}\n`);
    }
    run?.kill('SIGKILL');
    await keel('down --with-run');
    rmSync(home, { recursive: true, force: true });
  });

  it('looks, restricts, stops and releases while the run goes on, and ends it without ending the servers', async () => {
    const people = [
      'ada --role administrator',
      'ben --role administrator',
      'tess --role trader',
      'rita --role risk-officer',
    ];
    for (const one of people) expect((await keel(`identity create ${one}`)).code).toBe(0);
    expect((await b('up')).code).toBe(0);
    const runCommand = 'run --days 7 --speed 3600';
    transcript.add('A', runCommand);
    // In a group of its own, as a shell has it: Ctrl-C goes to all of it.
    run = spawn(process.execPath, [KEEL, ...runCommand.split(' ')], { env: environment, detached: true });
    for (const stream of [run.stdout, run.stderr])
      stream?.on('data', (text: Buffer) => (seenByA += text.toString()));
    const ended = new Promise<number | null>((resolve) => run?.once('close', resolve));

    const decision = await hedgedSince('');
    expect((await b('status')).code).toBe(0);
    expect((await b('audit list --outcome hedged')).out).toContain(decision);
    const story = await b(`audit reconstruct ${decision}`);
    expect([story.code, story.out]).toEqual([0, expect.stringContaining(decision)]);
    expect((await b('tca --from-ledger')).code).toBe(0);
    expect((await b('pnl --from-ledger')).code).toBe(0);
    const second = await b('run --days 1');
    expect([second.code, second.err]).toEqual([
      1,
      expect.stringContaining('`keel run --days 7 --speed 3600` (process'),
    ]);
    expect((await b('down')).err).toContain('KEEL.RUN_GOES_ON');
    const restricted = await b(
      'restrict set BTCUSDT-PERP@evenkeel-sim --book demonstration --reason',
      'review',
    );
    expect(restricted.code).toBe(0);

    const killed = await b('kill --reason', 'prices look wrong');
    expect([killed.code, killed.out]).toEqual([0, expect.stringContaining('control bucket')]);
    const refused = await b('release --reason', 'prices are right');
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('keel propose release firm')]);
    const proposed = await b('propose release firm --as tess --reason', 'prices are right');
    const proposal = /^[0-9a-f-]{36}/.exec(proposed.out)?.[0] ?? '';
    const content = /content sha256 ([0-9a-f]{64})/.exec(proposed.out)?.[1] ?? '';
    expect((await b(`approve ${proposal} --as rita --sha256 ${content}`)).code).toBe(0);
    const released = await b(`release --proposal ${proposal} --reason`, 'prices are right');
    expect([released.code, released.out]).toEqual([
      0,
      expect.stringMatching(/^firm is released, in force since \S+Z \(sequence \d+\)\n$/),
    ]);
    expect((await b('proposals')).code).toBe(0);
    const lift = { instrument: 'BTCUSDT-PERP@evenkeel-sim', kind: 'restriction-set', restricted: false };
    writeFileSync(join(home, 'lift.json'), JSON.stringify(lift));
    const wanted = await b(
      `propose override ${join(home, 'lift.json')} --book demonstration --as tess --reason`,
      'reviewed',
    );
    const [lifting = ''] = /^[0-9a-f-]{36}/.exec(wanted.out) ?? [];
    const hash = /content sha256 ([0-9a-f]{64})/.exec(wanted.out)?.[1] ?? '';
    expect((await b(`approve ${lifting} --as rita --sha256 ${hash}`)).code).toBe(0);
    const lifted = await b(
      `restrict lift BTCUSDT-PERP@evenkeel-sim --book demonstration --proposal ${lifting} --reason`,
      'reviewed',
    );
    expect(lifted.code).toBe(0);
    const { out } = await keel('audit list --newest --json');
    const [newest] = JSON.parse(out) as { at: string }[];
    await hedgedSince(newest?.at ?? '');

    process.kill(-(run.pid ?? 0), 'SIGINT');
    const code = await ended;
    transcript.tell('A', `${seenByA}\n^C`, `exit code ${code ?? 'none'}`);
    expect(code).toBe(130);
    expect(seenByA).toContain('interrupted; stopping in order');
    expect(seenByA).not.toContain('unexpectedly');
    expect(readFileSync(join(home, 'logs', 'stack.log'), 'utf8')).not.toContain('unexpectedly');
    expect((await b('audit verify')).code).toBe(0);
    expect((await b('down')).out).toBe('stopped\n');

    const text = `${transcript.lines.join('\n')}\n`;
    if (process.env['EK_EVIDENCE'] === '1') writeFileSync(EVIDENCE, text);
    expect(Transcript.shape(readFileSync(EVIDENCE, 'utf8'))).toEqual(Transcript.shape(text));
    over = true;
  }, 400_000);
});
