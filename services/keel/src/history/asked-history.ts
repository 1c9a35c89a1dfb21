import type { Command } from 'commander';
import type { Pool } from 'pg';
import type { EpochToRead, ListAnswer, ListSource } from '@evenkeel/reconstruction';
import { InvalidInputError, MOMENT_EXAMPLES } from '@evenkeel/kernel';

export interface PeriodFlags {
  readonly from?: string;
  readonly to?: string;
}

export interface ListFlags extends PeriodFlags {
  readonly epoch?: string;
  readonly book?: string;
  readonly limit: string;
  readonly json?: boolean;
}

/** To stand below the options of every command that takes a time. */
export const TIMES = `
Times are event times: ${MOMENT_EXAMPLES}. A date is its first moment, UTC. now is the newest
event time of what is read (of all epochs with --epoch all), and -2h is two hours before that.
`;

export function withEpoch(command: Command): Command {
  return command.option('--epoch <n>', 'in one epoch; the newest unless told (see keel epoch list)');
}

export function withEpochs(command: Command): Command {
  return command.option(
    '--epoch <n|all>',
    'of one epoch, or of all; the newest unless told (see keel epoch list)',
  );
}

export function withPeriod(command: Command): Command {
  return command
    .option('--from <time>', 'event time, inclusive')
    .option('--to <time>', 'event time, exclusive; now leaves nothing out');
}

export interface EpochFlags {
  readonly epoch?: string;
  readonly json?: boolean;
}

/** The epoch that a question is for; named on stderr for people, who else could take it for another. */
export async function askEpoch(pool: Pool, flags: EpochFlags): Promise<EpochToRead> {
  const [{ LedgerEpochs }, { epochLine, epochToRead }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('@evenkeel/reconstruction'),
  ]);
  const found = await epochToRead(new LedgerEpochs(pool), flags.epoch);
  if (flags.json !== true) process.stderr.write(`${epochLine(found)}\n`);
  return found;
}

/** Asks a list of the ledger, and says on stderr what was read where the rows do not. */
export async function askList<T>(
  pool: Pool,
  source: ListSource<T>,
  flags: ListFlags,
): Promise<ListAnswer<T>> {
  const [{ LedgerEpochs }, { epochLine, listHistory, periodText }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('@evenkeel/reconstruction'),
  ]);
  const answer = await listHistory(new LedgerEpochs(pool), source, { ...flags, limit: limitOf(flags.limit) });
  const { rows, total, epochs, period, beyond } = answer;
  const asked = flags.from === undefined && flags.to === undefined ? [] : [`read ${periodText(period)}`];
  const lines = [
    ...(flags.json === true ? [] : [...epochs.map(epochLine), ...asked]),
    ...(beyond === undefined ? [] : [beyond]),
    ...(rows.length < total
      ? [`${grouped(rows.length)} of ${grouped(total)}, the newest; --limit shows more`]
      : []),
  ];
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  return answer;
}

export function limitOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidInputError('the command', [
    { path: '--limit', message: `must be a whole number from 1 to 999999, not "${text}"` },
  ]);
}

export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
