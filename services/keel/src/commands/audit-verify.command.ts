import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Pool } from 'pg';
import type { LedgerRole } from '@evenkeel/adapter-postgres';
import { runAgainIn } from '@evenkeel/engine';
import type { ReplayCount, RunAgain } from '@evenkeel/engine';
import { InvalidInputError, OperationalError } from '@evenkeel/kernel';
import type {
  EpochAuthors,
  FullReport,
  GroupedFindings,
  JudgeTrail,
  LedgerFinding,
  VerifyRunOptions,
} from '@evenkeel/verification';
import { ProgressLine } from '../run/progress-line';
import { settings } from '../stack/environment';
import { homeOf } from '../stack/home';
import type { Home } from '../stack/home';
import { publicKeysOf } from '../identity/public-keys';
import { EXIT, explain } from './exit-codes';

const STATUS_EXIT = { clean: EXIT.ok, divergent: EXIT.failed, unreadable: EXIT.invalid } as const;

interface VerifyFlags {
  readonly rosterHash?: string;
  readonly deskKey: readonly string[];
  readonly json?: boolean;
  readonly threads?: string;
  readonly state?: string;
  readonly resume?: boolean;
  readonly witnessKey: readonly string[];
  readonly checkpoint: readonly string[];
  readonly readModels: boolean;
  readonly follow?: boolean;
  readonly port?: string;
  readonly journal?: boolean;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

export function addAuditVerifyCommand(audit: Command): void {
  audit
    .command('verify')
    .description(
      'chain, contiguity, tree, checkpoints, tiles, cosignatures, risk snapshots, decisions and orders run again, read models against the log',
    )
    .option('--threads <n>', 'threads that run the cores again; 0 uses none (default: one per core but one)')
    .option('--resume', 'go on where the last verification stood, and keep where this one stands')
    .option('--state <file>', 'where that is kept (default: in the home folder)')
    .option('--witness-key <key>', 'a witness’s verifier key; repeat for several', collect, [])
    .option(
      '--checkpoint <file>',
      'a checkpoint somebody outside kept, through which the history must lead; repeat',
      collect,
      [],
    )
    .option('--follow', 'go on for ever beside production; what it finds stops the book it is about')
    .option('--port <n>', 'with --follow: serve /metrics there (0 takes a free port)')
    .option('--journal', 'also hold every journal on the NATS server against the ledger')
    .option('--no-read-models', 'leave the read models out: then a login that can only read is enough')
    .option(
      '--roster-hash <sha256>',
      'the roster that every epoch’s must descend from; any will do without it',
    )
    .option(
      '--desk-key <hex|file>',
      'a key of the desk, under which epochs must have been opened; repeat for several',
      collect,
      [],
    )
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nExit code 0 clean, 1 divergent, 2 unreadable or not verified at all.\n\nExample:\n  keel audit verify --json\n  keel audit verify --follow --port 9464\n  keel audit verify --resume --checkpoint from-the-witness.txt --witness-key <witness key>\n',
    )
    .action((flags: VerifyFlags) =>
      flags.follow === true ? follow(flags) : verify(flags).catch(notVerified),
    );
}

/** Whoever reads exit code 1 reads that the record diverges: what kept us from looking is no finding. */
function notVerified(error: unknown): void {
  process.stderr.write(`NOT VERIFIED, nothing was found out: ${explain(error).message}\n`);
  process.exitCode = EXIT.invalid;
}

/** A mistyped home shows as an empty one: nobody may read there that the record is clean. */
function emptyLedger({ dir }: Home): OperationalError {
  const { databaseUrl } = settings();
  const whose = databaseUrl === undefined ? dir : 'DATABASE_URL';
  return new OperationalError({
    code: 'LEDGER.EMPTY',
    message: `the ledger of ${whose} is empty: nothing to verify`,
  });
}

function threadsOf(flags: VerifyFlags): number {
  if (flags.threads === undefined) return Math.max(1, availableParallelism() - 1);
  const threads = Number(flags.threads);
  if (Number.isInteger(threads) && threads >= 0 && threads <= 64) return threads;
  throw new InvalidInputError('the command', [
    { path: '--threads', message: 'must be a whole number from 0 to 64' },
  ]);
}

async function verify(flags: VerifyFlags): Promise<void> {
  const progress = new ProgressLine(flags.json === true);
  const threads = threadsOf(flags);
  const home = homeOf();
  const [
    { requireHome, withLedger },
    { checkCarriedEpochs, groupFindings, runVerification },
    { verifyStateFile },
    { LedgerToVerify },
  ] = await Promise.all([
    import('../stack/ledger-access'),
    import('@evenkeel/verification'),
    import('@evenkeel/adapter-audit'),
    import('@evenkeel/adapter-postgres'),
  ]);
  requireHome(home);
  const keeps = flags.resume === true || flags.state !== undefined;
  const trailOf = await trailQuestion(flags);
  const options: Omit<VerifyRunOptions, 'trail'> = {
    threads,
    ...(keeps ? { state: verifyStateFile(resolve(flags.state ?? join(home.dir, 'verify-state.json'))) } : {}),
    readModels: flags.readModels,
    ...(flags.rosterHash === undefined ? {} : { rosterHash: flags.rosterHash }),
    deskKeys: publicKeysOf(flags.deskKey),
    onProgress: (done, total) => progress.show(done / Math.max(1, total), `${done} of ${total} commits`),
  };
  // Comparing the read models builds them again in a transaction that is rolled back; nothing else needs more than reading.
  const role = flags.readModels ? 'evenkeel_ledger' : 'evenkeel_reader';
  const work = async (pool: Pool): Promise<FullReport> => {
    const ledger = new LedgerToVerify(pool);
    const report = await runVerification(ledger, { ...options, trail: trailOf(pool) });
    return withFindings(report, await checkCarriedEpochs(ledger));
  };
  const report = flags.journal === true ? await withJournal(work, role) : await withLedger(work, role);
  progress.clear();
  if (report.findingCount === 0 && report.commits === 0 && report.detached.length === 0)
    throw emptyLedger(home);
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(report)}\n`
      : renderVerification(report, groupFindings(report.findings)),
  );
  process.exitCode = STATUS_EXIT[report.status];
}

/** What is asked of the audit trail, held against the copies in a database. */
async function trailQuestion(flags: VerifyFlags): Promise<(pool: Pool) => JudgeTrail> {
  const [{ trailEvidence, witnessKeysOf }, { LedgerToVerify }] = await Promise.all([
    import('@evenkeel/adapter-audit'),
    import('@evenkeel/adapter-postgres'),
  ]);
  const questions = {
    folder: homeOf().audit,
    witnesses: witnessKeysOf(flags.witnessKey, '--witness-key'),
    outside: flags.checkpoint.map((path) => resolve(path)),
  };
  return (pool) => () => trailEvidence(new LedgerToVerify(pool).checkpoints, questions);
}

function withFindings(report: FullReport, found: readonly LedgerFinding[]): FullReport {
  if (found.length === 0) return report;
  const findings = [...report.findings, ...found];
  return { ...report, status: 'divergent', findings, findingCount: report.findingCount + found.length };
}

/** The verification, and the journals of the NATS server against what it verified. */
async function withJournal(work: (pool: Pool) => Promise<FullReport>, role: LedgerRole): Promise<FullReport> {
  const [{ LedgerToVerify, createLedgerPool }, { journalsToCompare }, { withServers }, { checkJournals }] =
    await Promise.all([
      import('@evenkeel/adapter-postgres'),
      import('@evenkeel/adapter-nats'),
      import('../stack/server-access'),
      import('@evenkeel/verification'),
    ]);
  return withServers('observer', async ({ connection, databaseUrl }) => {
    const pool = createLedgerPool({ url: databaseUrl, role, max: 2, statementTimeoutMs: 0 });
    try {
      const report = await work(pool);
      const found = await checkJournals(
        await journalsToCompare(connection, homeOf().nats),
        new LedgerToVerify(pool),
      );
      return withFindings(report, found);
    } finally {
      await pool.end();
    }
  });
}

async function follow(flags: VerifyFlags): Promise<void> {
  const [{ withLedger }, { followLedger }, { LedgerToVerify }] = await Promise.all([
    import('../stack/ledger-access'),
    import('../stack/follow-ledger'),
    import('@evenkeel/adapter-postgres'),
  ]);
  const trailOf = await trailQuestion(flags);
  const port = flags.port === undefined ? undefined : Number(flags.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new InvalidInputError('the command', [{ path: '--port', message: 'must be a port' }]);
  const progress = new ProgressLine(flags.json === true);
  const found = await withLedger((pool) =>
    followLedger({
      ledger: new LedgerToVerify(pool),
      threads: threadsOf(flags),
      port,
      trail: trailOf(pool),
      say: (line) => process.stderr.write(`${line}\n`),
      onRound: (round) => {
        progress.show(
          1,
          `${round.commits} commits, ${runAgainText(round.runAgain)} run again, lag ${round.lag}`,
        );
        if (flags.json === true) process.stdout.write(`${JSON.stringify(round)}\n`);
        else
          for (const { epoch, seq, code, message } of round.findings)
            process.stdout.write(`epoch ${epoch} seq ${seq}  ${code}  ${message}\n`);
      },
    }),
  );
  progress.clear();
  process.exitCode = found ? EXIT.failed : EXIT.ok;
}

function runAgainText({ snapshots, decisions, orders }: RunAgain): string {
  return `${snapshots} snapshots, ${decisions} decisions, ${orders} orders`;
}

/** What came out of the cores again, and what of the record they could not be asked. */
function reexecutionLines(counts: readonly ReplayCount[]): readonly string[] {
  const sum = runAgainIn(counts);
  const missing = counts.filter(({ notRunAgain }) => notRunAgain !== undefined);
  return [
    `  run again: ${runAgainText(sum)}, ${sum.others} other facts of the cores`,
    ...(missing.length === 0
      ? []
      : [`  not run again: ${sum.notRunAgain}, for want of what is on no journal`]),
    ...missing.map(({ type, events, notRunAgain }) => `    ${events} ${type}: ${notRunAgain ?? ''}`),
  ];
}

/** Whose keys each epoch goes by, and what was said where that is another desk key than the epoch's before. */
function authorLines(epochs: readonly EpochAuthors[]): string[] {
  let former: string | undefined;
  return epochs.flatMap(({ epoch, deskKey, commits, replaces }) => {
    if (deskKey === undefined) return [`  epoch ${epoch} is not signed: nothing shows who wrote its commits`];
    const changed = former !== undefined && former !== deskKey;
    former = deskKey;
    const line = `  epoch ${epoch}: ${commits} commits signed, by keys that desk key ${deskKey} enrolled`;
    if (replaces !== undefined)
      return [line, `    in the place of ${replaces.inPlaceOf}, said ${replaces.by}: ${replaces.reason}`];
    return changed ? [line, '    another than in the epoch before, and nobody said so on record'] : [line];
  });
}

/** The first cause, then what may only follow from it, counted by kind. */
function findingLines(report: FullReport, grouped: GroupedFindings | undefined): readonly string[] {
  if (grouped === undefined) return [];
  const placeOf = ({ epoch, seq, where }: LedgerFinding): string => where ?? `epoch ${epoch} seq ${seq}`;
  const { first, others } = grouped;
  const rest = report.findingCount - 1;
  return [
    '',
    'First cause',
    `  ${placeOf(first)}  ${first.code}  ${first.message}`,
    ...(rest === 0
      ? []
      : [
          '',
          `Behind it, ${rest} more that may only follow from it (--json lists them):`,
          ...others.map(({ code, count, first: from, last }) => {
            const span = count === 1 ? placeOf(from) : `${placeOf(from)} … ${placeOf(last)}`;
            return `  ${count} × ${code}  ${span}: ${from.message}`;
          }),
        ]),
  ];
}

const TRAIL_WORDS = {
  sound: 'sound',
  damaged: 'damaged',
  contradicted: 'contradicted by the rows',
} as const;

export function renderVerification(report: FullReport, grouped: GroupedFindings | undefined): string {
  const { trail } = report;
  const lines = [
    `${report.status}: ${report.commits} commits, read models ${report.readModels}`,
    ...reexecutionLines(report.reexecuted),
  ];
  if (report.resumedAfter > 0)
    lines.push(`  the first ${report.resumedAfter} commits were verified before and not read again`);
  lines.push(...authorLines(report.authors));
  for (const { epoch, commits, detachedAt } of report.detached)
    lines.push(
      `  epoch ${epoch} (${commits} commits) was detached on ${detachedAt.slice(0, 10)} and is not verified here: \`keel audit archive --verify\``,
    );
  if (trail.status === 'absent') lines.push('  no audit trail: nothing was signed for this ledger');
  else if (trail.status === 'unread')
    lines.push(
      '  audit trail not examined: reading it stopped at the finding below, no checkpoint, root or tile was judged',
    );
  else {
    lines.push(
      `  audit trail of ${trail.origin ?? 'an unknown log'} ${TRAIL_WORDS[trail.status]}: ${trail.checkpoints} checkpoints, ${report.headsAgreed} roots reproduced, ${trail.signedSize} commits signed for, ${trail.tiles} tiles`,
      trail.witnessed === undefined
        ? '  no cosignature by a witness whose key was given: an operator could have written another history'
        : `  cosigned by ${trail.witnessed.witnesses.join(', ')} up to ${trail.witnessed.size} commits`,
    );
  }
  lines.push(...findingLines(report, grouped));
  if (report.status === 'divergent') lines.push('', 'Next: docs/runbooks/ledger-divergent.md');
  return `${lines.join('\n')}\n`;
}
