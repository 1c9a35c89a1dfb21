import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';

interface DatabaseFlags {
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly sslmode: string;
  readonly json?: boolean;
}

/** `keel database`: logins for a PostgreSQL server that others run. */
export function addDatabaseCommand(program: Command): void {
  program
    .command('database <folder>')
    .description(
      'write logins for a PostgreSQL server that others run: a script for it, a URL for each process',
    )
    .requiredOption('--host <name>', 'what clients call it')
    .option('--port <port>', 'where it listens', '5432')
    .option('--database <name>', 'the database of the ledger', 'evenkeel')
    .option(
      '--sslmode <mode>',
      'verify-full, or disable where the line is private by other means',
      'verify-full',
    )
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nThe folder then holds `server/roles.sql`, which an administrator runs in that database, and `url` in a folder for each\nlogin: `writer` for the ledger service, `migrate` for `keel epoch open`, `auditor` for people who read. Passwords that\nare there stay.\n\nExample:\n  keel database ./database --host postgres.internal\n',
    )
    .action((folder: string, flags: DatabaseFlags) => write(resolve(folder), flags));
}

async function write(folder: string, { host, port, database, sslmode, json }: DatabaseFlags): Promise<void> {
  const problems = [
    ...(/^\d{1,5}$/.test(port) ? [] : [{ path: '--port', message: `must be a port, not "${port}"` }]),
    ...(/^[A-Za-z0-9_]+$/.test(database)
      ? []
      : [{ path: '--database', message: `must be letters, digits and _, not "${database}"` }]),
    ...(URL.canParse(`postgres://${host}/`) && !/[\s/@?#]/.test(host)
      ? []
      : [{ path: '--host', message: `must be a name or an address, not "${host}"` }]),
  ];
  if (sslmode !== 'verify-full' && sslmode !== 'disable')
    throw new InvalidInputError('the command', [
      ...problems,
      { path: '--sslmode', message: `must be verify-full or disable, not "${sslmode}"` },
    ]);
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
  const { writeDatabaseFolder } = await import('@evenkeel/adapter-postgres');
  writeDatabaseFolder(folder, { host, port: Number(port), database, sslmode });
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ folder })}\n`
      : `${folder} holds server/roles.sql and a folder for each login\n`,
  );
}
