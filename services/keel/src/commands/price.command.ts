import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { decodedText, readNamedText, writeNamedFile } from '@evenkeel/config';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import { POOL_MODELS } from '@evenkeel/pools';
import {
  caseModels,
  runImpliedVolatilityFile,
  runPricingFile,
  runRealisedFile,
  runSurfaceFit,
} from '@evenkeel/pricing';

interface PriceFlags {
  readonly in?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function addPriceCommands(program: Command): void {
  const price = withFiles(
    program.command('price').description('value the cases of a file with the pricing kernel'),
  )
    .addHelpText(
      'after',
      `\nModels: ${[...caseModels, ...Object.keys(POOL_MODELS)].join(', ')}.\nReads { "model", "cases": [{ "id", "inputs" }] } and writes { "kernelHash", "results": [...] }; one bad case never spoils the rest.\n\nExample:\n  keel price --in samples/prices/cases.json --out out/results.json\n`,
    )
    .action((flags: PriceFlags) =>
      convert(flags, (text, source) => runPricingFile(parseJson(text, source), POOL_MODELS)),
    );
  withFiles(price.command('vol').description('implied volatilities of the cases of a file'))
    .addHelpText('after', '\nExample:\n  keel price vol --in samples/prices/vols.json --out out/vols.json\n')
    .action((_: unknown, command: Command) =>
      convert(command.optsWithGlobals(), (text, source) => runImpliedVolatilityFile(parseJson(text, source))),
    );
  withFiles(
    price.command('fit').description('fit a volatility surface to the quotes of a chain (CSV rows or JSON)'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  keel price fit --in samples/prices/chain.csv --out out/surface.json\n',
    )
    .action((_: unknown, command: Command) =>
      convert(command.optsWithGlobals(), (text, source) => runSurfaceFit(csvOrJson(text, source))),
    );
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
    .action((_: unknown, command: Command) =>
      convert(command.optsWithGlobals(), (text, source) => runRealisedFile(csvOrJson(text, source))),
    );
}

function csvOrJson(text: string, source: string): unknown {
  return /^\s*[[{]/.test(text) ? parseJson(text, source) : text;
}

function withFiles(command: Command): Command {
  return command
    .option('--in <file>', 'input; stdin unless told')
    .option('--out <file>', 'output; stdout unless told')
    .option('--json', 'accepted for uniformity: the output is always JSON');
}

function convert(flags: PriceFlags, run: (text: string, source: string) => unknown): void {
  const source = flags.in ?? 'stdin';
  const text = flags.in === undefined ? decodedText(readFileSync(0)) : readNamedText(resolve(flags.in));
  const output = `${JSON.stringify(resultOf(text, source, run), null, 2)}\n`;
  if (flags.out === undefined) process.stdout.write(output);
  else writeNamedFile(flags.out, output);
}

/** A file that is not of the right shape at all is a person's mistake. */
function resultOf(text: string, source: string, run: (text: string, source: string) => unknown): unknown {
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
