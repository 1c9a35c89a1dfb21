import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { GlanceLine } from '@evenkeel/desk';
import { InvalidInputError } from '@evenkeel/kernel';
import type { Look } from '../status/desk-looker';
import { terminalOf } from '../status/terminal';
import type { Terminal } from '../status/terminal';
import { interruption } from './interruption';
import { isPartial, lookJson, lookOnce } from './status.command';
import { EXIT } from './exit-codes';

interface WatchFlags {
  readonly interval: string;
  readonly once?: boolean;
  readonly json?: boolean;
}

const INTERVAL_MIN_S = 0.5;
const INTERVAL_MAX_S = 3_600;

export function addWatchCommand(program: Command): void {
  program
    .command('watch')
    .description('`keel status`, again and again: in place on a terminal, one after another elsewhere')
    .option('--interval <seconds>', 'between two looks', '2')
    .option('--once', 'one look only')
    .option('--json', 'each look as one line of JSON')
    .addHelpText(
      'after',
      '\nq or Ctrl-C ends it. NO_COLOR is honoured.\n\nExample:\n  keel watch\n  keel watch --interval 5 --json\n',
    )
    .action((flags: WatchFlags) => (flags.once === true ? lookOnce(flags.json === true) : watch(flags)));
}

function intervalMs(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= INTERVAL_MIN_S && seconds <= INTERVAL_MAX_S) return seconds * 1_000;
  throw new InvalidInputError('the command', [
    {
      path: '--interval',
      message: `must be seconds from ${INTERVAL_MIN_S} to ${INTERVAL_MAX_S}, not "${text}"`,
    },
  ]);
}

async function watch(flags: WatchFlags): Promise<void> {
  const pauseMs = intervalMs(flags.interval);
  const { DeskLooker } = await import('../status/desk-looker');
  const show = flags.json === true ? writeJson : process.stdout.isTTY ? await redrawn() : await page();
  const looker = new DeskLooker();
  const interrupted = interruption();
  const quit = quitKey();
  const ended = Promise.race([interrupted.signalled, quit.pressed]);
  let isOver = false;
  void ended.then(() => (isOver = true));
  let last: Look | undefined;
  try {
    while (!isOver) {
      const looked = await Promise.race([looker.look(), ended.then(() => undefined)]);
      if (looked === undefined) break;
      last = looked;
      show.look(looked);
      await Promise.race([delay(pauseMs, undefined, { ref: true }), ended]);
    }
  } finally {
    show.end();
    quit.forget();
    interrupted.forget();
    await looker.close();
  }
  if (last !== undefined && isPartial(last)) process.exitCode = EXIT.failed;
}

interface Shown {
  look(look: Look): void;
  end(): void;
}

const writeJson: Shown = {
  look: (look) => void process.stdout.write(lookJson(look)),
  end: () => undefined,
};

/** A page for each look, for a file or a pipe. */
async function page(): Promise<Shown> {
  const { glanceLines, linesText } = await import('@evenkeel/desk');
  return {
    look({ glance, place }) {
      const { columns } = terminalOf(process.stdout, process.env);
      process.stdout.write(`${linesText(glanceLines(glance, place, columns), false)}\n`);
    },
    end: () => undefined,
  };
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const OTHER_SCREEN = '\u001b[?1049h';
const FIRST_SCREEN = '\u001b[?1049l';

/** On a screen of its own, which is given back as it was. */
async function redrawn(): Promise<Shown> {
  const { glanceLines, linesText } = await import('@evenkeel/desk');
  let last: Look | undefined;
  const draw = (): void => {
    if (last === undefined) return;
    const terminal = terminalOf(process.stdout, process.env);
    const lines = glanceLines(last.glance, last.place, terminal.columns);
    process.stdout.write(screen(fitting(lines, terminal), (all) => linesText(all, terminal.colour)));
  };
  process.stdout.write(`${OTHER_SCREEN}${HIDE_CURSOR}`);
  process.stdout.on('resize', draw);
  return {
    look(look) {
      last = look;
      draw();
    },
    end() {
      process.stdout.off('resize', draw);
      process.stdout.write(`${SHOW_CURSOR}${FIRST_SCREEN}`);
    },
  };
}

/** As many lines as the terminal has, the last of them saying what is left out. */
export function fitting(
  lines: readonly GlanceLine[],
  { rows }: Pick<Terminal, 'rows'>,
): readonly GlanceLine[] {
  const room = (rows ?? lines.length + 1) - 1;
  if (lines.length <= room) return lines;
  const rest = lines.length - room + 1;
  return [
    ...lines.slice(0, Math.max(0, room - 1)),
    { text: `… ${rest} more lines: a higher window, or keel status; q ends`, tone: 'dim' },
  ];
}

/** From the top, each line over the one that was there: nothing flickers. */
function screen(lines: readonly GlanceLine[], textOf: (lines: readonly GlanceLine[]) => string): string {
  const rows = textOf(lines).trimEnd().split('\n');
  return `\u001b[H${rows.map((row) => `${row}\u001b[K`).join('\n')}\u001b[J`;
}

/** q on a terminal, which then gives single keys; Ctrl-C comes as a key too. */
function quitKey(): { readonly pressed: Promise<'quit'>; forget(): void } {
  const { stdin } = process;
  if (!stdin.isTTY) return { pressed: new Promise(() => undefined), forget: () => undefined };
  let press = (): void => undefined;
  const pressed = new Promise<'quit'>((resolve) => (press = () => resolve('quit')));
  const hear = (keys: Buffer): void => {
    if (/[qQ\u0003]/.test(keys.toString())) press();
  };
  stdin.setRawMode(true);
  stdin.on('data', hear);
  stdin.resume();
  return {
    pressed,
    forget() {
      stdin.off('data', hear);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
