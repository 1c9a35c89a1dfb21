import { venueError } from '../venue-error';
import { rowsOfTable } from '../../tape/table-rows';
import { RowProblem } from './account-row';
import type { AccountRow } from './account-row';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The rows of an export: the answer of a venue's API, with what is wrapped around it or without, or a table. Throws `RowProblem` for
 * an answer that is an error, and for one that is only a page. A table's own faults are thrown as `InvalidInputError`.
 */
export function accountRows(file: string, text: string): readonly AccountRow[] {
  if (!/^\s*[[{]/.test(text))
    return rowsOfTable(file, text).map(({ line, fields }) => ({ place: `${file}:${line}`, fields }));
  return ofAnswer(file, parsed(text), '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RowProblem(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ofAnswer(file: string, value: unknown, path: string, of?: string): readonly AccountRow[] {
  if (Array.isArray(value)) {
    return value.map((fields: unknown, index) => {
      const place = `${file}: ${path}[${index}]`;
      if (!isFields(fields)) throw new RowProblem(`${path}[${index}] is no object`);
      return { place, fields, ...(of === undefined ? {} : { of }) };
    });
  }
  if (!isFields(value)) throw new RowProblem('is no list of positions');
  const failed = venueError(value);
  if (failed !== undefined) throw new RowProblem(failed);
  for (const name of ['result', 'data', 'list', 'positions'])
    if (value[name] !== undefined) {
      const category = value['category'];
      refusePage(value);
      const below = path === '' ? name : `${path}.${name}`;
      return ofAnswer(file, value[name], below, typeof category === 'string' ? category : of);
    }
  throw new RowProblem('has no list under result, data, list or positions');
}

/** Full pages of Bybit's: what comes behind them is not in the file. */
const PAGE = 200;

function refusePage(value: Fields): void {
  const { nextPageCursor: cursor, list } = value as { nextPageCursor?: unknown; list?: unknown };
  if (typeof cursor === 'string' && cursor !== '' && Array.isArray(list) && list.length >= PAGE)
    throw new RowProblem(`is one page of ${list.length}: ask for the next, and import the pages together`);
}
