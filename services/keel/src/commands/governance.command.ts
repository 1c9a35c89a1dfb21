import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Proposal, Statement } from '@evenkeel/governance';
import type { GovernanceStore, JudgeRequest, Sign } from '@evenkeel/desk';
import type { ProposedContent } from '../governance/proposed-content';
import { InvalidInputError } from '@evenkeel/kernel';
import { homeOf } from '../stack/home';

interface PersonFlags {
  readonly as: string;
  readonly reason?: string;
  readonly at?: string;
  readonly token?: string;
  readonly statement?: boolean;
  readonly json?: boolean;
}

interface JudgeFlags extends PersonFlags {
  readonly sha256?: string;
}

interface ProposeFlags extends PersonFlags {
  readonly expires?: string;
  readonly out?: string;
  readonly book?: string;
  readonly targetDelta?: string;
  readonly policy?: string;
  readonly instruments?: string;
  readonly tape?: string;
}

export function addGovernanceCommands(program: Command): void {
  addProposeCommands(program);
  addJudgeCommand(program, 'approve', 'agree to exactly the proposed content; never one’s own proposal');
  addJudgeCommand(program, 'reject', 'turn a proposal down');
  addJudgeCommand(program, 'withdraw', 'take one’s own proposal back');
  program
    .command('proposals')
    .description('what was proposed in this epoch, who agreed, and what became of it')
    .option('--file <file>', 'in a file of `keel propose book --out` instead')
    .option('--open', 'only what waits for a second person')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel proposals --open\n')
    .action((flags: { file?: string; open?: boolean; json?: boolean }) => list(flags));
}

function withPersonFlags(command: Command, verb: string): Command {
  return command
    .requiredOption('--as <identity>', 'who you are')
    .option('--at <time>', 'when you say so; now unless told (needed again with --token)')
    .option(
      '--token <file>',
      'an identity provider’s token whose nonce is the hash of the statement; a local key signs otherwise',
    )
    .option('--statement', `print what would be signed and its hash, and ${verb} nothing`)
    .option('--json', 'print as JSON');
}

function addProposeCommands(program: Command): void {
  const propose = program
    .command('propose')
    .description(
      'put a change before a second person: policy, limits, book, epoch, override, release, quarantine, roles',
    );
  const kind = (
    name: string,
    description: string,
    example: string,
    content: (argument: string, flags: ProposeFlags) => Promise<ProposedContent>,
    extend: (command: Command) => Command = (command) => command,
  ): void => {
    extend(withPersonFlags(propose.command(name).description(description), 'propose'))
      .requiredOption('--reason <text>', 'why')
      .option('--expires <time>', 'a day after it is made unless told; an hour for a release; a week at most')
      .addHelpText('after', `\nExample:\n  keel propose ${example}\n`)
      .action(async (argument: string, flags: ProposeFlags) =>
        proposeChange(await content(argument, flags), flags),
      );
  };
  const contents = () => import('../governance/proposed-content');
  const ofBook = (command: Command): Command => command.requiredOption('--book <id>', 'of which book');
  kind(
    'policy <file>',
    'a hedging policy for a book that runs',
    'policy samples/policies/delta-band.json --book btc-options --as tess --reason "calmer market"',
    async (file, { book = '', targetDelta = '0' }) =>
      (await contents()).policyContent(book, resolve(file), targetDelta),
    (command) => ofBook(command).option('--target-delta <units>', 'wanted delta per underlying', '0'),
  );
  kind(
    'limits <file>',
    'order limits for a book that runs, written as `limits` in its file; whole, not only what changes',
    'limits samples/limits.json --book btc-options --as rita --reason "new mandate"',
    async (file, { book = '' }) => (await contents()).limitsContent(book, resolve(file)),
    ofBook,
  );
  kind(
    'override <file>',
    'an override of a soft limit, with its reason and expiry',
    'override samples/override.json --book btc-options --as tess --reason "roll"',
    async (file, { book = '' }) => (await contents()).jsonContent('override', book, resolve(file)),
    ofBook,
  );
  kind(
    'quarantine <sequence>',
    'that a message of the running journal, which nobody can believe, counts for nothing',
    'quarantine 4711 --as rita --reason "a stray message"',
    async (sequence) => (await contents()).quarantineContent(sequence),
  );
  kind(
    'book <file>',
    'a book before it is opened; the approval is shown to `keel run --approval`',
    'book samples/books/btc-options.json --tape samples/tape.json --as tess --reason "new book" --out out/book.approval.json',
    async (file, flags) => {
      const given = (['policy', 'instruments', 'tape'] as const).flatMap((name) => {
        const path = flags[name];
        return path === undefined ? [] : [[name, resolve(path)] as const];
      });
      const content = (await contents()).bookFileContent(resolve(file), Object.fromEntries(given));
      if (flags.tape === undefined)
        process.stderr.write('not held against a market: --tape MANIFEST says whether the tape prices it\n');
      return content;
    },
    (command) =>
      command
        .option(
          '--out <file>',
          'where the proposal is kept until the epoch is opened; without it, on the running journal, for `keel book open`',
        )
        .option('--tape <manifest>', 'the market it is for')
        .option('--policy <file>', 'hedging policy to use instead of the book’s own')
        .option('--instruments <file>', 'contract terms that override the built-in ones'),
  );
  kind(
    'epoch <plan>',
    'that a new epoch takes over from the ledger; the plan is what its dry run prints',
    'epoch plan.json --as tess --reason "the journal is lost" --out out/carry.approval.json',
    async (file) => (await contents()).epochContent(resolve(file)),
    (command) =>
      command.requiredOption('--out <file>', 'where the proposal is kept until the epoch is opened'),
  );
  kind(
    'release <scope>',
    'the release of what stops a scope now, and of nothing that stops it later',
    'release book:btc-options --as tess --reason "reconciled with the venue"',
    async (scope) => (await contents()).standingRelease(scope),
  );
  kind(
    'roles <file>',
    'who is enrolled with which roles (two administrators)',
    'roles roster.json --as ada --reason "rita joins"',
    async (file) => (await contents()).jsonContent('roles', 'identities', resolve(file)),
  );
}

function addJudgeCommand(program: Command, verb: JudgeRequest['verb'], description: string): void {
  withPersonFlags(program.command(`${verb} <proposal>`).description(description), verb)
    .option('--reason <text>', 'why', '')
    .option('--sha256 <hash>', 'of the content you agree to, in full; asked for at a terminal unless given')
    .addHelpText(
      'after',
      `\nThe proposal is its id (sixteen digits of it at least), or a file of \`keel propose book --out\`.\n\nExample:\n  keel ${verb} <proposal> --as rita\n`,
    )
    .action((proposal: string, flags: JudgeFlags) => judgeChange(verb, proposal, flags));
}

const desk = () => import('@evenkeel/desk');

async function withStore<T>(
  file: string | undefined,
  work: (store: GovernanceStore) => Promise<T>,
): Promise<T> {
  const home = homeOf();
  if (file === undefined) return (await import('../governance/nats-desk')).withJournal(home, work);
  const [{ ProposalFile }, { Roster }] = await Promise.all([
    import('../governance/proposal-file'),
    import('../governance/roster'),
  ]);
  return work(new ProposalFile(resolve(file), new Roster(home.governance).all()));
}

async function signing(flags: PersonFlags): Promise<Sign> {
  const [{ Roster }, { evidenceFor }] = await Promise.all([
    import('../governance/roster'),
    import('../governance/evidence'),
  ]);
  const options = {
    roster: new Roster(homeOf().governance),
    now: Math.floor(Date.now() / 1000),
    ...(flags.token === undefined ? {} : { token: resolve(flags.token) }),
  };
  return (statement) => evidenceFor(statement, options);
}

async function proposeChange(proposed: ProposedContent, flags: ProposeFlags): Promise<void> {
  const { propose, proposalStatement } = await desk();
  const request = {
    ...proposed,
    reason: flags.reason ?? '',
    by: flags.as,
    at: flags.at ?? new Date().toISOString(),
    ...(flags.expires === undefined ? {} : { expiresAt: flags.expires }),
  };
  if (flags.statement === true) return showStatement(proposalStatement(request), flags);
  if (flags.out === undefined) await (await import('../governance/proposed-content')).requireThere(proposed);
  const sign = await signing(flags);
  const proposal = await withStore(flags.out, (store) => propose(store, request, sign, hostNow()));
  show(proposal, flags.json === true);
  const { nextStep } = await import('../governance/shown-content');
  const { kind, scope, proposalId } = proposal.proposed;
  sayNext(nextStep('propose', kind, scope, proposalId, flags.out), flags);
}

async function judgeChange(verb: JudgeRequest['verb'], id: string, flags: JudgeFlags): Promise<void> {
  const { judge, judgeStatement, proposalIn } = await desk();
  const [{ confirmed, requireLongEnough }, { contentLines, nextStep }] = await Promise.all([
    import('../governance/confirmation'),
    import('../governance/shown-content'),
  ]);
  const file = fileIn(id);
  if (file === undefined) requireLongEnough(id);
  await withStore(file, async (store) => {
    const shown = await store.load();
    const { proposed } = proposalIn(shown, file === undefined ? id : newestOpen(shown));
    const { proposalId, kind, scope, content, contentHash } = proposed;
    const lines = contentLines(kind, scope, content).map((line) => `  ${line}\n`);
    process.stderr.write(`${verb} ${kind} of ${scope}:\n${lines.join('')}`);
    if (kind === 'epoch' && verb === 'approve') await showCarried(content);
    process.stderr.write(`exactly this, sha256 ${contentHash}:\n  ${content}\n`);
    const asking = flags.statement !== true && verb === 'approve';
    const request = {
      verb,
      proposalId,
      contentHash: asking ? await confirmed(contentHash, flags.sha256) : contentHash,
      by: flags.as,
      at: flags.at ?? new Date().toISOString(),
      reason: flags.reason ?? '',
    };
    if (flags.statement === true) return showStatement(judgeStatement(shown, request), flags);
    show(await judge(store, request, await signing(flags), hostNow()), flags.json === true);
    if (verb === 'approve') sayNext(nextStep(verb, kind, scope, proposalId, file), flags);
  });
}

/** What is named as a file, and has to be there; undefined for the id of a proposal. Throws `INPUT.INVALID`. */
function fileIn(id: string): string | undefined {
  if (existsSync(id)) return id;
  if (!/[/\\]|\.json$/.test(id)) return undefined;
  throw new InvalidInputError('the command', [{ path: 'proposal', message: `there is no file ${id}` }]);
}

function sayNext(step: string, { json }: PersonFlags): void {
  if (json !== true) process.stderr.write(`${step}\n`);
}

/** What a new epoch would begin with by the ledger of this machine, book by book. */
async function showCarried(content: string): Promise<void> {
  const [{ withServers }, { planCarryOn }, { carriedText }, { carryContent }] = await Promise.all([
    import('../stack/server-access'),
    import('../run/carry-epoch'),
    import('./epoch-carry.command'),
    desk(),
  ]);
  const command = { by: '', reason: '', approvals: [], home: homeOf(), threads: 0 };
  try {
    const plan = await withServers('operator', (places) => planCarryOn(places, command));
    const same = carryContent(plan).content === content;
    process.stderr.write(
      same ? carriedText(plan) : `  NOT what the ledger here would be taken over with:\n${carriedText(plan)}`,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `  books and positions cannot be shown here (${why}): \`keel epoch open --from-ledger --dry-run\` prints them\n`,
    );
  }
}

/** The time of the journal is the time of the hosts that write to it. */
function hostNow(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

function newestOpen(state: { readonly proposals: ReadonlyMap<string, Proposal> }): string {
  const open = [...state.proposals.values()].filter(({ status }) => status === 'open');
  return open[open.length - 1]?.proposed.proposalId ?? '';
}

async function showStatement(statement: Statement, flags: PersonFlags): Promise<void> {
  const { statementHash, statementText } = await import('@evenkeel/governance');
  const [text, hash] = [statementText(statement), statementHash(statement)];
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ at: statement.at, text, hash })}\n`
      : `${text}\nnonce ${hash}\n`,
  );
}

async function list(flags: { file?: string; open?: boolean; json?: boolean }): Promise<void> {
  if (flags.file !== undefined) fileIn(resolve(flags.file));
  const { epoch, state } = await proposalsOf(flags.file);
  const all = [...state.proposals.values()].filter(({ status }) => flags.open !== true || status === 'open');
  if (epoch !== undefined && flags.json !== true) process.stderr.write(`epoch ${epoch}, which is open\n`);
  if (flags.json === true)
    process.stdout.write(
      `${JSON.stringify(all.map((one) => ({ ...(epoch === undefined ? {} : { epoch }), ...one })))}\n`,
    );
  else for (const proposal of all) show(proposal, false);
  if (all.length === 0 && flags.json !== true) process.stderr.write('nothing was proposed\n');
}

/** What was proposed, in a file or in the epoch that is open. */
async function proposalsOf(
  file: string | undefined,
): Promise<{ readonly epoch?: string; readonly state: Awaited<ReturnType<GovernanceStore['load']>> }> {
  if (file !== undefined) return { state: await withStore(file, (store) => store.load()) };
  const home = homeOf();
  const { governanceOn, withDeskJournal } = await import('../governance/nats-desk');
  return withDeskJournal(home, async (journal) => ({
    epoch: journal.openEpoch,
    state: await governanceOn(home, journal).load(),
  }));
}

function show(proposal: Proposal, json: boolean): void {
  const { proposed, status, approvedBy, closedBy } = proposal;
  const text = [
    `${proposed.proposalId}  ${statusOf(proposed.expiresAt, status)}  ${proposed.kind} of ${proposed.scope}: ${proposed.reason}`,
    `  by ${proposed.proposedBy} at ${proposed.at}, until ${proposed.expiresAt}${approvedBy === '' ? '' : `; approved by ${approvedBy}`}${closedBy === '' ? '' : `; closed by ${closedBy}`}`,
    `  content sha256 ${proposed.contentHash}`,
    '',
  ].join('\n');
  process.stdout.write(json ? `${JSON.stringify(proposal)}\n` : text);
}

function statusOf(expiresAt: string, status: Proposal['status']): string {
  return status === 'open' && Date.parse(expiresAt) <= Date.now() ? 'expired' : status;
}
