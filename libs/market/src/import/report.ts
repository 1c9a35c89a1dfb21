import type { DroppedRows } from './drops';
import type { PicturePoint, WrittenTable } from './output-table';

export interface ReadFile {
  readonly file: string;
  readonly format: string;
  /** Rows of data in the file, taken in, and left out by reason. */
  readonly rows: number;
  readonly read: number;
  readonly dropped: readonly DroppedRows[];
  readonly from: string;
  readonly to: string;
}

/** What an import ends with: what was read, what was dropped and why, what the tape has and lacks. */
export interface ImportReport {
  readonly tape: string;
  readonly from: string;
  readonly to: string;
  readonly files: readonly ReadFile[];
  readonly written: readonly WrittenTable[];
  readonly remarks: readonly string[];
}

/** A line of the picture. */
export interface PictureLine {
  readonly of: string;
  readonly format: string;
  readonly points: readonly PicturePoint[];
}

const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
const plural = (count: number, one: string): string => `${grouped(count)} ${one}${count === 1 ? '' : 's'}`;

/** The report for a person, in lines. */
export function reportText(report: ImportReport): string {
  const lines = [`tape ${report.tape}, ${report.from} to ${report.to}`, '', 'read'];
  for (const { file, format, rows, read, dropped } of report.files) {
    lines.push(`  ${file}: ${format}, ${grouped(read)} of ${plural(rows, 'row')}`);
    for (const { reason, rows: count, firstLine } of dropped)
      lines.push(`    dropped ${grouped(count)}, first in line ${firstLine}: ${reason}`);
  }
  lines.push('', 'written');
  for (const { file, format, rows, from, to, gaps } of report.written) {
    const without =
      gaps.count === 0 ? 'no gaps' : `${plural(gaps.count, 'gap')}, ${plural(gaps.missing, 'row')} missing`;
    lines.push(`  ${file}: ${format}, ${plural(rows, 'row')}, ${from} to ${to}, ${without}`);
    for (const gap of gaps.longest.slice(0, 3))
      lines.push(`    gap ${gap.from} to ${gap.to}: ${plural(gap.missing, 'row')}`);
    if (gaps.longest.length > 3) lines.push('    more in report.json');
  }
  if (report.remarks.length > 0) lines.push('', 'to know', ...report.remarks.map((remark) => `  ${remark}`));
  return `${lines.join('\n')}\n`;
}
