import type { BookImport } from './book-import';

/** What was read and what was left out, for a person. */
export function bookReportText({ book, accounts, remarks }: BookImport): string {
  const lines = [`book ${book.book}: ${book.positions.length} positions`];
  for (const { file, format, rows, read, dropped } of accounts) {
    lines.push(`  ${file}: ${format}, ${read} of ${rows} rows`);
    for (const { place, instrument, reason } of dropped)
      lines.push(`    left out ${instrument} (${place}): ${reason}`);
  }
  for (const { instrument, quantity, price } of book.positions)
    lines.push(`  ${quantity.padStart(14)}  ${instrument} at ${price}`);
  return [...lines, ...remarks.map((remark) => `  ${remark}`), ''].join('\n');
}
