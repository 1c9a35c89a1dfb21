import type { Command } from 'commander';
import type { DecisionFilter, DecisionSummary, ReadFilter, ReadModels } from '@evenkeel/adapter-postgres';
import { InvalidInputError, unknownName } from '@evenkeel/kernel';
import { TIMES, askList, withEpochs, withPeriod } from '../history/asked-history';
import type { ListFlags } from '../history/asked-history';
import { addAuditArchiveCommand } from './audit-archive.command';
import { addAuditBeginLogCommand } from './audit-begin-log.command';
import { addAuditCheckCommand } from './audit-check.command';
import { addAuditExportCommand } from './audit-export.command';
import { addAuditRotateKeyCommand } from './audit-rotate-key.command';
import { addAuditPackCommand } from './audit-pack.command';
import { addAuditReconstructCommand } from './audit-reconstruct.command';
import { addAuditShowCommand } from './audit-show.command';
import { addAuditVerifyCommand } from './audit-verify.command';
import { addAuditWitnessCommand } from './audit-witness.command';

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('the auditor’s tools');
  addAuditVerifyCommand(audit);
  addAuditWitnessCommand(audit);
  addAuditArchiveCommand(audit);
  addAuditRotateKeyCommand(audit);
  addAuditBeginLogCommand(audit);
  withPeriod(withEpochs(audit.command('list').description('decisions, filtered')))
    .option('--book <id>', 'of one book')
    .option('--outcome <hedged|declined>', 'by outcome')
    .option('--reason <code>', 'carrying a reason')
    .option('--instrument <id>', 'trading an instrument')
    .option('--newest', 'newest first')
    .option('--limit <n>', 'at most so many, the newest', '50')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `${TIMES}\nExample:\n  keel audit list --book btc-options --reason BAND_BREACHED --from -1d\n`,
    )
    .action((flags: DecisionFlags) => list(flags));
  addAuditReconstructCommand(audit);
  addAuditExportCommand(audit);
  addAuditCheckCommand(audit);
  addAuditShowCommand(audit);
  addAuditPackCommand(audit);
}

interface DecisionFlags extends ListFlags {
  readonly outcome?: string;
  readonly reason?: string;
  readonly instrument?: string;
  readonly newest?: boolean;
}

function kindOf({ outcome, reason, instrument }: DecisionFlags): Omit<DecisionFilter, keyof ReadFilter> {
  const asked = outcome?.toUpperCase();
  if (asked !== undefined && asked !== 'HEDGED' && asked !== 'DECLINED') {
    throw new InvalidInputError('the command', [
      { path: '--outcome', message: `must be hedged or declined, not "${outcome ?? ''}"` },
    ]);
  }
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(instrument === undefined ? {} : { instrument }),
    ...(asked === undefined ? {} : { outcome: asked }),
  };
}

/** Where nothing matches: whether that is since nothing of that name is there. Throws `INPUT.INVALID`, naming those there are. */
async function requireNames(
  models: ReadModels,
  epochs: readonly string[],
  { reason, instrument }: Pick<DecisionFilter, 'reason' | 'instrument'>,
): Promise<void> {
  if (reason === undefined && instrument === undefined) return;
  const known = await models.decisionNames(epochs);
  const where = `of a decision in ${epochs.length === 1 ? 'epoch' : 'epochs'} ${epochs.join(', ')}`;
  const asked = [
    ['reason', reason, known.reasons],
    ['instrument', instrument, known.instruments],
  ] as const;
  const problems = asked.flatMap(([what, name, names]) =>
    name === undefined || names.includes(name)
      ? []
      : [{ path: `--${what}`, message: unknownName(what, name, where, names) }],
  );
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
}

/** The database's libraries are heavy; they are loaded when a command needs them. */
async function list(flags: DecisionFlags): Promise<void> {
  const kind = kindOf(flags);
  const [postgres, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('../stack/ledger-access'),
  ]);
  const { rows } = await withLedger(async (pool) => {
    const models = new postgres.ReadModels(pool);
    const source = {
      rows: (filter: ReadFilter) => models.decisions({ ...filter, ...kind }),
      count: (filter: ReadFilter) => models.count('decisions', { ...filter, ...kind }),
    };
    try {
      const answer = await askList(pool, source, flags);
      if (answer.total === 0)
        await requireNames(
          models,
          answer.epochs.map(({ epoch }) => epoch),
          kind,
        );
      return answer;
    } finally {
      await models.close();
    }
  });
  const decisions = flags.newest === true ? [...rows].reverse() : rows;
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(decisions)}\n`
      : decisions.map((row) => renderDecision(row, flags.epoch === 'all')).join(''),
  );
  if (decisions.length === 0 && flags.json !== true) process.stderr.write('no decision matches\n');
}

function renderDecision(decision: DecisionSummary, withEpoch: boolean): string {
  const trades = decision.trades.map(({ instrument, quantity }) => `${quantity} ${instrument}`).join(', ');
  return `${withEpoch ? `${decision.epoch}  ` : ''}${decision.decisionId}  ${decision.at}  ${decision.book}  ${decision.outcome.padEnd(8)} ${decision.reasons.join('+')}  ${trades}\n`;
}
