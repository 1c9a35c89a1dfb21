import type {
  AbsoluteDelta,
  BookPnl,
  BookStatistics,
  CountByReason,
  LargestDelta,
  PositionsPnl,
} from '@evenkeel/accounting';
import {
  createRunAttribution,
  createRunPositions,
  createRunStatistics,
  explainedTable,
  positionsTable,
} from '@evenkeel/accounting';
import { DecisionDigest } from '@evenkeel/contracts';
import { partitionOfBook, viewOf } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import {
  amountText,
  moneyCell,
  moneyText,
  percentText,
  quantityText,
  tableLines,
  withRounding,
} from '@evenkeel/figures';
import type { NamedAmount } from '@evenkeel/figures';
import { assert, required } from '@evenkeel/kernel';

export type VerificationStatus = 'clean' | 'divergent' | 'unreadable';

/** What a run says at its end. Documented in docs/report.md; the version changes when a reader could be misled. */
export interface RunReport {
  readonly schemaVersion: 1;
  readonly tape: string;
  readonly decisionDigest: string;
  readonly journal: { readonly commits: number };
  readonly verification: { readonly status: VerificationStatus };
  readonly books: readonly BookReport[];
  /** Books that stopped before the end, and why; absent where none did. */
  readonly halted?: readonly HaltedBook[];
}

/** What a run did to one book, and where its P&L came from. */
export interface BookReport extends BookStatistics, PositionsPnl {
  readonly explained: Omit<BookPnl, 'book' | 'numeraire'>;
}

export interface HaltedBook {
  readonly book: string;
  readonly reason: string;
}

/** The books of halted partitions. */
export function haltedBooks(
  books: readonly string[],
  halted: Readonly<Record<string, string>>,
): { readonly halted?: readonly HaltedBook[] } {
  const found = books.flatMap((book) => {
    const reason = halted[partitionOfBook(book)];
    return reason === undefined ? [] : [{ book, reason }];
  });
  return found.length === 0 ? {} : { halted: found };
}

/** The report of a journal, from its first commit to its last. */
export function buildReport(
  tape: string,
  commits: Iterable<StoredCommit>,
  status: VerificationStatus,
): RunReport {
  const statistics = createRunStatistics();
  const attribution = createRunAttribution();
  const positions = createRunPositions();
  const digest = new DecisionDigest();
  let count = 0;
  for (const { commit } of commits) {
    count += 1;
    const view = viewOf(commit);
    statistics.add(view);
    attribution.add(view);
    positions.add(view);
    for (const { event } of commit.events) digest.add(commit.book, event);
  }
  return {
    schemaVersion: 1,
    tape,
    decisionDigest: digest.finish(),
    journal: { commits: count },
    verification: { status },
    books: booksOf(statistics.report(), attribution.report(), (book) => positions.of(book)),
  };
}

/** Both are in order of the books' ids and have every book that was opened. */
function booksOf(
  statistics: readonly BookStatistics[],
  attributions: readonly BookPnl[],
  positionsOf: (book: string) => PositionsPnl,
): BookReport[] {
  return statistics.map((book, index) => {
    const { book: id, numeraire, ...explained } = required(attributions[index], `the P&L of ${book.book}`);
    assert(id === book.book && numeraire === book.numeraire, 'a book is explained as it is counted');
    return { ...book, ...positionsOf(id), explained };
  });
}

/** The report for a terminal. */
export function renderReport(report: RunReport): string {
  const lines = [
    `tape ${report.tape}   commits ${report.journal.commits}   verification ${report.verification.status}`,
    `decision digest ${report.decisionDigest}`,
    ...(report.halted ?? []).map(({ book, reason }) => `book ${book} stopped before the end: ${reason}`),
    ...report.books.flatMap((book) => ['', `book ${book.book}`, ...bookLines(book)]),
  ];
  return `${lines.join('\n')}\n`;
}

function bookLines(book: BookReport): string[] {
  const { decisions, dailyRisk, numeraire } = book;
  const ratio = book.varianceRatio === null ? 'no unhedged variance' : percentText(book.varianceRatio);
  return [
    ...moneyLines(book),
    ...unpricedLines(book),
    `  variance hedged ÷ unhedged  ${ratio}   over ${book.evaluations} evaluations`,
    `  a day’s P&L swings by       ${amountText(dailyRisk.hedged, numeraire)}, unhedged ${amountText(dailyRisk.unhedged, numeraire)} (one standard deviation)`,
    ...deltaLines(book),
    `  decisions ${decisions.total}: hedged ${decisions.hedged}, declined ${decisions.declined}   fills ${book.fills}   turnover ${moneyText(book.turnoverUsd, 'USD')}`,
    ...(decisions.total === 0 ? [] : [`    ${reasonsText(decisions)}`]),
    ...orderLines(book),
    ...positionLines(book),
    ...explainedLines(book),
  ];
}

/** Of evaluations: more with a leg that had no price, and the figures are of another book. */
const INCOMPLETE_MAX = 0.5;

/** Beside the P&L: what it lacks. */
function unpricedLines({ unpriced = [], evaluations, evaluationsIncomplete }: BookReport): string[] {
  const lacks = unpriced.length === 0 ? [] : [`${unpriced.join(', ')} had no price at the end`];
  if (evaluationsIncomplete > INCOMPLETE_MAX * evaluations)
    lacks.push(`a position had no price in ${evaluationsIncomplete} of ${evaluations} evaluations`);
  return lacks.length === 0
    ? []
    : [`  THE P&L IS NOT WHOLE: ${lacks.join('; ')}, and counts for nothing there`];
}

function reasonsText({ byReason }: Pick<CountByReason, 'byReason'>): string {
  return Object.entries(byReason)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
}

/** Orders that did not trade in full, and a book that no order hedged: nothing where all went well. */
function orderLines({ decisions, orders, fills }: BookReport): string[] {
  const { refused, rejected, unfilled, beyondSize } = orders;
  const beyond = Object.entries(beyondSize.contracts).map(([name, contracts]) => `${contracts} ${name}`);
  const kinds = Object.entries({ refused, rejected, 'not filled in full': unfilled });
  const counts = kinds.map(([kind, { total }]) => `${kind} ${total}`).join(', ');
  const failed = kinds.filter(([, { total }]) => total > 0);
  return [
    ...(failed.length === 0 ? [] : [`  orders sent ${orders.sent}, ${counts}`]),
    ...failed.map(([kind, count]) => `    ${kind}: ${reasonsText(count)}`),
    ...(beyondSize.fills === 0
      ? []
      : [`  FILLED BEYOND THE SIZE OF THE ORDER: ${beyondSize.fills} fills, ${beyond.join(', ')}`]),
    ...(decisions.total > 0 && fills === 0 ? ['  THE BOOK STAYED UNHEDGED: no hedge order was filled'] : []),
  ];
}

/** The P&L as an account: parts, what rounding left over, and their sums. */
function moneyLines({ pnl, numeraire }: BookReport): string[] {
  const unhedged = withRounding(
    pnl.unhedged,
    [
      ['options', pnl.options],
      ['settlement', pnl.settlement],
    ],
    numeraire,
  );
  const hedged = withRounding(
    pnl.hedged,
    [
      ['P&L unhedged', pnl.unhedged],
      ['hedge', pnl.hedge],
      ['fees', pnl.fees],
      ['funding', pnl.funding],
    ],
    numeraire,
  );
  const account: readonly NamedAmount[] = [...unhedged, ...hedged, ['P&L hedged', pnl.hedged]];
  const isSum = (name: string): boolean => name.startsWith('P&L');
  return tableLines([
    {
      head: '',
      cells: account.map(([name]) => (isSum(name) ? `  ${name}` : `    ${name}`)),
      left: true,
    },
    { head: numeraire, cells: account.map(([, amount]) => moneyCell(amount, numeraire)) },
  ]).slice(1);
}

const LARGEST: Readonly<Record<LargestDelta, string>> = {
  market: '',
  expiry: ', as contracts expired while their hedge still stood',
  'unpriced-legs': ', while a leg without a price counted for nothing',
};

function deltaLines({ absDelta, absDeltaUnit }: BookReport): string[] {
  const told = (name: string, { max, maxAt, maxBecause, timeWeighted }: AbsoluteDelta): string => {
    const when = maxAt === '' ? '' : ` (${maxAt}${LARGEST[maxBecause]})`;
    return `  |delta| ${name}  mean ${quantityText(timeWeighted, absDeltaUnit)}   max ${quantityText(max, absDeltaUnit)}${when}`;
  };
  return [told('before', absDelta.before), told('after ', absDelta.after)];
}

function positionLines({ positions, pnl, numeraire }: BookReport): string[] {
  if (positions.length === 0) return [];
  return positionsTable(positions, pnl.hedged, numeraire).map((line) => `  ${line}`);
}

function explainedLines({ explained, numeraire }: BookReport): string[] {
  if (explained.byUnderlying.length === 0) return [];
  return [
    `  P&L explained, residual ${explained.residualPercentOfGross.toFixed(2)} % of gross`,
    ...explainedTable(explained, numeraire).map((line) => `    ${line}`),
  ];
}
