import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { AskedOnRecord } from '@evenkeel/adapter-nats';
import type { Asked, Asking, Became, DeskJournal } from '@evenkeel/desk';
import type { TradeEntry } from '@evenkeel/market';
import { InvalidInputError } from '@evenkeel/kernel';
import { askedHere, awaitedAnswer, becameText } from '../stack/awaited-answer';
import { requiredBus } from '../stack/background';
import { homeOf } from '../stack/home';
import { addBookDropCopy } from './book-drop-copy.command';
import { addBookImport } from './book-import.command';
import { EXIT } from './exit-codes';

interface Flags {
  readonly reason: string;
  readonly by: string;
  readonly instruments?: string;
  readonly policy?: string;
  readonly proposal?: string;
  readonly file?: string;
  readonly instrument?: string;
  readonly quantity?: string;
  readonly price?: string;
  readonly at?: string;
  readonly evidence?: string;
  readonly priceMeant?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

const HOW = '\nThe services answer on the journal; what they turn down stands there with its reason.\n';

/** `keel book`: books and trades that enter while services run. */
export function addBookCommands(program: Command): void {
  const book = program.command('book').description('books and their trades, while services run');
  asked(book.command('open <file>'), 'put a book under management')
    .option('--policy <file>', 'hedge with this policy instead of the one in the file')
    .option('--instruments <file>', 'contract terms that override the built-in ones')
    .option('--proposal <id>', 'the approved `keel propose book`; needed with EK_GOVERNANCE=required')
    .addHelpText(
      'after',
      `${HOW}\nExample:\n  keel book open samples/books/eth-strangles.json --reason "new mandate"\n`,
    )
    .action((file: string, flags: Flags) => open(file, flags));
  addBookImport(book);
  addBookDropCopy(book);
  asked(book.command('close <book>'), 'end the management of a book that holds nothing')
    .addHelpText('after', `${HOW}\nExample:\n  keel book close eth-strangles --reason "mandate over"\n`)
    .action((id: string, flags: Flags) =>
      onJournal(flags, async (journal) => (await desk()).closeBook(journal, id, asking(flags))),
    );
  asked(
    book.command('trade <book> [id]'),
    'let a trade that was made elsewhere enter a book, or a CSV of them',
  )
    .option('--instrument <id>', 'what was traded')
    .option('--quantity <n>', 'contracts, bought positive')
    .option('--price <p>', 'in the instrument’s quote unit')
    .option('--at <time>', 'when it was made; now unless told')
    .option('--file <csv>', 'trades instead: a header `trade,instrument,quantity,price,at`, a trade a line')
    .option('--evidence <text>', 'what shows it: a venue’s trade id, a ticket', '')
    .option('--price-meant', 'the price is meant, however far from the market it is; stands on record')
    .option('--instruments <file>', 'contract terms that override the built-in ones')
    .addHelpText(
      'after',
      `${HOW}\nExample:\n  keel book trade eth-strangles otc-17 --instrument ETH-16JAN26-3840-C@deribit --quantity -5 --price 0.0095 --reason "voice trade"\n  keel book trade eth-strangles --file samples/trades.csv --reason "morning batch"\n`,
    )
    .action((id: string, trade: string | undefined, flags: Flags) => bookTrade(id, trade, flags));
  asked(book.command('correct <book> <trade>'), 'say what a booked trade really was')
    .requiredOption('--quantity <n>', 'contracts, bought positive; 0 where there was no such trade')
    .requiredOption('--price <p>', 'in the instrument’s quote unit')
    .option('--price-meant', 'the price is meant, however far from the market it is; stands on record')
    .addHelpText(
      'after',
      `${HOW}\nExample:\n  keel book correct eth-strangles otc-17 --quantity -4 --price 0.0095 --reason "ticket said 4"\n`,
    )
    .action((id: string, trade: string, flags: Flags) => correct(id, trade, flags));
  asked(book.command('expire <book> <instrument>'), 'name the price at which an expired position settles')
    .requiredOption('--price <p>', 'delivery price, in the quote unit of the underlying')
    .addHelpText(
      'after',
      `${HOW}\nExample:\n  keel book expire eth-strangles ETH-16JAN26-3840-C@deribit --price 3120.5 --reason "no venue settles it"\n`,
    )
    .action((id: string, instrument: string, flags: Flags) => expire(id, instrument, flags));
}

function asked(command: Command, description: string): Command {
  return command
    .description(description)
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who', userInfo().username)
    .option('--no-wait', 'put it on record, and do not wait to hear what becomes of it')
    .option('--json', 'print as JSON');
}

const desk = () => import('@evenkeel/desk');

function asking({ by, reason }: Flags): Asking {
  if (reason.trim() === '') throw invalid('--reason', 'must say why');
  return { by, reason, at: new Date().toISOString() };
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}

async function onJournal(flags: Flags, work: (journal: DeskJournal) => Promise<Asked>): Promise<void> {
  const home = homeOf();
  const [{ withDeskJournal }, { connectNats }] = await Promise.all([
    import('../governance/nats-desk'),
    import('@evenkeel/adapter-nats'),
  ]);
  const connection = await connectNats(await requiredBus(home, 'desk'), 'keel-book');
  try {
    const record = flags.wait === false ? undefined : await askedHere(connection, home);
    const from = (await record?.end()) ?? 0;
    const done = await withDeskJournal(home, work);
    const { book, requestIds } = done;
    const named = requestIds.length === 1 ? (requestIds[0] ?? '') : `${requestIds.length} requests`;
    const answers = record === undefined ? [] : await answersTo(record, done, from, named);
    const last = answers.at(-1);
    const said =
      record === undefined
        ? ''
        : last === undefined || answers.length < requestIds.length
          ? `; ${answers.length} answered so far: keel controls`
          : `; ${becameText('risk', last)}`;
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify({ ...done, answers })}\n`
        : `on record for ${book}: ${named}${said}\n`,
    );
    const isWhole =
      answers.length === requestIds.length && answers.every(({ refused }) => refused.length === 0);
    if (record !== undefined && !isWhole) process.exitCode = EXIT.failed;
  } finally {
    await connection.close();
  }
}

/** Risk answers in the order of the requests; up to the first one that it turned down, or did not answer in time. */
async function answersTo(
  record: AskedOnRecord,
  { book, requestIds }: Asked,
  from: number,
  named: string,
): Promise<readonly Became[]> {
  const { becameOfRequest } = await desk();
  const answers: Became[] = [];
  for (const requestId of requestIds) {
    const after = (answers.at(-1)?.sequence ?? from + 1) - 1;
    const became = await awaitedAnswer(
      () => record.answer(book, after, (stored) => becameOfRequest(requestId, stored)),
      () => process.stderr.write(`on record for ${book}: ${named}; waiting for risk\n`),
    );
    if (became === undefined) break;
    answers.push(became);
    if (became.refused.length > 0) break;
  }
  return answers;
}

async function open(file: string, flags: Flags): Promise<void> {
  const [
    { bookContent, bookRequest, openBook, requireOpenable, useApprovedBook },
    { managedBook },
    { approvalDesk },
  ] = await Promise.all([desk(), import('../run/inputs'), import('../governance/nats-desk')]);
  const who = asking(flags);
  const managed = managedBook({
    book: resolve(file),
    ...(flags.policy === undefined ? {} : { policy: resolve(flags.policy) }),
    ...(flags.instruments === undefined ? {} : { instruments: resolve(flags.instruments) }),
  });
  const home = homeOf();
  const { runGoingOn } = await import('../stack/run-claim');
  const { inRealTime } = await import('@evenkeel/engine');
  const live = runGoingOn(home)?.pace === 'real time';
  await onJournal(flags, async (journal) => {
    await requireOpenable(journal, managed.file.book);
    const content = bookContent(managed);
    const approval = await useApprovedBook(approvalDesk(home), managed.file.book, content, flags.proposal);
    return openBook(journal, bookRequest(managed, who, approval, live ? inRealTime : undefined));
  });
}

async function bookTrade(book: string, id: string | undefined, flags: Flags): Promise<void> {
  const [{ parseTrade, parseTradesFile, parseInstrumentsFile }, { readNamedText }, { bookTrades }] =
    await Promise.all([import('@evenkeel/market'), import('@evenkeel/config'), desk()]);
  if ((id === undefined) === (flags.file === undefined))
    throw invalid('trade', 'give either the id of one trade, or --file with several');
  const who = asking(flags);
  const { instrument, quantity, price, at } = flags;
  const trades: readonly TradeEntry[] =
    flags.file === undefined
      ? [
          parseTrade(
            { trade: id, instrument, quantity, price, ...(at === undefined ? {} : { at }) },
            'the command',
          ),
        ]
      : parseTradesFile(readNamedText(flags.file), flags.file);
  const terms =
    flags.instruments === undefined
      ? {}
      : {
          instruments: parseInstrumentsFile(readNamedText(flags.instruments), flags.instruments),
        };
  await onJournal(flags, (journal) =>
    bookTrades(
      journal,
      {
        book,
        trades,
        evidence: flags.evidence ?? '',
        source: flags.file ?? 'the command',
        ...terms,
        ...meant(flags),
      },
      who,
    ),
  );
}

const meant = ({ priceMeant }: Flags): { readonly priceMeant?: boolean } =>
  priceMeant === true ? { priceMeant } : {};

async function correct(book: string, tradeId: string, flags: Flags): Promise<void> {
  const { Decimal } = await import('@evenkeel/kernel');
  const { quantity = '', price = '' } = flags;
  if (Decimal.tryParse(quantity) === undefined) throw invalid('--quantity', `"${quantity}" is not a decimal`);
  const worth = Decimal.tryParse(price);
  if (worth === undefined || worth.sign() < 0) throw invalid('--price', `"${price}" is not a price`);
  const { correctTrade } = await desk();
  await onJournal(flags, (journal) =>
    correctTrade(journal, { book, tradeId, quantity, price, ...meant(flags) }, asking(flags)),
  );
}

async function expire(book: string, instrument: string, flags: Flags): Promise<void> {
  const { Decimal } = await import('@evenkeel/kernel');
  const { price = '' } = flags;
  const worth = Decimal.tryParse(price);
  if (worth === undefined || worth.sign() <= 0) throw invalid('--price', `"${price}" is not a price`);
  const { recordExpiry } = await desk();
  await onJournal(flags, (journal) =>
    recordExpiry(journal, { book, instrument, deliveryPrice: price }, asking(flags)),
  );
}
