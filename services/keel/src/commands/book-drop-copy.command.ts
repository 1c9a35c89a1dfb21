import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { AskedOnRecord } from '@evenkeel/adapter-nats';
import type { DropCopySettings, FixMessage } from '@evenkeel/adapter-drop-copy';
import type { DeskJournal } from '@evenkeel/desk';
import { InvalidInputError, OperationalError } from '@evenkeel/kernel';
import type { InstrumentsFile } from '@evenkeel/market';
import { askedHere, awaitedAnswer } from '../stack/awaited-answer';
import { requiredBus } from '../stack/background';
import { homeOf } from '../stack/home';
import type { Home } from '../stack/home';
import { isClaim, takeClaim } from '../stack/home-claim';
import { interruption } from './interruption';

interface Flags {
  readonly settings: string;
  readonly book: string;
  readonly by: string;
  readonly instruments?: string;
  readonly beginAnew?: boolean;
  readonly json?: boolean;
}

/** `keel book drop-copy`: the trades that a FIX session tells enter a book, until Ctrl-C. */
export function addBookDropCopy(book: Command): void {
  book
    .command('drop-copy')
    .description('receive trades made elsewhere over FIX 4.4, until Ctrl-C')
    .requiredOption('--settings <file>', 'the session: where, who, which symbols')
    .requiredOption('--book <name>', 'the book that its trades belong to')
    .option('--by <name>', 'who answers for it', userInfo().username)
    .option('--instruments <file>', 'contract terms that override the built-in ones')
    .option('--begin-anew', 'count from 1 again, as agreed with the other side')
    .option('--json', 'what happens, a line of JSON each')
    .addHelpText(
      'after',
      '\nA report that cannot be booked stops the session at that message; started again it goes on there. See docs/books.md.\n\nExample:\n  keel book drop-copy --settings samples/drop-copy.json --book eth-strangles\n',
    )
    .action((flags: Flags) => dropCopy(flags));
}

async function dropCopy(flags: Flags): Promise<void> {
  const [{ SequenceFile, parseDropCopySettings, receiveDropCopy }, { readNamedText }, { connectNats }] =
    await Promise.all([
      import('@evenkeel/adapter-drop-copy'),
      import('@evenkeel/config'),
      import('@evenkeel/adapter-nats'),
    ]);
  const settings = parseDropCopySettings(readNamedText(flags.settings), flags.settings);
  const password = settings.passwordFile === undefined ? {} : { password: passwordIn(settings.passwordFile) };
  const instruments = await instrumentsOf(flags.instruments);
  const home = homeOf();
  const release = claimed(home, settings.session);
  const stopped = interruption();
  const ended = new AbortController();
  void stopped.signalled.then(() => ended.abort());
  try {
    const path = join(home.dir, 'drop-copy', `${settings.session}.json`);
    const { session, senderCompId, targetCompId } = settings;
    const name = [session, flags.book, senderCompId, targetCompId].join('|');
    const numbers =
      flags.beginAnew === true ? SequenceFile.beginAnew(path, name) : new SequenceFile(path, name);
    const { withDeskJournal } = await import('../governance/nats-desk');
    const connection = await connectNats(await requiredBus(home, 'desk'), 'keel-drop-copy');
    try {
      const record = await askedHere(connection, home);
      await withDeskJournal(home, (journal) =>
        receiveDropCopy({
          settings,
          ...password,
          numbers,
          ended: ended.signal,
          note: (text) => say(flags, { note: text }, text),
          report: (message) => booked({ journal, record, settings, flags, instruments }, message),
        }),
      );
    } finally {
      await connection.close();
    }
  } finally {
    stopped.forget();
    release();
  }
}

interface Booking {
  readonly journal: DeskJournal;
  readonly record: AskedOnRecord;
  readonly settings: DropCopySettings;
  readonly flags: Flags;
  readonly instruments: InstrumentsFile | undefined;
}

/** Resolves once the trade is on the journal and risk has taken it. */
async function booked(
  { journal, record, settings, flags, instruments }: Booking,
  message: FixMessage,
): Promise<void> {
  const [{ becameOfRequest, bookReported }, { tradeReported }] = await Promise.all([
    import('@evenkeel/desk'),
    import('@evenkeel/adapter-drop-copy'),
  ]);
  const report = tradeReported(message, settings);
  if (report === undefined) return;
  const { book, by } = flags;
  const reason = `drop copy ${report.session}: ${report.kind} ${report.execId}`;
  const asking = { by, reason, at: new Date().toISOString() };
  const end = await record.end();
  const done = await bookReported(journal, book, report, asking, instruments);
  const [requestId = ''] = done.requestIds;
  const became = await awaitedAnswer(
    () => record.answer(book, done.known ? 0 : end, (stored) => becameOfRequest(requestId, stored)),
    () => process.stderr.write(`${report.execId} is on record; waiting for risk\n`),
  );
  if (became === undefined)
    throw new OperationalError({
      code: 'DROPCOPY.UNANSWERED',
      message: `risk does not answer for ${done.tradeId}`,
    });
  const refused = became.refused.join(', ');
  // Who starts again after that has seen it: the refusal is an incident on record.
  if (refused !== '' && !done.known)
    throw new OperationalError({
      code: 'DROPCOPY.REFUSED',
      message: `risk refuses ${done.tradeId}: ${refused}`,
    });
  const what = done.known ? `known ${refused === '' ? '' : `(refused: ${refused}) `}` : '';
  const { kind, execId, instrument, quantity, price = '' } = report;
  say(
    flags,
    { report, tradeId: done.tradeId, known: done.known, became },
    `${what}${kind} ${execId}: ${quantity} ${instrument} ${price === '' ? '' : `at ${price}`}`.trimEnd(),
  );
}

function say({ json }: Flags, whole: object, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(whole)}\n` : `${text}\n`);
}

async function instrumentsOf(file: string | undefined): Promise<InstrumentsFile | undefined> {
  if (file === undefined) return undefined;
  const [{ parseInstrumentsFile }, { readNamedText }] = await Promise.all([
    import('@evenkeel/market'),
    import('@evenkeel/config'),
  ]);
  return parseInstrumentsFile(readNamedText(file), file);
}

const FOR_OTHERS = 0o077;

function passwordIn(file: string): string {
  const path = resolve(file);
  const fail = (message: string) => new InvalidInputError(file, [{ path: 'passwordFile', message }]);
  let text: string;
  try {
    if ((statSync(path).mode & FOR_OTHERS) !== 0) throw fail('others may read it: chmod 600');
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw error instanceof InvalidInputError ? error : fail('can’t be read');
  }
  if (!/^[\x21-\x7e]{1,256}$/.test(text)) throw fail('must hold one password of printable characters');
  return text;
}

/** One process at a time counts for a session. */
function claimed(home: Home, session: string): () => void {
  const taken = takeClaim(home.claims, `drop-copy-${session}`);
  if (isClaim(taken)) return () => taken.release();
  throw new OperationalError({
    code: 'DROPCOPY.IN_USE',
    message: `process ${taken.process.pid} receives ${session} since ${taken.since}`,
  });
}
