import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { MultiGreekEvidence } from '@evenkeel/lab';
import { ProgressLine } from '../run/progress-line';
import { inputsOf } from './run.command';

interface EvidenceFlags {
  readonly tape?: string;
  readonly book: readonly string[];
  readonly hedge: readonly string[];
  readonly policy?: string;
  readonly instruments?: string;
  readonly every: string;
  readonly json?: boolean;
}

const gather = (value: string, all: readonly string[]): readonly string[] => [...all, value];

/** Options of the January chains that were quoted both ways nearly always, over three expiries and both sides of the money. */
const JANUARY_OPTIONS = [
  'BTC-30JAN26-85000-P@deribit',
  'BTC-30JAN26-90000-C@deribit',
  'BTC-30JAN26-95000-C@deribit',
  'BTC-27FEB26-85000-P@deribit',
  'BTC-27FEB26-90000-P@deribit',
  'BTC-27FEB26-95000-C@deribit',
  'BTC-27MAR26-85000-P@deribit',
  'BTC-27MAR26-95000-C@deribit',
  'BTC-27MAR26-100000-C@deribit',
  'ETH-30JAN26-2800-P@deribit',
  'ETH-30JAN26-3100-P@deribit',
  'ETH-27FEB26-2800-P@deribit',
  'ETH-27FEB26-3500-C@deribit',
  'ETH-27MAR26-2600-P@deribit',
  'ETH-27MAR26-3700-C@deribit',
];

/** Capital is left out of the costs, so that both hedges are charged what a venue charges: fee and half spread. */
const PLAIN_POLICY: Json = {
  kind: 'multi-greek',
  riskAversion: '0.0001',
  horizon: 'P1D',
  model: { volatilityHorizon: 'P7D' },
  capitalRate: '0',
};

export function addLabEvidenceCommand(lab: Command): void {
  lab
    .command('evidence')
    .description('what a policy is worth, measured on recorded chains')
    .command('multi-greek')
    .description(
      'multi-greek against a greedy delta-then-vega hedge at the same residual risk, at every chain of a tape',
    )
    .requiredOption('--tape <manifest>', 'tape with option chains')
    .option('--book <file>', 'the book to hedge', gather, [])
    .option(
      '--hedge <instrument>',
      'option to hedge with, repeatable; a list for January 2026 without',
      gather,
      [],
    )
    .option('--policy <file>', 'multi-greek policy whose risk model and costs are used')
    .option('--instruments <file>', 'contract terms that override the built-in ones')
    .option('--every <n>', 'only every n-th chain', '1')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  keel lab evidence multi-greek --tape samples/tape-btc-eth.json --book samples/books/btc-eth-desk.json\n',
    )
    .action((flags: EvidenceFlags) => show(flags));
}

async function show(flags: EvidenceFlags): Promise<void> {
  const every = Number(flags.every);
  if (!Number.isInteger(every) || every < 1)
    throw new InvalidInputError('the command', [
      { path: '--every', message: `must be a whole number from 1, not "${flags.every}"` },
    ]);
  const { tape, books } = inputsOf({ ...flags, seed: 'evenkeel', days: '7' });
  const [book] = books;
  if (book === undefined || books.length > 1)
    throw new InvalidInputError('the command', [{ path: '--book', message: 'name one book' }]);
  const policy = book.policy ?? PLAIN_POLICY;
  if (
    typeof policy !== 'object' ||
    policy === null ||
    Array.isArray(policy) ||
    !('kind' in policy) ||
    policy['kind'] !== 'multi-greek'
  )
    throw new InvalidInputError('the command', [
      { path: '--policy', message: 'must be of kind multi-greek' },
    ]);
  const hedges = flags.hedge.length === 0 ? JANUARY_OPTIONS : flags.hedge;
  const instruments = [...new Set([...book.file.hedge.instruments, ...hedges])];
  const file = { ...book.file, hedge: { ...book.file.hedge, instruments } };
  const { multiGreekEvidence } = await import('@evenkeel/lab');
  const progress = new ProgressLine(flags.json === true);
  const evidence = multiGreekEvidence({
    tape,
    book: { ...book, file },
    // An object that is no list, checked above.
    policy: policy as { readonly [field: string]: Json },
    every,
    onProgress: (fraction) => progress.show(fraction, 'chains'),
  });
  progress.clear();
  process.stdout.write(flags.json === true ? `${JSON.stringify(evidence)}\n` : render(evidence));
}

function render(evidence: MultiGreekEvidence): string {
  const { rows, realised } = evidence;
  const money = (value: number): string => value.toFixed(0).padStart(8);
  const lines = rows.map(({ at, riskBefore, greedy, joint, options }) =>
    [
      at.slice(0, 16),
      money(riskBefore),
      money(greedy.judged.risk),
      money(joint.judged.risk),
      money(greedy.judged.cost.total),
      money(joint.judged.cost.total),
      (joint.judged.cost.total / greedy.judged.cost.total).toFixed(3).padStart(7),
      String(options).padStart(4),
      String(joint.trades.length).padStart(4),
    ].join(' '),
  );
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return [
    'chain            unhedged   greedy    joint   greedy    joint   joint÷  of   used',
    '                     risk     risk     risk     cost     cost  greedy  options',
    ...lines,
    '',
    `chains compared ${rows.length} of ${evidence.chains}; joint cheaper for no more risk on ${evidence.cheaper}`,
    `cost, all chains: greedy ${evidence.costGreedy.toFixed(0)} USD, joint ${evidence.costJoint.toFixed(0)} USD (${percent(evidence.costJoint / evidence.costGreedy)}); median ${percent(evidence.medianRatio)}`,
    `joint ÷ greedy residual risk at most ${evidence.mostRisk.toFixed(4)}`,
    realised.intervals < 2
      ? 'realised to the next chain: too few intervals without an expiry to measure'
      : `realised to the next chain (${realised.intervals} intervals without an expiry), standard deviation USD: unhedged ${realised.unhedged.toFixed(0)}, greedy ${realised.greedy.toFixed(0)}, joint ${realised.joint.toFixed(0)}`,
    '',
  ].join('\n');
}
