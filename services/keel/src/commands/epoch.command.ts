import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import { settings } from '../stack/environment';
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
      '\nNeeds NATS_URL and DATABASE_URL, but with --from-ledger. The services take it from there.\n\nExample:\n  keel epoch open --book samples/books/btc-options.json --tape samples/tape.json\n  keel epoch open --from-ledger --dry-run\n  keel epoch open --from-ledger --by ann --reason "the journal is lost"\n',
    )
    .action((flags: MarketFlags & CarryFlags) => (flags.fromLedger === true ? carry(flags) : open(flags)));
  addEpochRetireCommand(epoch);
}

async function open(flags: MarketFlags): Promise<void> {
  const { natsUrl, databaseUrl } = settings();
  if (natsUrl === undefined || databaseUrl === undefined) {
    throw new InvalidInputError('the environment', [
      ...(natsUrl === undefined ? [{ path: 'NATS_URL', message: 'is not set' }] : []),
      ...(databaseUrl === undefined ? [{ path: 'DATABASE_URL', message: 'is not set' }] : []),
    ]);
  }
  const inputs = inputsOf(flags);
  const [{ connectNats }, { checkExternalPostgres, migrate }, { openRunEpoch }, { externalBus }] =
    await Promise.all([
      import('@evenkeel/adapter-nats'),
      import('@evenkeel/adapter-postgres'),
      import('../run/open-epoch'),
      import('../stack/bus'),
    ]);
  await checkExternalPostgres(databaseUrl);
  await migrate(databaseUrl);
  const connection = await connectNats(externalBus(natsUrl, 'operator'), 'keel-epoch');
  try {
    const { epoch } = await openRunEpoch(connection, databaseUrl, inputs);
    process.stdout.write(flags.json === true ? `${JSON.stringify({ epoch })}\n` : `epoch ${epoch} is open\n`);
  } finally {
    await connection.close();
  }
}
