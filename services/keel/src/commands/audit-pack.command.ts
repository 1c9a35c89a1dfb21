import { resolve } from 'node:path';
import type { Command } from 'commander';
import { TIMES, withEpochs } from '../history/asked-history';
import { ProgressLine } from '../run/progress-line';
import { homeOf } from '../stack/home';
import { EXIT } from './exit-codes';

interface PackFlags {
  readonly epoch?: string;
  readonly from: string;
  readonly to: string;
  readonly out: string;
  readonly partial?: boolean;
  readonly json?: boolean;
}

export function addAuditPackCommand(audit: Command): void {
  withEpochs(
    audit
      .command('pack')
      .description(
        'the regulator’s export: orders, decisions, checks, overrides, changes, kills, incidents, with proofs',
      ),
  )
    .requiredOption('--from <time>', 'event time, inclusive')
    .requiredOption('--to <time>', 'event time, exclusive; now leaves nothing out')
    .requiredOption('--out <dir>', 'a folder that is new or empty')
    .option('--partial', 'also where the time reaches beyond what is known: what there is of it')
    .option('--json', 'print the manifest as JSON')
    .addHelpText(
      'after',
      `\nCSV and JSON lines; docs/regulatory.md says which rule each field serves, and where it does not.\n${TIMES}\nExample:\n  keel audit pack --from 2026-01-01 --to 2026-02-01 --partial --out out/january\n`,
    )
    .action((flags: PackFlags) => pack(flags));
}

/** Places of broken commits that are named. */
const SHOWN = 20;

async function pack(flags: PackFlags): Promise<void> {
  const [
    { openPackFolder, openSignedFolder },
    { LedgerEpochs, LedgerHistory, readSignedCheckpoints },
    reconstruction,
    { requireHome, withLedger },
  ] = await Promise.all([
    import('@evenkeel/adapter-audit'),
    import('@evenkeel/adapter-postgres'),
    import('@evenkeel/reconstruction'),
    import('../stack/ledger-access'),
  ]);
  const { epochLine, stretchToPack, writePack } = reconstruction;
  const home = homeOf();
  requireHome(home);
  const progress = new ProgressLine(flags.json === true);
  const { manifest, unproven } = await withLedger(async (pool) => {
    const log = await openSignedFolder(home.audit, () => readSignedCheckpoints(pool));
    const { epochs, from, to, beyond } = await stretchToPack(new LedgerEpochs(pool), flags);
    for (const epoch of epochs) progress.say(epochLine(epoch));
    if (beyond !== undefined) process.stderr.write(`${beyond}\n`);
    return writePack({
      source: new LedgerHistory(pool),
      log,
      epochs: epochs.map(({ epoch }) => epoch),
      from,
      to,
      ...(beyond === undefined ? {} : { partial: beyond }),
      openFolder: () => openPackFolder(resolve(flags.out)),
      madeAt: new Date().toISOString(),
      onProgress: (commits) => progress.show(0, `${commits} commits`),
    });
  });
  progress.clear();
  if (unproven.length > 0) {
    process.exitCode = EXIT.failed;
    const places = unproven.map(({ epoch, seq }) => `  ! sequence ${seq} of epoch ${epoch}\n`);
    process.stderr.write(
      `BROKEN: not the commits that were signed (keel audit check says more)\n${places.slice(0, SHOWN).join('')}${places.length > SHOWN ? `  … and ${places.length - SHOWN} more\n` : ''}`,
    );
  }
  const counts = Object.entries(manifest.rows).map(([table, rows]) => `${rows} ${table.replace('_', ' ')}`);
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(manifest)}\n`
      : `${flags.out}: ${manifest.from} up to, not including, ${manifest.to}: ${counts.join(', ')}; ${manifest.commits} commits${unproven.length === 0 ? ` proven in the tree of ${manifest.tree.size}` : `, ${unproven.length} of them NOT proven`}\n`,
  );
}
