import { renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import type { Command } from 'commander';
import type { ExportColumn, ExportName } from '@evenkeel/adapter-postgres';
import { InvalidInputError } from '@evenkeel/kernel';
import type { TableFile } from '../export/csv-file';
import { TIMES, grouped, withEpochs, withPeriod } from '../history/asked-history';
import type { PeriodFlags } from '../history/asked-history';

interface ExportFlags extends PeriodFlags {
  readonly out: string;
  readonly book?: string;
  readonly epoch?: string;
  readonly json?: boolean;
}

const WHAT = 'positions, exposure, decisions, orders, fills or pnl';

export function addExportCommand(program: Command): void {
  withPeriod(
    withEpochs(
      program.command('export <what>').description(`${WHAT} of the ledger as a file of CSV or Parquet`),
    ),
  )
    .requiredOption('--out <file>', 'ends in .csv or .parquet')
    .option('--book <id>', 'of one book')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      `${TIMES}\nEvery column with type, unit and sign: docs/export.md.\n\nExample:\n  keel export fills --out out/fills.csv\n  keel export pnl --out out/pnl.parquet --book btc-options --from -1d\n`,
    )
    .action((what: string, flags: ExportFlags) => write(what, flags));
}

async function write(what: string, flags: ExportFlags): Promise<void> {
  const [{ EXPORTS, LedgerEpochs, exportRows }, { epochLine, historyToRead }, { withLedger }] =
    await Promise.all([
      import('@evenkeel/adapter-postgres'),
      import('@evenkeel/reconstruction'),
      import('../stack/ledger-access'),
    ]);
  const isExport = (name: string): name is ExportName => Object.hasOwn(EXPORTS, name);
  if (!isExport(what)) throw invalid('what', `"${what}" is not ${WHAT}`);
  if (what === 'positions' && (flags.from ?? flags.to) !== undefined)
    throw invalid('--from, --to', 'positions are those at the end of an epoch, and have no period');
  const { columns } = EXPORTS[what];
  const path = resolve(flags.out);
  const format = formatOf(flags.out);
  const unfinished = `${path}.unfinished`;
  const rows = await withLedger(async (pool) => {
    const { epochs, filters, beyond } = await historyToRead(new LedgerEpochs(pool), flags);
    const said = [
      ...(flags.json === true ? [] : epochs.map(epochLine)),
      ...(beyond === undefined ? [] : [beyond]),
    ];
    process.stderr.write(said.map((line) => `${line}\n`).join(''));
    makeFolder(dirname(path));
    let count = 0;
    try {
      const file = await open(format, unfinished, columns);
      for await (const batch of exportRows(pool, what, filters)) {
        file.add(batch);
        count += batch.length;
      }
      file.finish();
      renameSync(unfinished, path);
    } finally {
      rmSync(unfinished, { force: true });
    }
    return count;
  });
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ what, file: path, rows })}\n`
      : `${flags.out}: ${grouped(rows)} rows of ${what}\n`,
  );
}

type Format = 'csv' | 'parquet';

function formatOf(out: string): Format {
  if (out.endsWith('.csv')) return 'csv';
  if (out.endsWith('.parquet')) return 'parquet';
  throw invalid('--out', `"${out}" ends neither in .csv nor in .parquet`);
}

async function open(format: Format, path: string, columns: readonly ExportColumn[]): Promise<TableFile> {
  if (format === 'csv') return (await import('../export/csv-file')).csvFile(path, columns);
  return (await import('../export/parquet-file')).parquetFile(path, columns);
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}
