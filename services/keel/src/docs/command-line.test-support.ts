import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { createProgram } from '../main';

/** The words of a line of bash, each simple command by itself: what `&&`, `|`, `;` and `&` part, without redirections. */
export function simpleCommands(text: string): string[][] {
  const commands: string[][] = [[]];
  const tokens = text
    .replace(/\\\n/g, ' ')
    .replace(/<<'END'[\s\S]*$/, '')
    .matchAll(
      /(?:<[a-z][a-z0-9 -]*>|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'#|&;<>]|(?<=\S)#)+|#.*|&&|\|\||[|&;]|>>?|</g,
    );
  let isTarget = false;
  for (const [token] of tokens) {
    if (token.startsWith('#')) continue;
    if (/^(?:&&|\|\||[|&;])$/.test(token)) commands.push([]);
    else if (/^(?:>>?|<)$/.test(token)) isTarget = true;
    else if (isTarget) isTarget = false;
    else commands.at(-1)?.push(token.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, '$1$2'));
  }
  return commands
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z][A-Z0-9_]*=/.test(word))))
    .filter((words) => words.length > 0);
}

/** The arguments of each `keel` in a line of bash. */
export function keelArguments(text: string): string[][] {
  return simpleCommands(text).flatMap((words) => {
    const [first, second] = words;
    if (first === 'keel') return [words.slice(1)];
    if (first === 'npx' && second === 'keel') return [words.slice(2)];
    if (first === 'npm' && second === 'start')
      return [['run', ...words.slice(2).filter((word) => word !== '--')]];
    return [];
  });
}

/** What commander says against a command line; undefined where it takes it. Nothing is run. */
export async function parseProblem(args: readonly string[]): Promise<string | undefined> {
  const program = createProgram();
  let said = '';
  const prepare = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: (text) => (said += text), writeOut: () => undefined });
    command.action(() => undefined);
    command.commands.forEach(prepare);
  };
  prepare(program);
  try {
    await program.parseAsync(['node', 'keel', ...args]);
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? undefined : said.trim() || error.message;
    throw error;
  }
}

/** Every command below `keel`, with its full name. */
export function everyCommand(): { readonly name: string; readonly command: Command }[] {
  const walk = (command: Command, before: string): { name: string; command: Command }[] => {
    const name = `${before}${command.name()}`;
    return [{ name, command }, ...command.commands.flatMap((child) => walk(child, `${name} `))];
  };
  return walk(createProgram(), '').slice(1);
}

/** What is wrong with `keel …` as prose writes it: a command that is not there, a flag that it does not have. */
export function mentionProblem(mention: string): string | undefined {
  const words = mention.split(/[\s[\],()…]+/).filter((word) => word !== '');
  let found: Command[] = [createProgram()];
  for (const word of words.slice(1)) {
    if (word.startsWith('-')) break;
    const names = word.split('|');
    const next = found.flatMap((command) => command.commands.filter((child) => names.includes(child.name())));
    if (next.length > 0) found = next;
    else if (
      found.every((command) => command.commands.length > 0 && command.registeredArguments.length === 0)
    )
      return /^[a-z-]+$/.test(word) ? `"${word}" is not a command` : undefined;
    else break;
  }
  const known = new Set([
    '--help',
    '--version',
    ...found.flatMap((command) => command.options.map(({ long }) => long ?? '')),
  ]);
  const unknown = words
    .flatMap((word) => /^--[a-z][a-z0-9-]*/.exec(word) ?? [])
    .find((flag) => !known.has(flag));
  return unknown === undefined ? undefined : `${unknown} is not an option of it`;
}
