import type { Command } from 'commander';
import type { DecisionFilter, DecisionSummary } from '@evenkeel/adapter-postgres';
import { InvalidInputError } from '@evenkeel/kernel';
import { addAuditArchiveCommand } from './audit-archive.command';
import { addAuditCheckCommand } from './audit-check.command';
import { addAuditExportCommand } from './audit-export.command';
import { addAuditRotateKeyCommand } from './audit-rotate-key.command';
import { addAuditPackCommand } from './audit-pack.command';
import { addAuditReconstructCommand } from './audit-reconstruct.command';
import { addAuditVerifyCommand } from './audit-verify.command';
import { addAuditWitnessCommand } from './audit-witness.command';

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('the auditor’s tools');
  addAuditVerifyCommand(audit);
  addAuditWitnessCommand(audit);
  addAuditArchiveCommand(audit);
  addAuditRotateKeyCommand(audit);
  audit
    .command('list')
    .description('decisions, filtered')
    .option('--epoch <n>', 'of one epoch')
    .option('--book <id>', 'of one book')
    .option('--from <time>', 'event time, inclusive')
    .option('--to <time>', 'event time, exclusive')
    .option('--outcome <hedged|declined>', 'by outcome')
    .option('--reason <code>', 'carrying a reason')
    .option('--instrument <id>', 'trading an instrument')
    .option('--newest', 'newest first')
    .option('--limit <n>', 'at most so many', '50')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  keel audit list --book btc-weekly-straddles --reason BAND_BREACHED --limit 5\n',
    )
    .action((flags: ListFlags) => list(flags));
  addAuditReconstructCommand(audit);
  addAuditExportCommand(audit);
  addAuditCheckCommand(audit);
  addAuditPackCommand(audit);
}

/** The database's libraries are heavy; they are loaded when a command needs them. */
const ledgerTools = async () => ({
  ...(await import('@evenkeel/adapter-postgres')),
  ...(await import('../stack/ledger-access')),
});

interface ListFlags {
  readonly epoch?: string;
  readonly book?: string;
  readonly from?: string;
  readonly to?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly instrument?: string;
  readonly newest?: boolean;
  readonly limit: string;
  readonly json?: boolean;
}

function filterOf(flags: ListFlags): DecisionFilter {
  const outcome = flags.outcome?.toUpperCase();
  if (outcome !== undefined && outcome !== 'HEDGED' && outcome !== 'DECLINED') {
    throw new InvalidInputError('the command', [
      { path: '--outcome', message: `must be hedged or declined, not "${flags.outcome ?? ''}"` },
    ]);
  }
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new InvalidInputError('the command', [
      { path: '--limit', message: 'must be a positive whole number' },
    ]);
  const { epoch, book, from, to, reason, instrument } = flags;
  return {
    limit,
    ...(epoch === undefined ? {} : { epoch }),
    ...(book === undefined ? {} : { book }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(reason === undefined ? {} : { reason }),
    ...(instrument === undefined ? {} : { instrument }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(flags.newest === undefined ? {} : { newestFirst: flags.newest }),
  };
}

async function list(flags: ListFlags): Promise<void> {
  const { listDecisions, withLedger } = await ledgerTools();
  const decisions = await withLedger((pool) => listDecisions(pool, filterOf(flags)));
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(decisions)}\n` : decisions.map(renderDecision).join(''),
  );
  if (decisions.length === 0 && flags.json !== true) process.stderr.write('no decision matches\n');
}

function renderDecision(decision: DecisionSummary): string {
  const trades = decision.trades.map(({ instrument, quantity }) => `${quantity} ${instrument}`).join(', ');
  return `${decision.decisionId}  ${decision.at}  ${decision.book}  ${decision.outcome.padEnd(8)} ${decision.reasons.join('+')}  ${trades}\n`;
}
