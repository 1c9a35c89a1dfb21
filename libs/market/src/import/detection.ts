import { InvalidInputError, unknownName } from '@evenkeel/kernel';
import { delimiterOf } from '../tape/table-dialect';
import { columnName, splitRow } from './dialect';
import type { ForeignFormat } from './foreign-format';

/** A file as its first line shows it. */
export interface Detected {
  readonly format: ForeignFormat;
  readonly delimiter: string;
  readonly columns: readonly string[];
  /** Whether the first line names the columns. */
  readonly hasHeader: boolean;
}

/** The format of a table by its header alone, or the one that was asked for. Throws `InvalidInputError`: nothing is guessed. */
export function detectTable(
  file: string,
  firstLine: string,
  formats: readonly ForeignFormat[],
  asked?: string,
): Detected {
  const delimiter = delimiterOf(
    firstLine,
    formats.flatMap(({ header }) => header),
  );
  const cells = splitRow(firstLine, delimiter);
  if (cells === undefined) throw amiss(file, 'a quotation mark is not closed on this line');
  return detectColumns(file, cells, delimiter, formats, asked);
}

export function detectColumns(
  file: string,
  cells: readonly string[],
  delimiter: string,
  formats: readonly ForeignFormat[],
  asked?: string,
): Detected {
  const columns = cells.map(columnName);
  const repeated = columns.find((column, place) => columns.indexOf(column) !== place);
  if (asked !== undefined) return askedFormat(file, cells, columns, delimiter, formats, asked);
  const byHeader = formats.filter((format) => isHeaderOf(format, columns));
  if (byHeader.length > 0 && repeated !== undefined) throw amiss(file, `names column "${repeated}" twice`);
  const [only] = byHeader.length > 1 ? byName(file, byHeader) : byHeader;
  if (only !== undefined) return { format: only, delimiter, columns, hasHeader: true };
  if (byHeader.length > 1) throw amiss(file, ambiguous(byHeader));
  const byShape = formats.filter((format) => format.headerless?.(cells.map((cell) => cell.trim())) === true);
  const [shaped, other] = byShape;
  if (shaped !== undefined && other === undefined)
    return { format: shaped, delimiter, columns: shaped.header, hasHeader: false };
  throw amiss(file, byShape.length > 1 ? ambiguous(byShape) : nearestProblem(columns, formats));
}

/** Files of the same columns, told apart by how their publisher names them. */
function byName(file: string, formats: readonly ForeignFormat[]): readonly ForeignFormat[] {
  const named = formats.filter(({ fileName }) => fileName?.test(file) === true);
  return named.length === 1 ? named : [];
}

const ambiguous = (formats: readonly ForeignFormat[]): string =>
  `could be ${formats.map(({ name }) => name).join(' or ')}: say which with --format`;

function askedFormat(
  file: string,
  cells: readonly string[],
  columns: readonly string[],
  delimiter: string,
  formats: readonly ForeignFormat[],
  asked: string,
): Detected {
  const names = formats.map(({ name }) => name);
  const format = formats.find(({ name }) => name === asked);
  if (format === undefined)
    throw new InvalidInputError('the command', [
      { path: '--format', message: unknownName('format', asked, 'is read', names) },
    ]);
  if (format.headerless?.(cells.map((cell) => cell.trim())) === true)
    return { format, delimiter, columns: format.header, hasHeader: false };
  const missing = format.columns.filter(({ name }) => !columns.includes(name));
  if (missing.length > 0)
    throw amiss(
      file,
      `is no ${asked}: ${missing.map(({ name }) => `column "${name}" is missing`).join(', ')}`,
    );
  return { format, delimiter, columns, hasHeader: true };
}

/** Exactly the published columns, in any order. */
function isHeaderOf(format: ForeignFormat, columns: readonly string[]): boolean {
  const optional = format.optional ?? [];
  return (
    format.header.every((column) => columns.includes(column) || optional.includes(column)) &&
    columns.every((column) => format.header.includes(column) || optional.includes(column))
  );
}

/** Which format a header is nearest to, and what sets it apart. */
function nearestProblem(columns: readonly string[], formats: readonly ForeignFormat[]): string {
  let nearest: { format: ForeignFormat; shared: number } | undefined;
  for (const format of formats) {
    const both = format.header.filter((column) => columns.includes(column)).length;
    const shared = both / (format.header.length + columns.length - both);
    if (nearest === undefined || shared > nearest.shared) nearest = { format, shared };
  }
  const known = `formats: ${formats.map(({ name }) => name).join(', ')}`;
  if (nearest === undefined || nearest.shared < 0.5)
    return `is the header of no format that is read; ${known}`;
  const { format } = nearest;
  const optional = format.optional ?? [];
  const missing = format.header.filter((column) => !columns.includes(column) && !optional.includes(column));
  const further = columns.filter((column) => !format.header.includes(column) && !optional.includes(column));
  const parts = [
    ...(missing.length > 0 ? [`lacks ${list(missing)}`] : []),
    ...(further.length > 0 ? [`has ${list(further)} beside it`] : []),
  ];
  return `is nearly ${format.name}, but ${parts.join(' and ')}; --format ${format.name} reads it where the needed columns are there`;
}

const LISTED_MAX = 6;

function list(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_MAX).map((name) => `"${name}"`);
  return names.length > LISTED_MAX
    ? `${shown.join(', ')} and ${names.length - LISTED_MAX} more`
    : shown.join(', ');
}

export function amiss(file: string, message: string, line = 1): InvalidInputError {
  return new InvalidInputError(file, [{ path: `${file}:${line}`, message }]);
}
