import type { Command } from 'commander';
import { homeOf } from '../stack/home';
import { claimRun } from '../stack/run-claim';
import { carry, withCarryFlags } from './epoch-carry.command';
import type { CarryFlags } from './epoch-carry.command';
import { addEpochListCommand } from './epoch-list.command';
import { addEpochRetireCommand } from './epoch-retire.command';
import { inputsOf, withMarketFlags } from './run.command';
import type { MarketFlags } from './run.command';

export function addEpochCommand(program: Command): void {
  const epoch = program
    .command('epoch')
    .description('epochs of the journal: which there are, and opening one where others run the services');
  addEpochListCommand(epoch);
  withCarryFlags(
    withMarketFlags(
      epoch
        .command('open')
        .description('bring the database schema up to date, open a fresh epoch, write its first facts'),
    ),
  )
    .addHelpText(
      'after',
      '\nOn the servers of NATS_URL and DATABASE_URL, or on those of this home. The services take it from there.\n\nExample:\n  keel epoch open --book samples/books/btc-options.json --tape samples/tape.json\n  keel epoch open --from-ledger --dry-run\n  keel epoch open --from-ledger --by ann --reason "the journal is lost"\n',
    )
    .action((flags: MarketFlags & CarryFlags) => (flags.fromLedger === true ? carry(flags) : open(flags)));
  addEpochRetireCommand(epoch);
}

async function open(flags: MarketFlags): Promise<void> {
  const inputs = inputsOf(flags);
  const [{ connectNats }, { openRunEpoch }, { openStack }] = await Promise.all([
    import('@evenkeel/adapter-nats'),
    import('../run/open-epoch'),
    import('../stack/stack'),
  ]);
  const home = homeOf();
  const claim = claimRun(home, 'tape'); // no run goes on in the epoch before
  const stack = await openStack({ home, say: () => undefined });
  const connection = await connectNats(stack.access('operator'), 'keel-epoch');
  try {
    const { epoch, notes } = await openRunEpoch(connection, stack.databaseUrl, inputs);
    for (const note of notes) process.stderr.write(`${note}\n`);
    process.stdout.write(flags.json === true ? `${JSON.stringify({ epoch })}\n` : `epoch ${epoch} is open\n`);
  } finally {
    await connection.close();
    claim.release();
  }
}
