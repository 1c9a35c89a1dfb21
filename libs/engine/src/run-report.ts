import type { BookPnl, BookStatistics } from '@evenkeel/accounting';
import { createRunAttribution, createRunStatistics, explainedLine } from '@evenkeel/accounting';
import { DecisionDigest } from '@evenkeel/contracts';
import { partitionOfBook, viewOf } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import { moneyText, sumText } from '@evenkeel/figures';
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
export interface BookReport extends BookStatistics {
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
  const digest = new DecisionDigest();
  let count = 0;
  for (const { commit } of commits) {
    count += 1;
    const view = viewOf(commit);
    statistics.add(view);
    attribution.add(view);
    for (const { event } of commit.events) digest.add(commit.book, event);
  }
  return {
    schemaVersion: 1,
    tape,
    decisionDigest: digest.finish(),
    journal: { commits: count },
    verification: { status },
    books: booksOf(statistics.report(), attribution.report()),
  };
}

/** Both are in order of the books' ids and have every book that was opened. */
function booksOf(statistics: readonly BookStatistics[], attributions: readonly BookPnl[]): BookReport[] {
  return statistics.map((book, index) => {
    const { book: id, numeraire, ...explained } = required(attributions[index], `the P&L of ${book.book}`);
    assert(id === book.book && numeraire === book.numeraire, 'a book is explained as it is counted');
    return { ...book, explained };
  });
}

/** The report for a terminal. */
export function renderReport(report: RunReport): string {
  const lines: string[] = [
    `tape ${report.tape}   commits ${report.journal.commits}   verification ${report.verification.status}`,
    `decision digest ${report.decisionDigest}`,
    ...(report.halted ?? []).map(({ book, reason }) => `book ${book} stopped before the end: ${reason}`),
  ];
  for (const book of report.books) {
    const { pnl, decisions, absDelta, numeraire } = book;
    const show = (text: string): string => moneyText(text, numeraire).padStart(22);
    const delta = (value: number): string => `${value.toFixed(4)} ${book.absDeltaUnit}`;
    lines.push(
      '',
      `book ${book.book}`,
      `  P&L unhedged ${show(pnl.unhedged)}   = ${sumText(
        pnl.unhedged,
        [
          ['options', pnl.options],
          ['settlement', pnl.settlement],
        ],
        numeraire,
      )}`,
      `  P&L hedged   ${show(pnl.hedged)}   = ${sumText(
        pnl.hedged,
        [
          ['unhedged', pnl.unhedged],
          ['hedge', pnl.hedge],
          ['fees', pnl.fees],
          ['funding', pnl.funding],
        ],
        numeraire,
      )}`,
      `  variance hedged ÷ unhedged  ${book.varianceRatio === null ? 'no unhedged variance' : book.varianceRatio.toFixed(4)}   over ${book.evaluations} evaluations`,
      `  |delta| before  max ${delta(absDelta.before.max)}   time-weighted ${delta(absDelta.before.timeWeighted)}`,
      `  |delta| after   max ${delta(absDelta.after.max)}   time-weighted ${delta(absDelta.after.timeWeighted)}`,
      `  decisions ${decisions.total}: hedged ${decisions.hedged}, declined ${decisions.declined}   fills ${book.fills}   turnover ${moneyText(book.turnoverUsd, 'USD')}`,
      ...Object.entries(decisions.byReason).map(([reason, count]) => `    ${reason} ${count}`),
      ...explainedLines(book),
    );
  }
  return `${lines.join('\n')}\n`;
}

function explainedLines({ explained, numeraire }: BookReport): string[] {
  if (explained.byUnderlying.length === 0) return [];
  return [
    `  P&L explained, residual ${explained.residualPercentOfGross.toFixed(2)} % of gross`,
    ...explained.byUnderlying.map((part) => `    ${explainedLine(part.underlying, part, numeraire)}`),
  ];
}
