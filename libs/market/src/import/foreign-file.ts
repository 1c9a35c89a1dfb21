import { amiss, detectColumns, detectTable } from './detection';
import type { Detected } from './detection';
import { Lines, splitRow, withoutMark } from './dialect';
import { AFTER_TO, BEFORE_FROM } from './drops';
import type { Drops } from './drops';
import type { Findings } from './findings';
import type { ForeignFormat, RowReader } from './foreign-format';
import type { ImportOptions } from './import-options';
import { jsonRows } from './json-documents';
import { timeText } from './output-table';
import type { ReadFile } from './report';
import { Row } from './row';
import type { Micros } from './row';
import { parsed } from './parsed';
import { idOfSymbol } from './symbols';

/** So many rows of a format that is in no order are held to be sorted. */
const HELD_MAX = 2_000_000;

/** A line of a spreadsheet program before the header. */
const STATED_DELIMITER = /^"?sep=.+$/;

/** OptionsDX puts the names of columns in brackets. */
const JSON_BEGINNING = /^\s*(?:\{|\[\s*(?:[[{"\d\]-]|$))/;
/** So much JSON is held to be read at once. */
const JSON_CHARACTERS_MAX = 256 * 1024 * 1024;

interface Held {
  readonly at: Micros;
  readonly line: number;
  readonly cells: readonly string[];
}

/** In which order files are to be read. */
export interface Beginning {
  /** It does not say what the underlying cost. */
  readonly needsUnderlying: boolean;
  readonly first: Micros | undefined;
}

/** Reads one file of somebody else's, piece by piece, into what the tape is made of. */
export class ForeignFile {
  private line = 0;
  private rows = 0;
  private first: Micros | undefined;
  private last: Micros | undefined;
  private detected: Detected | undefined;
  private row: Row | undefined;
  private reader: RowReader | undefined;
  private json: string[] | undefined;
  private jsonLength = 0;
  private readonly held: Held[] = [];
  private readonly lines = new Lines(
    (line) => this.takeLine(line),
    (message) => {
      throw amiss(this.name, message, this.line + 1);
    },
  );

  constructor(
    private readonly name: string,
    private readonly formats: readonly ForeignFormat[],
    private readonly options: ImportOptions,
    private readonly findings: Findings,
    private readonly drops: Drops,
  ) {}

  /** A piece of text; lines may be cut anywhere. */
  text(text: string): void {
    this.lines.push(text);
  }

  /** The columns of a file that is a table by itself (Parquet, Arrow). */
  columns(names: readonly string[]): void {
    this.line = 1;
    this.begin(detectColumns(this.name, names, ',', this.formats, this.options.format));
  }

  cells(cells: readonly string[]): void {
    this.line += 1;
    this.takeRow(cells);
  }

  private takeLine(line: string): void {
    this.line += 1;
    if (this.json !== undefined) {
      this.jsonLength += line.length;
      if (this.jsonLength > JSON_CHARACTERS_MAX)
        throw amiss(this.name, `has more than ${JSON_CHARACTERS_MAX} characters of JSON: part it`, this.line);
      this.json.push(line);
      return;
    }
    if (this.detected === undefined) {
      const text = withoutMark(line);
      if (text.trim() === '' || STATED_DELIMITER.test(text)) return;
      if (JSON_BEGINNING.test(text)) {
        this.json = [text];
        return;
      }
      const detected = detectTable(this.name, text, this.formats, this.options.format);
      this.begin(detected);
      if (detected.hasHeader) return;
      this.takeLineOf(detected, text);
      return;
    }
    if (line !== '') this.takeLineOf(this.detected, line);
  }

  private takeLineOf({ delimiter, columns }: Detected, line: string): void {
    const cells = splitRow(line, delimiter);
    if (cells === undefined) throw amiss(this.name, 'a quotation mark is not closed on this line', this.line);
    if (cells.length !== columns.length)
      throw amiss(this.name, `has ${cells.length} columns, the header has ${columns.length}`, this.line);
    this.takeRow(cells);
  }

  private begin(detected: Detected): void {
    this.detected = detected;
    const row = new Row(this.name, detected.columns, this.options.decimalComma);
    row.line = 1;
    this.row = row;
    this.reader = detected.format.bind({
      options: this.options,
      findings: this.findings,
      row,
      instrument: () => this.instrument(detected.format),
      idOf: (place, symbol) => this.idOf(place, symbol),
    });
  }

  private instrument({ name, fileName, instrumentsOf }: ForeignFormat): string {
    const symbol = instrumentsOf === undefined ? undefined : fileName?.exec(this.name)?.groups?.['symbol'];
    const byName = symbol === undefined ? undefined : instrumentsOf?.(symbol);
    const asked = this.options.instrument;
    if (byName !== undefined && asked !== undefined && !byName.includes(asked)) {
      if (parsed(asked) === undefined) throw amiss(this.name, unreadable(asked));
      throw amiss(this.name, `is of ${byName.join(' or ')} by its name, and --instrument says ${asked}`);
    }
    const id = asked ?? (byName?.length === 1 ? byName[0] : undefined);
    if (id === undefined)
      throw amiss(
        this.name,
        byName === undefined
          ? `${name} names no instrument: say which with --instrument, such as BTCUSDT-PERP@binance`
          : `is of ${byName.join(' or ')} by its name: say which with --instrument`,
      );
    if (parsed(id) === undefined) throw amiss(this.name, unreadable(id));
    return id;
  }

  private readonly ids = new Map<string, string>();

  private idOf(venue: string, symbol: string): string {
    const known = this.ids.get(symbol);
    if (known !== undefined) return known;
    const id = `${symbol}@${venue}`;
    if (parsed(id) === undefined) this.row?.refuse(`"${symbol}" is not an instrument we know on ${venue}`);
    const asked = this.options.instrument;
    // Chains go with bars of what they are on: an instrument that is no option says nothing of them.
    const isOfItsKind = asked !== undefined && isOption(asked) === isOption(id);
    if (isOfItsKind && asked !== id)
      this.row?.refuse(`is of ${id}, and --instrument says ${asked}: symbols are mixed`);
    this.ids.set(symbol, id);
    return id;
  }

  private takeRow(cells: readonly string[]): void {
    const { row, reader, detected } = this;
    if (row === undefined || reader === undefined || detected === undefined) return;
    row.cells = cells;
    row.line = this.line;
    this.rows += 1;
    const at = reader.time(row);
    if (detected.format.ordered === false) {
      if (this.held.length >= HELD_MAX)
        row.refuse(`has more than ${HELD_MAX} rows, which are held to be sorted`);
      this.held.push({ at, line: this.line, cells });
      return;
    }
    if (this.last !== undefined && at < this.last)
      row.refuse(`${timeText(at)} is before the row above, ${timeText(this.last)}: rows go on in time`);
    this.read(at, row, reader);
  }

  private read(at: Micros, row: Row, reader: RowReader): void {
    this.first ??= at;
    this.last = at;
    this.findings.current = row;
    const { from, to } = this.options;
    const why =
      from !== undefined && at < from
        ? BEFORE_FROM
        : to !== undefined && at > to
          ? AFTER_TO
          : reader.read(row, at);
    if (why !== undefined) this.drops.add(this.name, row.line, why);
  }

  private takeJson(lines: readonly string[]): void {
    for (const { format, rows, line } of jsonRows(this.name, lines, this.formats, this.options.format)) {
      const columns = format.columns.map(({ name }) => name);
      if (this.detected === undefined) this.begin({ format, columns, delimiter: ',', hasHeader: true });
      else if (this.detected.format !== format)
        throw amiss(this.name, `is ${format.name}, the document before ${this.detected.format.name}`, line);
      for (const fields of rows) {
        this.line = line;
        this.takeRow(columns.map((column) => cellOf(fields[column])));
      }
    }
  }

  get beginning(): Beginning {
    const held = this.held.reduce<Micros | undefined>(
      (least, { at }) => Math.min(at, least ?? at),
      undefined,
    );
    return { needsUnderlying: this.detected?.format.needsUnderlying === true, first: this.first ?? held };
  }

  /** Ends the file; what was read of it. Throws `InvalidInputError` where it held nothing. */
  finish(): ReadFile {
    this.lines.finish();
    if (this.json !== undefined) this.takeJson(this.json);
    const { row, reader, detected } = this;
    if (row === undefined || reader === undefined || detected === undefined)
      throw amiss(this.name, 'is empty');
    this.held.sort((a, b) => a.at - b.at || a.line - b.line);
    for (const { at, line, cells } of this.held) {
      row.cells = cells;
      row.line = line;
      this.read(at, row, reader);
    }
    this.held.length = 0;
    if (this.first === undefined || this.last === undefined) throw amiss(this.name, 'has no rows');
    const dropped = this.drops.of(this.name);
    return {
      file: this.name,
      format: detected.format.name,
      rows: this.rows,
      read: this.rows - dropped.reduce((sum, { rows }) => sum + rows, 0),
      dropped,
      from: timeText(this.first),
      to: timeText(this.last),
    };
  }
}

/** An id that no grammar reads, and the one that is meant where a venue calls it so. */
function unreadable(id: string): string {
  const meant = idOfSymbol(id);
  return `"${id}" is no instrument that can be read${meant === undefined ? '' : `: did you mean ${meant}?`}`;
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string'
    ? value
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

const isOption = (id: string): boolean => parsed(id)?.kind === 'option';
