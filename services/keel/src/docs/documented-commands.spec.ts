import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { REPOSITORY } from '../stack/home';
import { everyCommand, keelArguments, mentionProblem, parseProblem } from './command-line.test-support';
import { commandsOfHelp, commandsOfPage, mentionsOfPage } from './documented-commands.test-support';
import type { DocumentedCommand } from './documented-commands.test-support';
import { Readers, firstMissing } from './documented-run.test-support';
import type { Ran } from './documented-run.test-support';

/** `npm run docs` runs the slow ones too; `EK_DOCS_PAGE` (a pattern) reads the pages that match it. */
const { EK_DOCS_ALL, EK_DOCS_PAGE = '' } = process.env;
const PAGES_AT_ONCE = 2;

function markdown(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdown(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...markdown('docs'),
  ...markdown('samples'),
  ...readdirSync(join(REPOSITORY, 'libs'))
    .map((name) => join('libs', name, 'README.md'))
    .filter((page) => existsSync(join(REPOSITORY, page))),
];
const textOf = (page: string): string => readFileSync(join(REPOSITORY, page), 'utf8');

const bare = ({ text }: DocumentedCommand): string =>
  text
    .replace(/\s+#.*$/, '')
    .replace(/^npx /, '')
    .trim();

const HELP_BEGINS = [
  'keel run --tape samples/tape.json --book samples/books/btc-options.json',
  'keel audit list --limit 5',
];

/** Examples of help texts that are not run, by how they begin, and why. */
const HELP_NOT_RUN: readonly (readonly [string, string])[] = [
  ['keel audit witness', 'a server that stays'],
  ['keel audit verify --follow', 'a server that stays'],
  ['keel watch', 'a screen that stays'],
  ['keel book drop-copy', 'stays, and needs the other side of a FIX session'],
  ['keel audit verify --resume --checkpoint', 'needs the checkpoint of a witness'],
  ['keel audit rotate-key --key', 'needs a key kept elsewhere'],
  ['keel audit begin-log', 'needs a log that is lost'],
  ['keel epoch retire', 'needs an epoch that is over and witnessed'],
  ['keel ledger detach', 'needs an epoch that is over and witnessed'],
  ['keel epoch open', 'needs servers of one’s own, or ends the epoch (way-back.spec.ts)'],
  ['keel propose epoch', 'needs the plan of a lost journal (way-back.spec.ts)'],
  ['keel propose quarantine', 'needs a message that nobody can believe (quarantine.spec.ts)'],
  ['keel quarantine', 'needs a message that nobody can believe (quarantine.spec.ts)'],
  ['keel propose roles', 'needs an enrolment that waits (governance.spec.ts)'],
  ['keel identity provider', 'needs an identity provider (governance.spec.ts)'],
  [
    'keel identity create rita --role risk-officer --issuer',
    'needs an identity provider (governance.spec.ts)',
  ],
  ['keel approve', 'asks a person at the terminal (docs/governance.md runs it)'],
  ['keel reject', 'needs a proposal of somebody else (governance.spec.ts)'],
  ['keel withdraw', 'needs a proposal of one’s own (governance.spec.ts)'],
  ['keel venues check deribit', 'needs the network'],
  ['keel kill --by', 'needs processes that run elsewhere (direct-kill.spec.ts)'],
  ['keel throttle reset', 'needs an instrument that is throttled'],
  ['keel venue resume', 'needs a venue that is halted'],
  ['keel run', 'opens another epoch (README.md runs it)'],
  ['keel audit archive --verify', 'needs the key of the log (docs/audit.md runs it without)'],
  ['keel controls', 'needs servers that run'],
  ['keel propose book', 'needs an identity (docs/governance.md runs it)'],
  ['keel propose override', 'needs servers that run (docs/governance.md runs others)'],
  ['keel propose release', 'needs servers that run (docs/governance.md runs it)'],
  ['keel book', 'needs services that run (docs/books.md runs it)'],
  ['keel restrict', 'needs services that run'],
  ['keel override', 'needs services that run and a second person'],
  ['keel release', 'needs a second person (docs/governance.md runs it)'],
  ['keel keys', 'needs services that run (signed-run.spec.ts)'],
];

/** Examples of help texts that `npm run docs` alone runs. */
const HELP_SLOW: readonly string[] = ['keel lab evidence', 'keel lab scenario', 'keel lab compare'];

const preparation = (text: string): DocumentedCommand => ({
  page: '--help',
  line: 0,
  text,
  exitCode: 0,
  output: [],
  isPreparation: true,
});

/** Examples of help texts that no page shows. */
function helpOnly(shown: ReadonlySet<string>): DocumentedCommand[] {
  return everyCommand().flatMap(({ name, command }) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    return commandsOfHelp(name, help)
      .filter((example) => !shown.has(bare(example)))
      .map((example) => {
        const notRun = HELP_NOT_RUN.find(([begin]) => example.text.startsWith(begin))?.[1];
        if (notRun !== undefined) return { ...example, notRun };
        const isSlow = HELP_SLOW.some((begin) => example.text.startsWith(begin));
        return isSlow ? { ...example, slow: 'minutes of computing' } : example;
      });
  });
}

const place = ({ page, line, text }: DocumentedCommand): string =>
  `${page}:${line}: ${text.split('\n')[0] ?? ''}`;

const byPage = new Map(PAGES.map((page) => [page, commandsOfPage(page, textOf(page))]));
const inHelp = helpOnly(new Set([...byPage.values()].flat().map(bare)));
/** Help texts are one page more, read after a run over the samples. */
byPage.set('--help', [...HELP_BEGINS.map(preparation), ...inHelp]);
const documented = [...byPage.values()].flat().filter(({ isPreparation }) => isPreparation !== true);

/** Why a command is not run now; undefined where it is. */
function reasonNotRun(command: DocumentedCommand): string | undefined {
  if (command.notRun !== undefined) return command.notRun;
  const [, interpreter] = /^(python3|Rscript) - /.exec(command.text) ?? [];
  if (interpreter !== undefined && spawnSync(interpreter, ['--version']).error !== undefined)
    return `no ${interpreter} on this machine`;
  return command.slow !== undefined && EK_DOCS_ALL === undefined
    ? `slow (npm run docs): ${command.slow}`
    : undefined;
}

describe('documented commands', () => {
  it('name commands and flags that exist', async () => {
    const problems: string[] = [];
    for (const command of documented)
      for (const args of keelArguments(command.text)) {
        const problem = await parseProblem(args);
        if (problem !== undefined) problems.push(`${place(command)}\n  ${problem}`);
      }
    expect(problems).toEqual([]);
  });

  it('are named in prose as they are', () => {
    const problems = PAGES.flatMap((page) =>
      mentionsOfPage(textOf(page)).flatMap(({ line, text }) => {
        const problem = mentionProblem(text);
        return problem === undefined ? [] : [`${page}:${line}: ${text}: ${problem}`];
      }),
    );
    expect(problems).toEqual([]);
  });

  it('do what the pages say', async () => {
    const before = execFileSync('git', ['status', '--porcelain'], { cwd: REPOSITORY, encoding: 'utf8' });
    const ran = await readPages();
    const failures = ran.filter(({ failure }) => failure !== undefined);
    report(ran);
    if (failures.length > 0)
      throw new Error(
        failures.map(({ command, failure }) => `${place(command)}\n  ${failure ?? ''}`).join('\n\n'),
      );
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: REPOSITORY, encoding: 'utf8' })).toBe(
      before,
    );
  }, 1_800_000);
});

async function readPages(): Promise<Ran[]> {
  const readers = new Readers();
  const waiting = [...byPage].filter(([page]) => new RegExp(EK_DOCS_PAGE).test(page));
  const ran: Ran[] = [];
  const reader = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const commands = next[1].filter((command) => reasonNotRun(command) === undefined);
      if (commands.some(({ isPreparation }) => isPreparation !== true))
        ran.push(...(await readers.read(commands)));
    }
  };
  try {
    await Promise.all(Array.from({ length: PAGES_AT_ONCE }, reader));
  } finally {
    readers.close();
  }
  return ran;
}

function report(ran: readonly Ran[]): void {
  const reasons = new Map<string, number>();
  for (const command of documented) {
    const reason = reasonNotRun(command);
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const parsed = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  const run = ran.filter(({ command }) => command.isPreparation !== true).length;
  const slowest = [...ran].sort((a, b) => b.seconds - a.seconds).slice(0, 5);
  process.stderr.write(
    [
      `${documented.length} documented commands: ${run} run, ${parsed} parsed only`,
      ...[...reasons].map(([reason, count]) => `  ${count} not run: ${reason}`),
      ...slowest.map(({ command, seconds }) => `  ${seconds.toFixed(1)} s ${place(command)}`),
      '',
    ].join('\n'),
  );
}

describe('the reader of pages', () => {
  it('finds commands in each form, with what is said about them', () => {
    const page = [
      '    keel up   # stays',
      '    keel audit check x  # exit code 2: not a bundle',
      '',
      'Code:',
      '',
      '    const a = 1; // not a command',
      '',
      '<!-- not run: needs the network -->',
      '',
      '    EK_HOME=x keel run \\',
      '      --days 1',
      '',
      '```console',
      '$ keel status',
      'nothing is running in …',
      '```',
      '```json',
      '{ "keel": 1 }',
      '```',
    ].join('\n');
    expect(
      commandsOfPage('p.md', page).map(({ line, text, exitCode, output, notRun = '' }) => ({
        line,
        text,
        exitCode,
        output,
        notRun,
      })),
    ).toEqual([
      { line: 1, text: 'keel up   # stays', exitCode: 0, output: [], notRun: '' },
      {
        line: 2,
        text: 'keel audit check x  # exit code 2: not a bundle',
        exitCode: 2,
        output: [],
        notRun: '',
      },
      {
        line: 10,
        text: 'EK_HOME=x keel run \\\n  --days 1',
        exitCode: 0,
        output: [],
        notRun: 'needs the network',
      },
      { line: 14, text: 'keel status', exitCode: 0, output: ['nothing is running in …'], notRun: '' },
    ]);
  });

  it('sees a flag, a command and an output that are not there', async () => {
    expect(keelArguments('EK_HOME=x keel up && npx keel audit verify --json > "a b" # c')).toEqual([
      ['up'],
      ['audit', 'verify', '--json'],
    ]);
    expect(await parseProblem(['audit', 'verify', '--no-such-flag'])).toMatch(/unknown option/);
    expect(await parseProblem(['audit', 'verify', '--json'])).toBeUndefined();
    expect(mentionProblem('keel audit nothing')).toMatch(/not a command/);
    expect(mentionProblem('keel audit verify [--none]')).toMatch(/--none/);
    expect(mentionProblem('keel restrict set|lift <instrument> --book B')).toBeUndefined();
    expect(firstMissing(['a … c', 'd'], ['x', 'a b c', 'd'])).toBeUndefined();
    expect(firstMissing(['d', 'a … c'], ['a b c', 'd'])).toBe('a … c');
  });

  it('of two pages that show the same command runs both, and lists every page', () => {
    expect(PAGES.map((page) => relative(REPOSITORY, join(REPOSITORY, page)))).toEqual(PAGES);
    expect(PAGES).toContain('docs/runbooks/kill-switch.md');
  });
});
