import { writeNamedFile } from '@evenkeel/config';
import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import { TIMES, askEpoch, withEpoch } from '../history/asked-history';

interface ReconstructFlags {
  readonly epoch?: string;
  readonly html?: string;
  readonly asOf?: string;
  readonly book?: string;
  readonly full?: boolean;
  readonly json?: boolean;
}

export function addAuditReconstructCommand(audit: Command): void {
  withEpoch(
    audit
      .command('reconstruct [decision]')
      .description(
        'the story of one decision, from marks to fills; or with --as-of the state of a book at any moment',
      ),
  )
    .option('--full', 'everything: prices, positions, candidates, every check, every hash')
    .option('--html <out.html>', 'write one self-contained page with charts around the decision')
    .option('--as-of <seq|time>', 'the state of --book at a sequence or an event time instead')
    .option('--book <id>', 'with --as-of: which book')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `\nThe beginning of an id is enough.\n${TIMES}\nExample:\n  keel audit reconstruct <decision> --html out/story.html\n  keel audit reconstruct --book btc-options --as-of 2026-01-06T08:00:00Z\n`,
    )
    .action((decision: string | undefined, flags: ReconstructFlags) =>
      flags.asOf === undefined ? tell(decision, flags) : stateAt(flags.asOf, flags),
    );
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}

async function tell(decision: string | undefined, flags: ReconstructFlags): Promise<void> {
  if (decision === undefined) throw invalid('decision', 'is needed, or --book and --as-of');
  const [{ reconstruct, decisionContextOf }, { alsoInText, reconstructionText, storyPage }, { withLedger }] =
    await Promise.all([
      import('@evenkeel/adapter-postgres'),
      import('@evenkeel/reconstruction'),
      import('../stack/ledger-access'),
    ]);
  const story = await withLedger(async (pool) => {
    const told = await reconstruct(pool, decision, {
      runAgain: true,
      ...(flags.epoch === undefined ? {} : { epoch: flags.epoch }),
    });
    await askEpoch(pool, { ...flags, epoch: told.epoch });
    const also = alsoInText({ alsoIn: told.alsoInEpochs ?? [], epoch: told.epoch });
    if (also !== '' && flags.json !== true) process.stderr.write(`${also}\n`);
    if (flags.html === undefined) return told;
    const { book } = told.decision.payload;
    const around = await decisionContextOf(pool, told.epoch, book, told.decision.commit.seq);
    writeNamedFile(flags.html, storyPage(told, around));
    return told;
  });
  if (flags.html !== undefined) process.stderr.write(`wrote ${flags.html}\n`);
  if (flags.json === true) process.stdout.write(`${JSON.stringify(story, null, 2)}\n`);
  else if (flags.html === undefined)
    process.stdout.write(reconstructionText(story, { full: flags.full === true }));
}

async function stateAt(asOf: string, flags: ReconstructFlags): Promise<void> {
  const { book, epoch } = flags;
  if (book === undefined) throw invalid('--book', 'is needed with --as-of');
  const [{ LedgerEpochs, LedgerHistory }, { stateAsOf, stateText }, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('@evenkeel/reconstruction'),
    import('../stack/ledger-access'),
  ]);
  const state = await withLedger(async (pool) => {
    await askEpoch(pool, flags);
    const question = { book, asOf, ...(epoch === undefined ? {} : { epoch }) };
    return stateAsOf(new LedgerHistory(pool), new LedgerEpochs(pool), question);
  });
  process.stdout.write(flags.json === true ? `${JSON.stringify(state, null, 2)}\n` : stateText(state));
}
