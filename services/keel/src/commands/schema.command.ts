import { bookJsonSchema, instrumentsJsonSchema, tapeJsonSchema } from '@evenkeel/market';
import { InvalidInputError } from '@evenkeel/kernel';
import type { Command } from 'commander';

const SCHEMAS: Readonly<Record<string, () => object>> = {
  book: () => bookJsonSchema(),
  tape: () => tapeJsonSchema(),
  instruments: () => instrumentsJsonSchema(),
};

export function addSchemaCommand(program: Command): void {
  const names = Object.keys(SCHEMAS);
  program
    .command('schema')
    .argument('<file>', names.join(', '))
    .description('JSON Schema of a file that people write, for editors and checks of your own')
    .option('--json', 'accepted for uniformity: the output is always JSON')
    .addHelpText('after', '\nExample:\n  keel schema book\n')
    .action((name: string) => {
      const schema = Object.hasOwn(SCHEMAS, name) ? SCHEMAS[name] : undefined;
      if (schema === undefined)
        throw new InvalidInputError('schema', [
          { path: '<file>', message: `is one of ${names.join(', ')}, not ${JSON.stringify(name)}` },
        ]);
      process.stdout.write(`${JSON.stringify(schema(), null, 2)}\n`);
    });
}
