import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import type { CarriedEpoch, CarryCommand, Places } from '../run/carry-epoch';
import { homeOf } from '../stack/home';

export interface CarryFlags {
  readonly fromLedger?: boolean;
  readonly epoch?: string;
  readonly dropAfter?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly approval?: readonly string[];
  readonly dryRun?: boolean;
  readonly threads?: string;
  readonly json?: boolean;
}

export function withCarryFlags(command: Command): Command {
  return command
    .option(
      '--from-ledger',
      'take over what the ledger says of the epoch before: the way back when a journal is lost',
    )
    .option('--epoch <n>', 'with --from-ledger: of this epoch; the newest of the ledger unless told')
    .option('--dry-run', 'with --from-ledger: say what would be taken over, and open nothing')
    .option('--by <name>', 'with --from-ledger: who does it')
    .option('--reason <text>', 'with --from-ledger: why')
    .option(
      '--drop-after <seq>',
      'with --from-ledger: leave behind what the journal holds after this and the ledger does not',
    )
    .option(
      '--threads <n>',
      'with --from-ledger: threads that verify; 0 uses none (default: one per core but one)',
    );
}

/** `keel epoch open --from-ledger`. */
export async function carry(flags: CarryFlags): Promise<void> {
  const command = commandOf(flags);
  const [{ withServers }, { carryOn, planCarryOn }] = await Promise.all([
    import('../stack/server-access'),
    import('../run/carry-epoch'),
  ]);
  const say = (line: string): void => void (flags.json === true || process.stderr.write(`${line}\n`));
  const work = (places: Places): Promise<CarriedEpoch> =>
    flags.dryRun === true ? planCarryOn(places, command) : carryOn(places, command);
  const begunAt = performance.now();
  const carried = await withServers('operator', work);
  for (const note of carried.notes ?? []) process.stderr.write(`${note}\n`);
  say(`took ${((performance.now() - begunAt) / 1000).toFixed(1)} s, servers and verification included`);
  process.stdout.write(flags.json === true ? `${JSON.stringify(carried)}\n` : carriedText(carried));
}

function commandOf(flags: CarryFlags): CarryCommand {
  const problems: InputProblem[] = [];
  const { by = '', reason = '', epoch, dropAfter, dryRun = false } = flags;
  if (by === '' && !dryRun)
    problems.push({ path: '--by', message: 'is needed: whoever does it stands in the record' });
  if (reason === '' && !dryRun) problems.push({ path: '--reason', message: 'is needed' });
  const whole = (path: string, text: string | undefined): number | undefined => {
    if (text === undefined || /^\d+$/.test(text)) return text === undefined ? undefined : Number(text);
    problems.push({ path, message: `must be a whole number, not "${text}"` });
    return undefined;
  };
  whole('--epoch', epoch);
  const drop = whole('--drop-after', dropAfter);
  const threads = whole('--threads', flags.threads) ?? Math.max(1, availableParallelism() - 1);
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
  return {
    by,
    reason,
    approvals: (flags.approval ?? []).map((path) => resolve(path)),
    home: homeOf(),
    threads,
    ...(epoch === undefined ? {} : { epoch }),
    ...(drop === undefined ? {} : { dropAfter: drop }),
  };
}

/** For a person: what the new epoch begins with, book by book. */
export function carriedText(carried: CarriedEpoch): string {
  const { epoch, fromEpoch, lastSequence, lastHash, treeSize, facts, givenUp, again } = carried;
  const head =
    epoch === undefined
      ? `an epoch would take over epoch ${fromEpoch} up to ${lastSequence}`
      : `epoch ${epoch} ${again ? 'has taken' : 'takes'} over epoch ${fromEpoch} up to ${lastSequence}`;
  const lines = [head, `  sha256 ${lastHash}, under a signed tree of ${treeSize} commits`, ''];
  for (const { book, events } of facts) {
    for (const event of events) {
      if (event.type === 'BookCarried') {
        const { positions, cash, closed } = event.payload;
        lines.push(`Book ${book}${closed ? ' (closed)' : ''}`);
        for (const one of positions)
          lines.push(`  ${one.quantity} ${one.instrument}, entered for ${one.basis}`);
        if (positions.length === 0) lines.push('  no positions');
        for (const { line, currency, amount } of cash) lines.push(`  ${line}: ${amount} ${currency}`);
      }
      if (event.type === 'PolicySet') lines.push(`  policy ${event.payload.policy}`);
      if (event.type === 'AccountCarried')
        lines.push(`  account at ${event.payload.venue}: to be compared before its first order`);
      if (event.type === 'VenueHalted')
        lines.push(`  ${event.payload.venue} is halted: ${event.payload.reason}`);
      if (event.type === 'KillEngaged')
        lines.push(`  ${event.payload.scope} stopped by ${event.payload.by}: ${event.payload.reason}`);
      if (event.type === 'OrderCarried' && event.payload.status === 'unresolved')
        lines.push(
          `  open order ${event.payload.clientOrderId}: ${event.payload.side} ${event.payload.remaining} ${event.payload.instrument}, to be asked for`,
        );
    }
  }
  if (givenUp.length > 0) lines.push('', 'Not taken over; ask again for what is still wanted:');
  for (const { book, kind, name } of givenUp) lines.push(`  ${kind} of ${book}: ${name}`);
  return `${lines.join('\n')}\n`;
}
