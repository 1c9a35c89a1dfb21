import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { REPOSITORY } from '../stack/home';
import type { DocumentedCommand } from './documented-commands.test-support';

const COMMAND_DEADLINE_MS = 240_000;
const BACKGROUND_DEADLINE_MS = 120_000;

/**
 * Where a placeholder's value comes from: what the newest command of the page whose text matches `of` has printed, the first
 * match of `value`. A reader does the same by eye.
 */
const PLACEHOLDERS: Readonly<Record<string, { readonly of: RegExp; readonly value: RegExp }>> = {
  decision: {
    of: /audit list|export decisions/,
    value: /\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/,
  },
  proposal: { of: /keel propose|keel proposals/, value: /^([0-9a-f-]{36}) {2}/m },
  sha256: { of: /keel propose|keel proposals/, value: /content sha256 ([0-9a-f]{64})/ },
  override: {
    of: /override grant/,
    value: /\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/,
  },
  key: { of: /keel/, value: /(?<![\w+])([A-Za-z0-9./-]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40,})/ },
  'old key': { of: /keel keys list/, value: /strategy.*?\b([0-9a-f]{64})\b/ },
};

export interface Ran {
  readonly command: DocumentedCommand;
  readonly seconds: number;
  /** Where it did not go as the page says: where, what, and the end of its output. */
  readonly failure?: string;
}

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/** A folder as a reader has it: a checkout (a copy of the samples, the rest by links) and a home of its own. */
class Desk {
  private readonly background: { readonly child: ChildProcess; readonly ended: Promise<Ended> }[] = [];

  private constructor(
    private readonly dir: string,
    private readonly printed: { readonly text: string; readonly output: string }[] = [],
  ) {}

  static fresh(root: string): Desk {
    const dir = mkdtempSync(join(root, 'desk-'));
    const checkout = join(dir, 'checkout');
    mkdirSync(checkout);
    cpSync(join(REPOSITORY, 'samples'), join(checkout, 'samples'), { recursive: true });
    for (const name of ['docs', 'libs', 'infra']) symlinkSync(join(REPOSITORY, name), join(checkout, name));
    return new Desk(dir);
  }

  copy(root: string): Desk {
    const dir = mkdtempSync(join(root, 'desk-'));
    execFileSync('cp', ['-a', `${this.dir}/.`, dir]); // owners too: Postgres starts on its own files alone
    return new Desk(dir, [...this.printed]);
  }

  async run(command: DocumentedCommand): Promise<Ran> {
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    const text = this.filled(command.text);
    if (text.missing !== undefined)
      return { command, seconds: 0, failure: `nothing that this page has printed gives <${text.missing}>` };
    if (isBackground(text.text)) {
      const failure = await this.begin(text.text);
      return { command, seconds: seconds(), ...(failure === undefined ? {} : { failure }) };
    }
    const ended = await this.bash(text.text).ended;
    this.printed.push({ text: command.text, output: ended.output });
    const failure = failureOf(command, ended);
    return { command, seconds: seconds(), ...(failure === undefined ? {} : { failure }) };
  }

  /** Stops what the page has left running. */
  async close(): Promise<void> {
    for (const { child } of this.background) child.kill('SIGINT');
    await Promise.all(this.background.map(({ ended }) => ended));
    if (existsSync(this.home)) await this.bash('keel down').ended;
  }

  private get home(): string {
    return join(this.dir, 'home');
  }

  private filled(text: string): { text: string; missing?: string } {
    let missing: string | undefined;
    const whole = text.replace(/<([a-z][a-z0-9 ]*)>/g, (placeholder, name: string) => {
      const rule = PLACEHOLDERS[name];
      const source = [...this.printed]
        .reverse()
        .find(({ text: of, output }) => rule !== undefined && rule.of.test(of) && rule.value.test(output));
      const value = rule?.value.exec(source?.output ?? '')?.[1];
      if (value === undefined) missing ??= name;
      return value ?? placeholder;
    });
    return { text: whole, ...(missing === undefined ? {} : { missing }) };
  }

  /** A command that goes on beside the next ones, as in another terminal: ready when its epoch is open. */
  private async begin(text: string): Promise<string | undefined> {
    const started = this.bash(text.replace(/&\s*(?:#.*)?$/, ''));
    this.background.push(started);
    let ended: Ended | undefined;
    void started.ended.then((end) => (ended = end));
    const deadline = performance.now() + BACKGROUND_DEADLINE_MS;
    while (performance.now() < deadline) {
      if (ended !== undefined) return `ended at once with ${String(ended.exitCode)}\n${tail(ended.output)}`;
      const { output } = await this.bash('keel status').ended;
      if (/ services run$/m.test(output)) return undefined;
      await delay(500);
    }
    return 'was not running in time';
  }

  private bash(text: string): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const child = spawn('bash', ['-o', 'pipefail', '-c', text], {
      cwd: join(this.dir, 'checkout'),
      env: {
        PATH: `${bin(this.dir)}:${process.env['PATH'] ?? ''}`,
        HOME: this.dir,
        EK_HOME: this.home,
        NODE_ENV: 'production',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const timer = setTimeout(() => {
      output += `\n(ended by the test after ${COMMAND_DEADLINE_MS / 1000} s)`;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    }, COMMAND_DEADLINE_MS);
    const ended = new Promise<Ended>((resolve) => {
      // What it starts in the background keeps its output open: the end of the process counts, not the end of the pipe.
      child.once('exit', (exitCode) => {
        clearTimeout(timer);
        setTimeout(() => resolve({ exitCode, output }), 20);
      });
    });
    return { child, ended };
  }
}

const isBackground = (text: string): boolean => /[^&]&\s*(?:#.*)?$/.test(text);

/** `keel` and `npx keel` are this checkout's; `npm start` is the run it ends in, without the installation before it. */
function bin(dir: string): string {
  const folder = join(dir, 'bin');
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  const keel = join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js');
  const programs = {
    keel: `exec "${process.execPath}" "${keel}" "$@"`,
    npx: `[ "$1" = keel ] || exit 127\nshift\nexec keel "$@"`,
    npm: `[ "$1" = start ] || exit 127\nshift\n[ "$1" = -- ] && shift\nexec keel run "$@"`,
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const tail = (output: string): string => output.trimEnd().split('\n').slice(-12).join('\n');

function failureOf(command: DocumentedCommand, { exitCode, output }: Ended): string | undefined {
  if (exitCode !== command.exitCode)
    return `ended with ${String(exitCode)}, the page says ${command.exitCode}\n${tail(output)}`;
  const missing = firstMissing(command.output, output.split('\n'));
  return missing === undefined ? undefined : `does not print "${missing}"\n${tail(output)}`;
}

/** The first line of the page that did not come, in this order. `…` stands for anything, `<name>` for one word. */
export function firstMissing(expected: readonly string[], printed: readonly string[]): string | undefined {
  let place = 0;
  for (const line of expected) {
    if (line.trim() === '' || line.trim() === '…') continue;
    const pattern = new RegExp(
      `^${line
        .trimEnd()
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('…', '.*')
        .replace(/<[a-z][a-z0-9 ]*>/g, '\\S+')}\\s*$`,
    );
    const found = printed.findIndex((text, index) => index >= place && pattern.test(text));
    if (found === -1) return line;
    place = found + 1;
  }
  return undefined;
}

/** Runs pages, each from a desk of its own; what several of them begin with is done once and copied. */
export class Readers {
  readonly root = mkdtempSync(join(tmpdir(), 'evenkeel-docs-'));
  private readonly prepared = new Map<string, Promise<Desk>>();

  async read(commands: readonly DocumentedCommand[]): Promise<Ran[]> {
    const first = commands.findIndex(({ isPreparation }) => isPreparation !== true);
    const preparation = commands.slice(0, first === -1 ? commands.length : first);
    const desk = await this.desk(preparation);
    const ran: Ran[] = [];
    try {
      for (const command of commands.slice(preparation.length)) ran.push(await desk.run(command));
    } finally {
      await desk.close();
    }
    return ran;
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private async desk(preparation: readonly DocumentedCommand[]): Promise<Desk> {
    if (preparation.length === 0) return Desk.fresh(this.root);
    const key = preparation.map(({ text }) => text).join('\n');
    let prepared = this.prepared.get(key);
    if (prepared === undefined) {
      prepared = this.prepare(preparation);
      this.prepared.set(key, prepared);
    }
    return (await prepared).copy(this.root);
  }

  private async prepare(preparation: readonly DocumentedCommand[]): Promise<Desk> {
    const desk = Desk.fresh(this.root);
    for (const command of preparation) {
      const { failure } = await desk.run(command);
      if (failure !== undefined)
        throw new Error(`${command.page}:${command.line} ${command.text}: ${failure}`);
    }
    await desk.close();
    return desk;
  }
}
