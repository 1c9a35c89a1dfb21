import type { Command } from 'commander';
import type {
  DecisionFilter,
  DecisionSummary,
  LedgerCommit,
  LedgerFinding,
  VerificationReport,
} from '@evenkeel/adapter-postgres';
import { InvalidInputError } from '@evenkeel/kernel';
import { reexecuteDecisions } from '@evenkeel/lab';
import { ProgressLine } from '../run/progress-line';
import { addAuditCheckCommand } from './audit-check.command';
import { addAuditExportCommand } from './audit-export.command';
import { EXIT } from './exit-codes';

const STATUS_EXIT = { clean: EXIT.ok, divergent: EXIT.failed, unreadable: EXIT.invalid } as const;

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('the auditor’s tools');
  audit
    .command('verify')
    .description('chain, contiguity, re-execution of every decision, read models against the log')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nExit code 0 clean, 1 divergent, 2 unreadable.\n\nExample:\n  keel audit verify --json\n',
    )
    .action((flags: { json?: boolean }) => verify(flags.json === true));
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
  audit
    .command('reconstruct <decision>')
    .description('the causal chain of one decision, from marks to fills; the beginning of an id is enough')
    .option('--epoch <n>', 'in one epoch; the newest unless told')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel audit reconstruct 3f2a9c41\n')
    .action((decision: string, flags: { epoch?: string; json?: boolean }) => tell(decision, flags));
  addAuditExportCommand(audit);
  addAuditCheckCommand(audit);
  program
    .command('ledger')
    .description('the ledger’s read models')
    .command('rebuild')
    .description('build the read models anew from the commit log, compare, and switch')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel ledger rebuild\n')
    .action((flags: { json?: boolean }) => rebuild(flags.json === true));
}

/** The database's libraries are heavy; they are loaded when a command needs them. */
const ledgerTools = async () => ({
  ...(await import('@evenkeel/adapter-postgres')),
  ...(await import('../stack/ledger-access')),
});

/** Runs the recorded decisions of every epoch again. */
export async function reexecuteLedger(
  commits: AsyncIterable<LedgerCommit>,
): Promise<{ decisions: number; findings: LedgerFinding[] }> {
  let decisions = 0;
  const findings: LedgerFinding[] = [];
  let epoch: string | undefined;
  let batch: LedgerCommit[] = [];
  const judge = (): void => {
    const result = reexecuteDecisions(batch);
    decisions += result.decisions;
    for (const { seq, message } of result.divergences)
      findings.push({ epoch: epoch ?? '', seq, code: 'LEDGER.DECISION_DIVERGES', message });
    batch = [];
  };
  for await (const commit of commits) {
    if (epoch !== undefined && commit.epoch !== epoch) judge();
    epoch = commit.epoch;
    batch.push(commit);
  }
  judge();
  return { decisions, findings };
}

async function verify(json: boolean): Promise<void> {
  const progress = new ProgressLine(json);
  const { verifyLedger, withLedger } = await ledgerTools();
  const report = await withLedger((pool) =>
    verifyLedger(pool, {
      reexecute: reexecuteLedger,
      onProgress: (done, total) => progress.show(done / Math.max(1, total), `${done} of ${total} commits`),
    }),
  );
  progress.clear();
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : renderVerification(report));
  process.exitCode = STATUS_EXIT[report.status];
}

function renderVerification(report: VerificationReport): string {
  const lines = [
    `${report.status}: ${report.commits} commits, ${report.reexecuted} decisions executed again, read models ${report.readModels}`,
  ];
  for (const finding of report.findings.slice(0, 50))
    lines.push(`  epoch ${finding.epoch} seq ${finding.seq}  ${finding.code}  ${finding.message}`);
  if (report.findingCount > 50) lines.push(`  … and ${report.findingCount - 50} more (--json shows them)`);
  return `${lines.join('\n')}\n`;
}

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

async function tell(decision: string, flags: { epoch?: string; json?: boolean }): Promise<void> {
  const { reconstruct, reconstructionText, withLedger } = await ledgerTools();
  const story = await withLedger((pool) =>
    reconstruct(pool, decision, flags.epoch === undefined ? {} : { epoch: flags.epoch }),
  );
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(story, null, 2)}\n` : reconstructionText(story),
  );
}

async function rebuild(json: boolean): Promise<void> {
  const progress = new ProgressLine(json);
  const { rebuildReadModels, withLedger } = await ledgerTools();
  const report = await withLedger((pool) =>
    rebuildReadModels(pool, {
      onProgress: (done, total) => progress.show(done / Math.max(1, total), `${done} of ${total} commits`),
    }),
  );
  progress.clear();
  const text = report.tables
    .map(
      (table) =>
        `  ${table.before?.hash === table.hash ? 'identical' : 'DIFFERENT'}  ${JSON.stringify(table)}`,
    )
    .join('\n');
  process.stdout.write(
    json
      ? `${JSON.stringify(report)}\n`
      : `rebuilt from ${report.commits} commits: ${report.identical ? 'identical' : 'DIFFERENT from before'}\n${text}\n`,
  );
  if (!report.identical) process.exitCode = EXIT.failed;
}
