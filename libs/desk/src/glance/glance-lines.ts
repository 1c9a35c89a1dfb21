/** How a line is meant; colours are the terminal's business. */
export type Tone = 'plain' | 'head' | 'good' | 'warn' | 'bad' | 'dim';

export interface GlanceLine {
  readonly text: string;
  readonly tone: Tone;
}

const ESCAPES: Readonly<Record<Tone, string>> = {
  plain: '',
  head: '\u001b[1m',
  good: '\u001b[32m',
  warn: '\u001b[33m',
  bad: '\u001b[31m',
  dim: '\u001b[2m',
};
const RESET = '\u001b[0m';
const WIDTH_MIN = 40;

/** Lines of a glance: a name in the first column, what is said beside it, wrapped below itself. */
export class Lines {
  readonly all: GlanceLine[] = [];
  private readonly width: number;

  /** `width`: characters of a line; at least 40 are used. */
  constructor(width: number) {
    this.width = Math.max(WIDTH_MIN, width);
  }

  head(text: string): void {
    this.all.push({ text: '', tone: 'plain' });
    this.say(0, text, 'head');
  }

  /** A name, and what is said of it; `column`: where that begins. */
  named(name: string, text: string, tone: Tone = 'plain', column = NAME_COLUMN): void {
    this.say(column, `${name.padEnd(column - 1)} ${text}`, tone);
  }

  /** `hang`: how far lines after the first are set in. */
  say(hang: number, text: string, tone: Tone = 'plain'): void {
    for (const line of wrapped(printable(text), this.width, hang)) this.all.push({ text: line, tone });
  }
}

export const NAME_COLUMN = 14;

/** Nobody who names a thing or gives a reason moves the cursor of whoever reads it. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function wrapped(text: string, width: number, hang: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  const indent = ' '.repeat(Math.min(hang, width / 2));
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    // A word that is longer than a line is broken.
    const at = space > indent.length ? space : width;
    lines.push(rest.slice(0, at));
    rest = `${indent}${rest.slice(at).trimStart()}`;
  }
  return [...lines, rest].map((line) => line.trimEnd());
}

/** Lines as text; with `colour`, for a terminal. */
export function linesText(lines: readonly GlanceLine[], colour: boolean): string {
  return lines
    .map(({ text, tone }) =>
      colour && ESCAPES[tone] !== '' && text !== '' ? `${ESCAPES[tone]}${text}${RESET}` : text,
    )
    .map((text) => `${text}\n`)
    .join('');
}

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** How long something has lasted, short: `0.4 s`, `45 s`, `12 min`, `5 h`, `3 days`. */
export function ageText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 2 * MINUTE) return `${seconds.toFixed(0)} s`;
  if (seconds < 2 * HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} days`;
}
