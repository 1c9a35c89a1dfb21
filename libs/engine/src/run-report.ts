import type { BookStatistics } from '@evenkeel/accounting';
import { createRunStatistics } from '@evenkeel/accounting';
import { DecisionDigest } from '@evenkeel/contracts';
import { partitionOfBook, viewOf } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';

export type VerificationStatus = 'clean' | 'divergent' | 'unreadable';

/** What a run says at its end. Documented in docs/report.md; the version changes when a reader could be misled. */
export interface RunReport {
  readonly schemaVersion: 1;
  readonly tape: string;
  readonly decisionDigest: string;
  readonly journal: { readonly commits: number };
  readonly verification: { readonly status: VerificationStatus };
  readonly books: readonly BookStatistics[];
  /** Books that stopped before the end, and why; absent where none did. */
  readonly halted?: readonly HaltedBook[];
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
  const digest = new DecisionDigest();
  let count = 0;
  for (const { commit } of commits) {
    count += 1;
    statistics.add(viewOf(commit));
    for (const { event } of commit.events) digest.add(commit.book, event);
  }
  return {
    schemaVersion: 1,
    tape,
    decisionDigest: digest.finish(),
    journal: { commits: count },
    verification: { status },
    books: statistics.report(),
  };
}

const money = (text: string, numeraire: string): string => {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${text.startsWith('-') ? '−' : ''}${grouped}.${fraction.padEnd(2, '0').slice(0, 2)} ${numeraire}`;
};

/** The report for a terminal. */
export function renderReport(report: RunReport): string {
  const lines: string[] = [
    `tape ${report.tape}   commits ${report.journal.commits}   verification ${report.verification.status}`,
    `decision digest ${report.decisionDigest}`,
    ...(report.halted ?? []).map(({ book, reason }) => `book ${book} stopped before the end: ${reason}`),
  ];
  for (const book of report.books) {
    const { pnl, decisions, absDelta } = book;
    const show = (text: string): string => money(text, book.numeraire).padStart(22);
    const delta = (value: number): string => `${value.toFixed(4)} ${book.absDeltaUnit}`;
    lines.push(
      '',
      `book ${book.book}`,
      `  P&L unhedged ${show(pnl.unhedged)}   = options ${money(pnl.options, book.numeraire)} + settlement ${money(pnl.settlement, book.numeraire)}`,
      `  P&L hedged   ${show(pnl.hedged)}   + hedge ${money(pnl.hedge, book.numeraire)} + fees ${money(pnl.fees, book.numeraire)} + funding ${money(pnl.funding, book.numeraire)}`,
      `  variance hedged ÷ unhedged  ${book.varianceRatio === null ? 'no unhedged variance' : book.varianceRatio.toFixed(4)}   over ${book.evaluations} evaluations`,
      `  |delta| before  max ${delta(absDelta.before.max)}   time-weighted ${delta(absDelta.before.timeWeighted)}`,
      `  |delta| after   max ${delta(absDelta.after.max)}   time-weighted ${delta(absDelta.after.timeWeighted)}`,
      `  decisions ${decisions.total}: hedged ${decisions.hedged}, declined ${decisions.declined}   fills ${book.fills}   turnover ${money(book.turnoverUsd, 'USD')}`,
      ...Object.entries(decisions.byReason).map(([reason, count]) => `    ${reason} ${count}`),
    );
  }
  return `${lines.join('\n')}\n`;
}
