/** A command as a page or a `--help` shows it. */
export interface DocumentedCommand {
  /** Path of the page from the root of the repository, or `keel <command> --help`. */
  readonly page: string;
  readonly line: number;
  /** As bash takes it; placeholders such as `<decision>` still in it. */
  readonly text: string;
  /** What the page says it ends with, `# exit code 1`. */
  readonly exitCode: number;
  /** Lines that the page shows below it. */
  readonly output: readonly string[];
  /** Why it is only parsed: `<!-- not run: needs the network -->` before its block. */
  readonly notRun?: string;
  /** Why it runs with `npm run docs` alone: `<!-- slow: … -->` before its block. */
  readonly slow?: string;
  /** Taken for done by the reader, shown to nobody: `<!-- before: keel run … -->`. */
  readonly isPreparation?: true;
}

/** What a line of commands begins with, after settings such as `EK_HOME=…`. */
const COMMAND =
  /^(?:[A-Z][A-Z0-9_]*=\S*\s+)*(?:keel|npx|npm|node|git|docker|kubectl|psql|nats|python3|Rscript|export)(?:\s|$)/;
const SETTING = /^[A-Z][A-Z0-9_]*=\S+\s*(?:#.*)?$/;
const MARKER = /^\s*<!--\s*(not run|slow|before):\s*(.*?)\s*-->\s*$/;
/** Fences whose text is a script, and the interpreter that is given it. */
const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['python', 'python3 -'],
  ['r', 'Rscript -'],
]);

export const isCommand = (line: string): boolean => COMMAND.test(line) || SETTING.test(line);

interface Block {
  readonly kind: 'sh' | 'console' | 'python' | 'r';
  readonly line: number;
  readonly lines: readonly string[];
}

interface Marks {
  notRun?: string;
  slow?: string;
}

/**
 * Every command of a Markdown page, in its order. Commands stand in indented blocks whose first line is one, in fences of
 * `sh`, behind `$ ` in fences of `console` (what follows is output), or are a whole script of `python` or `r`.
 */
export function commandsOfPage(page: string, text: string): DocumentedCommand[] {
  const lines = text.split('\n');
  const commands: DocumentedCommand[] = [];
  let marks: Marks = {};
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const [, kind, words = ''] = MARKER.exec(line) ?? [];
    if (kind === 'before')
      commands.push({ page, line: index + 1, text: words, exitCode: 0, output: [], isPreparation: true });
    else if (kind === 'not run') marks = { ...marks, notRun: words };
    else if (kind === 'slow') marks = { ...marks, slow: words };
    if (kind !== undefined || line.trim() === '') continue;
    const found = fencedBlock(lines, index) ?? indentedBlock(lines, index);
    if (found !== undefined) {
      commands.push(...commandsOfBlock(page, found.block, marks));
      index = found.end;
    }
    marks = {};
  }
  return commands;
}

interface FoundBlock {
  readonly block: Block;
  /** Index of its last line. */
  readonly end: number;
}

function fencedBlock(lines: readonly string[], start: number): FoundBlock | undefined {
  const [, indent = '', language = ''] = /^(\s*)```(\S*)/.exec(lines[start] ?? '') ?? [];
  if (!/^\s*```/.test(lines[start] ?? '')) return undefined;
  let end = start + 1;
  while (end < lines.length && !/^\s*```\s*$/.test(lines[end] ?? '')) end += 1;
  const inside = lines.slice(start + 1, end).map((line) => line.slice(indent.length));
  const kind = kindOfFence(language);
  return { block: { kind: kind ?? 'sh', line: start + 2, lines: kind === undefined ? [] : inside }, end };
}

function kindOfFence(language: string): Block['kind'] | undefined {
  if (language === 'sh' || language === 'bash') return 'sh';
  if (language === 'console' || language === 'python' || language === 'r') return language;
  return undefined;
}

/** Four spaces deeper than the text around: a block of commands where its first line is one. */
function indentedBlock(lines: readonly string[], start: number): FoundBlock | undefined {
  const [indent = ''] = /^ {4,}/.exec(lines[start] ?? '') ?? [];
  if (indent === '') return undefined;
  let end = start;
  for (let index = start; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.startsWith(indent)) end = index;
    else if (line.trim() !== '') break;
  }
  const inside = lines.slice(start, end + 1).map((line) => line.slice(indent.length));
  const isShell = isCommand(inside[0] ?? '');
  return { block: { kind: 'sh', line: start + 1, lines: isShell ? inside : [] }, end };
}

function commandsOfBlock(page: string, block: Block, marks: Marks): DocumentedCommand[] {
  const { kind, line: first, lines } = block;
  const interpreter = SCRIPTS.get(kind);
  if (interpreter !== undefined)
    return [
      {
        page,
        line: first,
        text: `${interpreter} <<'END'\n${lines.join('\n')}\nEND`,
        exitCode: 0,
        output: [],
        ...marks,
      },
    ];
  const commands: DocumentedCommand[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const shown = lines[index] ?? '';
    if (kind === 'console' && !shown.startsWith('$ ')) {
      const last = commands.pop();
      if (last !== undefined) commands.push({ ...last, output: [...last.output, shown] });
      continue;
    }
    const line = first + index;
    let text = kind === 'console' ? shown.slice(2) : shown;
    while (text.endsWith('\\') && index + 1 < lines.length) {
      index += 1;
      text = `${text}\n${lines[index] ?? ''}`;
    }
    if (text.trim() !== '' && !text.trimStart().startsWith('#'))
      commands.push({ page, line, text, exitCode: exitCodeOf(text), output: [], ...marks });
  }
  return commands;
}

const exitCodeOf = (text: string): number => Number(/#.*\bexit code (\d+)/.exec(text)?.[1] ?? 0);

/** The commands below `Example:` of a help text. */
export function commandsOfHelp(command: string, help: string): DocumentedCommand[] {
  const [, after = ''] = /\nExamples?:\n([\s\S]*)$/.exec(help) ?? [];
  const [block = ''] = after.split('\n\n');
  return block.split('\n').flatMap((line, index) =>
    line.trim() === ''
      ? []
      : [
          {
            page: `${command} --help`,
            line: index + 1,
            text: line.trim(),
            exitCode: exitCodeOf(line),
            output: [],
          },
        ],
  );
}

/** `keel …` between backticks in the prose and tables of a page. */
export function mentionsOfPage(text: string): readonly { readonly line: number; readonly text: string }[] {
  let fenced = false;
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*```/.test(line)) fenced = !fenced;
    if (fenced) return [];
    return [...line.matchAll(/`(?:npx )?(keel [^`]+)`/g)].map(([, mention = '']) => ({
      line: index + 1,
      text: mention.replaceAll('\\|', '|'),
    }));
  });
}
