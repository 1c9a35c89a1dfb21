import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readNamedText } from '@evenkeel/config';
import { moneyText } from '@evenkeel/figures';
import { InvalidInputError } from '@evenkeel/kernel';
import type { ScenarioResult } from '@evenkeel/lab';
import { ProgressLine } from '../run/progress-line';
import { EXIT } from './exit-codes';
import { inputsOf } from './run.command';
import type { MarketFlags } from './run.command';

interface ScenarioFlags {
  readonly tape?: string;
  readonly book: readonly string[];
  readonly policy?: string;
  readonly json?: boolean;
}

const gather = (path: string, all: readonly string[]): readonly string[] => [...all, path];

export function addLabScenarioCommand(lab: Command): void {
  lab
    .command('scenario [names...]')
    .description(
      'the production cores under stress: built-in scenarios by name, or files; all without a name',
    )
    .option('--tape <manifest>', 'stress this tape in place of the scenario’s own market')
    .option('--book <file>', 'the book to put under stress (with --tape)', gather, [])
    .option('--policy <file>', 'hedging policy to use instead of the book’s own')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `\nBuilt in: ${builtIn().join(', ')}.\nExit code 1 when an expectation does not hold.\n\nExample:\n  keel lab scenario flash-crash weekend-gap\n`,
    )
    .action((names: readonly string[], flags: ScenarioFlags) => stress(names, flags));
}

const folder = (): string => join(dirname(require.resolve('@evenkeel/lab/package.json')), 'scenarios');

function builtIn(): string[] {
  return readdirSync(folder())
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

async function stress(names: readonly string[], flags: ScenarioFlags): Promise<void> {
  const { parseScenarioFile, runScenario } = await import('@evenkeel/lab');
  const known = builtIn();
  const files = (names.length === 0 ? known : names).map((name) =>
    known.includes(name) ? join(folder(), `${name}.json`) : resolve(name),
  );
  const scenarios = files.map((file) => parseScenarioFile(readNamedText(file), file));
  const given = givenMarket(flags);
  const progress = new ProgressLine(flags.json === true);
  const results: ScenarioResult[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    progress.show(index / scenarios.length, scenario.scenario);
    results.push(runScenario(scenario, given));
  }
  progress.clear();
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(results)}\n`
      : [...results.map(render), countText(results)].join('\n'),
  );
  process.exitCode = results.every(({ held }) => held) ? EXIT.ok : EXIT.failed;
}

function givenMarket(flags: ScenarioFlags) {
  if (flags.tape === undefined && flags.book.length === 0 && flags.policy === undefined) return {};
  if (flags.book.length > 1)
    throw new InvalidInputError('the command', [{ path: '--book', message: 'one book at a time' }]);
  const market: MarketFlags = {
    book: flags.book,
    seed: 'evenkeel',
    days: '7',
    ...(flags.tape === undefined ? {} : { tape: flags.tape }),
    ...(flags.policy === undefined ? {} : { policy: flags.policy }),
  };
  const { tape, books } = inputsOf(market);
  const [book] = books;
  // Without a tape the scenario brings its own market, and the book that fits it.
  if (flags.tape === undefined || book === undefined)
    return book?.policy === undefined ? {} : { policy: book.policy };
  return { tape, book };
}

function countText(results: readonly ScenarioResult[]): string {
  const failed = results.filter(({ held }) => !held).map(({ scenario }) => scenario);
  const checks = results.reduce((all, { expectations }) => all + expectations.length, 0);
  const names = failed.length === 0 ? '' : `; FAILED: ${failed.join(', ')}`;
  return `${results.length - failed.length} of ${results.length} scenarios held, ${checks} expectations${names}\n`;
}

function render(result: ScenarioResult): string {
  const { statistics, explained } = result;
  const { pnl, numeraire } = statistics;
  const money = (amount: string): string => moneyText(amount, numeraire);
  const lines = [
    `${result.held ? 'held' : 'FAILED'}  ${result.scenario}: ${result.description}`,
    ...result.expectations.map(
      ({ held, expectation, observed }) => `  ${held ? '✓' : '✗'} ${expectation}: ${observed}`,
    ),
    `  P&L ${money(pnl.hedged)}, unhedged ${money(pnl.unhedged)}; fees ${money(pnl.fees)}, funding ${money(pnl.funding)}; ${statistics.fills} fills`,
    `  P&L unexplained ${explained.residualPercentOfGross.toFixed(2)} % of gross`,
  ];
  return `${lines.join('\n')}\n`;
}
