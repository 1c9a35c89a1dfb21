import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { decodedText, readNamedText, writeNamedFile } from '@evenkeel/config';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import { remarksOfBars, rowsOfTable } from '@evenkeel/market';
import type { NamedRow } from '@evenkeel/market';
import { POOL_MODELS } from '@evenkeel/pools';
import {
  caseModels,
  runImpliedVolatilityFile,
  runPricingFile,
  runRealisedFile,
  runSurfaceFit,
  unitOf,
} from '@evenkeel/pricing';
import type { CaseResults, RowProblem } from '@evenkeel/pricing';
import { EXIT } from './exit-codes';

interface PriceFlags {
  readonly in?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly unit?: string;
}

export function addPriceCommands(program: Command): void {
  const price = withFiles(
    program.command('price').description('value the cases of a file with the pricing kernel'),
  )
    .addHelpText(
      'after',
      `\nModels: ${[...caseModels, ...Object.keys(POOL_MODELS)].join(', ')}.\nReads { "model", "cases": [{ "id", "inputs" }] } and writes { "kernelHash", "results": [...] }; one bad case never spoils the rest.\nExit code 1: a case was refused.\n\nExample:\n  keel price --in samples/prices/cases.json --out out/results.json\n`,
    )
    .action((flags: PriceFlags) => valueCases(flags, (file) => runPricingFile(file, POOL_MODELS)));
  withFiles(price.command('vol').description('implied volatilities of the cases of a file'))
    .addHelpText('after', '\nExample:\n  keel price vol --in samples/prices/vols.json --out out/vols.json\n')
    .action((_: unknown, command: Command) =>
      valueCases(command.optsWithGlobals(), runImpliedVolatilityFile),
    );
  withFiles(
    price.command('fit').description('fit a volatility surface to the quotes of a chain (CSV rows or JSON)'),
  )
    .addHelpText(
      'after',
      '\nPrices are in coin unless --unit, a field or column "unit", or the names of the options say otherwise.\nExit code 1: a smile lies away from its quotes ("converged": false; where "usable" is false no smile fits them, and it prices nothing); 2: nothing could be fitted.\n\nExample:\n  keel price fit --in samples/prices/chain.csv --out out/surface.json\n',
    )
    .option('--unit <unit>', 'coin or quote: what the prices of the quotes are in')
    .action((_: unknown, command: Command) => fit(command.optsWithGlobals()));
  withFiles(
    price
      .command('realised')
      .description(
        'realised volatility of bars (CSV rows or JSON): five estimators, EWMA, GARCH and EGARCH, cone',
      ),
  )
    .addHelpText(
      'after',
      '\nExample:\n  keel price realised --in samples/market/btc-spot.csv --out out/realised.json\n',
    )
    .action((_: unknown, command: Command) => {
      writeResult(command.optsWithGlobals(), (text, source) =>
        runRealisedFile(tableOrJson(text, source), (table) => {
          const rows = rowsOfTable(source, table);
          for (const remark of remarksOfBars(source, rows)) process.stderr.write(`note: ${remark}\n`);
          return rows;
        }),
      );
    });
}

/** Cases that were refused are counted on stderr, and the exit code says that there are any. */
function valueCases(flags: PriceFlags, run: (file: unknown) => CaseResults): void {
  const { results } = writeResult(flags, (text, source) => run(parseJson(text, source)));
  const refused = results.filter(({ error }) => error !== undefined);
  if (refused.length === 0) return;
  const [first] = refused;
  process.stderr.write(
    `${refused.length} of ${results.length} cases were refused, the first ${first?.id ?? ''}: ${first?.error?.message ?? ''}\n`,
  );
  process.exitCode = EXIT.failed;
}

/** What is to be known of a fit beside its numbers; where there are none, that is an error. */
function fit(flags: PriceFlags): void {
  const lines: number[] = [];
  const source = flags.in ?? 'stdin';
  const readTable = (table: string): NamedRow[] => {
    const rows = rowsOfTable(source, table);
    lines.push(...rows.map(({ line }) => line));
    return rows;
  };
  const report = computed(flags, (text) => {
    const { problems, ...fitted } = runSurfaceFit(tableOrJson(text, source), readTable, unitOf(flags.unit));
    return {
      ...fitted,
      problems: problems.map((problem): RowProblem & { readonly line?: number } => {
        const line = lines[problem.row];
        return line === undefined ? problem : { ...problem, line };
      }),
    };
  });
  const wrong = report.problems.map(({ row, line, message }) => ({
    path: line === undefined ? `quotes[${row}]` : `${source}:${line}`,
    message,
  }));
  const refused = report.refused.map(({ expiry, message }) => ({ path: expiry, message }));
  if (report.slices.length === 0) {
    const problems = [...refused, ...wrong.slice(0, SHOWN_MAX)];
    const empty = { path: '(file)', message: 'holds no quote' };
    throw new InvalidInputError(source, problems.length === 0 ? [empty] : problems);
  }
  write(flags, report);
  const remarks = [
    ...(report.unit.remark === undefined ? [] : [report.unit.remark]),
    ...[...wrong, ...refused].slice(0, SHOWN_MAX).map(({ path, message }) => `${path}: ${message}`),
    ...report.slices.flatMap(({ remark }) => remark ?? []),
  ];
  for (const remark of remarks) process.stderr.write(`${remark}\n`);
  if (report.slices.some(({ converged }) => !converged)) process.exitCode = EXIT.failed;
}

/** So many of a file's wrong rows help somebody who has to mend it. */
const SHOWN_MAX = 20;

function tableOrJson(text: string, source: string): unknown {
  return /^\s*[[{]/.test(text) ? parseJson(text, source) : text;
}

function withFiles(command: Command): Command {
  return command
    .option('--in <file>', 'input; stdin unless told')
    .option('--out <file>', 'output; stdout unless told')
    .option('--json', 'accepted for uniformity: the output is always JSON');
}

function writeResult<T>(flags: PriceFlags, run: (text: string, source: string) => T): T {
  const result = computed(flags, run);
  write(flags, result);
  return result;
}

function computed<T>(flags: PriceFlags, run: (text: string, source: string) => T): T {
  const text = flags.in === undefined ? textOfStdin() : readNamedText(resolve(flags.in));
  return resultOf(text, flags.in ?? 'stdin', run);
}

function textOfStdin(): string {
  const bytes = readFileSync(0);
  try {
    return decodedText(bytes);
  } catch (error) {
    throw new InvalidInputError('stdin', [
      { path: '(file)', message: error instanceof Error ? error.message : '' },
    ]);
  }
}

function write(flags: PriceFlags, result: unknown): void {
  const output = `${JSON.stringify(result, null, 2)}\n`;
  if (flags.out === undefined) process.stdout.write(output);
  else writeNamedFile(flags.out, output);
}

/** A file that is not of the right shape at all is a person's mistake. */
function resultOf<T>(text: string, source: string, run: (text: string, source: string) => T): T {
  try {
    return run(text, source);
  } catch (error) {
    if (error instanceof EvenkeelError && error.code.startsWith('PRICING.'))
      throw new InvalidInputError(source, [{ path: error.path ?? '(file)', message: error.message }]);
    throw error;
  }
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(source, [
      { path: '(file)', message: `is not JSON: ${error instanceof Error ? error.message : String(error)}` },
    ]);
  }
}
