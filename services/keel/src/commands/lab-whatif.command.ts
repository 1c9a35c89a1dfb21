import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readNamedText } from '@evenkeel/config';
import { moneyCell, tableLines } from '@evenkeel/figures';
import type { TextColumn } from '@evenkeel/figures';
import { parsePolicy } from '@evenkeel/hedging';
import { InvalidInputError, canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { PolicyMetrics, WhatIf } from '@evenkeel/lab';
import type { Commit } from '@evenkeel/eventing';
import type { ReadFrom } from '@evenkeel/reconstruction';
import { askEpoch } from '../history/asked-history';
import { EXIT } from './exit-codes';
import { terminalWidth } from './terminal-width';
import { withCostModel } from '../run/policy-costs';

interface WhatIfFlags {
  readonly fromLedger?: boolean;
  readonly book?: string;
  readonly epoch?: string;
  readonly policy: string;
  readonly riskAversion: string;
  readonly json?: boolean;
}

export function addLabWhatIfCommand(lab: Command): void {
  lab
    .command('whatif')
    .description('the recorded journal’s market and positions under another policy; writes nothing')
    .requiredOption('--from-ledger', 'read the journal that the ledger keeps')
    .requiredOption('--policy <file>', 'the policy to try')
    .option('--book <id>', 'which book; needed when the journal has several')
    .option('--epoch <n>', 'which epoch; the newest unless told')
    .option('--risk-aversion <number>', 'weight of variance in the score, per unit of numeraire', '0.0001')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  keel lab whatif --from-ledger --policy samples/policies/whalley-wilmott.json\n\nThe recorded policy is run the same way first: what it does not reproduce is how far the answer can be trusted.\n',
    )
    .action((flags: WhatIfFlags) => askWhatIf(flags));
}

async function askWhatIf(flags: WhatIfFlags): Promise<void> {
  const riskAversion = Number(flags.riskAversion);
  if (!(riskAversion >= 0)) throw problem('--risk-aversion', 'must be a number of at least 0');
  const policy = policyIn(resolve(flags.policy));
  const { whatIf } = await import('@evenkeel/lab');
  const { commits, from } = await recordedCommits(flags);
  const book = bookAmong(commits, flags.book);
  const answer = whatIf(commits, { book, policy, riskAversion });
  if (answer === undefined) throw problem('--book', `the journal opens no book ${book} with a valuation`);
  process.stdout.write(
    flags.json === true ? `${JSON.stringify({ ...from, ...answer })}\n` : renderWhatIf(answer, from),
  );
  process.exitCode = EXIT.ok;
}

const problem = (path: string, message: string): InvalidInputError =>
  new InvalidInputError('the command', [{ path, message }]);

function policyIn(path: string): Json {
  let written: Json;
  try {
    written = withCostModel(JSON.parse(readNamedText(path)) as Json, path); // JSON.parse gives JSON
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [{ path: '(file)', message: 'is not JSON' }]);
  }
  const parsed = parsePolicy(canonicalJson(written));
  if (parsed.ok) return written;
  throw new InvalidInputError(path, [
    { path: parsed.failure.path ?? '(file)', message: parsed.failure.message },
  ]);
}

interface Recorded {
  readonly commits: readonly Commit[];
  readonly from: ReadFrom;
}

async function recordedCommits(flags: WhatIfFlags): Promise<Recorded> {
  const [{ readCommits }, { readFrom }, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('@evenkeel/reconstruction'),
    import('../stack/ledger-access'),
  ]);
  return withLedger(async (pool) => {
    const asked = await askEpoch(pool, flags);
    const client = await pool.connect();
    try {
      const commits: Commit[] = [];
      for await (const { commit } of readCommits(client, { epoch: asked.epoch })) commits.push(commit);
      return { commits, from: readFrom(asked) };
    } finally {
      client.release();
    }
  });
}

function bookAmong(commits: readonly Commit[], wanted: string | undefined): string {
  const books = new Set<string>();
  for (const { events } of commits)
    for (const { event } of events) if (event.type === 'BookOpened') books.add(event.payload.book);
  const names = [...books].sort();
  if (wanted !== undefined) {
    if (books.has(wanted)) return wanted;
    throw problem('--book', `the journal has no book ${wanted}; it has ${names.join(', ')}`);
  }
  const [only] = names;
  if (only === undefined || names.length > 1)
    throw problem(
      '--book',
      `is needed: the journal has ${names.length === 0 ? 'no book' : names.join(', ')}`,
    );
  return only;
}

function renderWhatIf(answer: WhatIf, { epoch }: ReadFrom): string {
  const { control } = answer;
  const lines = [
    `COUNTERFACTUAL  epoch ${epoch}  book ${answer.book}  policy ${JSON.stringify(answer.policy)}`,
    `control: the recorded policy, run again, makes ${control.reproduced} of ${control.recorded} recorded hedges${control.firstDifference === undefined ? '' : `; not ${control.firstDifference}`}`,
    '',
    ...tableLines(columnsOf(answer.rows), terminalWidth()),
    '',
    ...answer.limits.map((limit) => `- ${limit}`),
  ];
  return `${lines.join('\n')}\n`;
}

function columnsOf(rows: readonly PolicyMetrics[]): TextColumn[] {
  const money = (head: string, of: (metrics: PolicyMetrics) => number): TextColumn => ({
    head,
    cells: rows.map((metrics) => moneyCell(of(metrics), metrics.numeraire)),
  });
  return [
    { head: rows[0]?.numeraire ?? '', cells: rows.map(({ policy }) => policy), left: true },
    money('P&L', ({ pnl }) => pnl),
    money('fees', ({ fees }) => fees),
    { head: 'fills', cells: rows.map(({ fills }) => fills.toString()) },
    money('cost/day', ({ costPerDay }) => costPerDay.value),
    money('residual/√day', ({ residualPerDay }) => residualPerDay.value),
    money('slippage', ({ slippage }) => slippage),
    money('funding', ({ funding }) => funding),
    money('worst hour', ({ worstHour }) => worstHour),
  ];
}
