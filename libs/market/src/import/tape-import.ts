import { InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { parseTapeManifest } from '../files/tape-manifest';
import type { TapeManifest } from '../files/tape-manifest';
import { Drops, OUTSIDE } from './drops';
import { Findings } from './findings';
import { ForeignFile } from './foreign-file';
import type { Beginning } from './foreign-file';
import type { ForeignFormat } from './foreign-format';
import type { ImportOptions, SaidOfFile } from './import-options';
import { FORMATS } from './formats/all-formats';
import { CROSSED, WIDE } from './formats/tardis';
import { timeText } from './output-table';
import type { OutputTable, TapeOutput } from './output-table';
import type { Micros } from './row';
import type { ImportReport, PictureLine, ReadFile } from './report';

export interface ImportResult {
  readonly manifest: TapeManifest;
  readonly report: ImportReport;
  readonly picture: readonly PictureLine[];
  /** Files that were written and are no part of the tape. */
  readonly needless: readonly string[];
  /** `chain.csv.gz:7` of the tape as the row of somebody else's file that it came of. */
  originOf(path: string): string;
}

/** Files that say what underlyings cost before those that need it, each kind in the order of time. */
export function readingOrder(a: Beginning, b: Beginning): number {
  return Number(a.needsUnderlying) - Number(b.needsUnderlying) || (a.first ?? 0) - (b.first ?? 0);
}

/** A feed whose bid is above its ask, or far from it, more often than this has its columns wrong. */
const UNSOUND_SHARE_MAX = 0.1;

const unsound = (reason: string, count: number, rows: number): string =>
  `${reason} in ${count} of ${rows} rows: are ${reason === CROSSED ? 'the two swapped' : 'these the right columns'}?`;

/** Makes a tape of files of others: one `ForeignFile` after the other, then `finish`. Holds little however long they are. */
export class TapeImport {
  private readonly drops = new Drops();
  private readonly findings: Findings;
  private readonly files: ReadFile[] = [];

  constructor(
    private readonly options: ImportOptions,
    output: TapeOutput,
    private readonly formats: readonly ForeignFormat[] = FORMATS,
  ) {
    this.findings = new Findings(options, output, this.drops);
  }

  /** Begins a file; its name serves messages, and to tell formats apart by how their publisher names them. */
  begin(name: string, said: SaidOfFile = {}): ForeignFile {
    return this.file(name, said, this.findings, this.drops);
  }

  private file(name: string, said: SaidOfFile, findings: Findings, drops: Drops): ForeignFile {
    const options = { ...this.options, ...said };
    return new ForeignFile(name, this.formats, options, findings, drops);
  }

  /** What the beginning of a file shows: in which order files are to be read. */
  peek(name: string, head: string, said: SaidOfFile = {}): Beginning {
    const file = this.apart(name, said);
    file.text(head);
    return file.beginning;
  }

  /** The same of a file that is a table by itself, by its first row. */
  peekCells(
    name: string,
    columns: readonly string[],
    cells: readonly string[],
    said: SaidOfFile = {},
  ): Beginning {
    const file = this.apart(name, said);
    file.columns(columns);
    file.cells(cells);
    return file.beginning;
  }

  /** A file that leaves nothing on the tape. */
  private apart(name: string, said: SaidOfFile): ForeignFile {
    const drops = new Drops();
    return this.file(name, said, new Findings(this.options, { line: () => undefined }, drops), drops);
  }

  end(file: ForeignFile): void {
    this.files.push(file.finish());
  }

  /** Throws `InvalidInputError` where nothing came of the files. */
  finish(): ImportResult {
    const { kept, needless } = this.findings.finish();
    const files = this.files.map((file) => this.withDrops(file));
    this.requireSense(files, kept);
    const { from, to } = spanOf(kept);
    const tape = this.options.tape;
    const manifest = parseTapeManifest(
      {
        tape,
        from: timeText(from),
        to: timeText(to),
        sources: kept.flatMap(({ source }) => (source.format === 'volatility-index' ? [] : [source])),
      },
      'the manifest of the import',
    );
    return {
      manifest,
      needless: needless.map(({ source }) => source.file),
      originOf: (path) => originOf(path, kept),
      picture: kept
        .filter(({ picture }) => picture.length > 0)
        .map((table) => ({
          of: table.of,
          format: table.source.format,
          points: table.picture,
        })),
      report: {
        tape,
        from: manifest.from,
        to: manifest.to,
        files,
        written: kept.map((table) => table.written()),
        remarks: [...this.findings.remarks],
      },
    };
  }

  /** Chains are judged when a snapshot ends, which may be after their file. */
  private withDrops(file: ReadFile): ReadFile {
    const dropped = this.drops.of(file.file);
    return { ...file, dropped, read: file.rows - dropped.reduce((sum, { rows }) => sum + rows, 0) };
  }

  private requireSense(files: readonly ReadFile[], kept: readonly OutputTable[]): void {
    const problems: InputProblem[] = [];
    for (const { file, rows, dropped } of files) {
      for (const { reason, rows: count, firstLine } of dropped)
        if (count > rows * UNSOUND_SHARE_MAX && (reason === CROSSED || reason === WIDE))
          problems.push({ path: `${file}:${firstLine}`, message: unsound(reason, count, rows) });
    }
    if (this.findings.chains.lacksIndex)
      problems.push({
        path: '--index',
        message:
          'the chain does not say what the underlying cost: import derivative_ticker or bars of it as well and name them ' +
          '(--index BTCUSDT-PERP@binance), or let the forward stand for it (--index forward)',
      });
    for (const { source } of kept)
      if (
        source.format === 'ohlcv' &&
        source.volumes !== false &&
        this.findings.neverTraded(source.instrument)
      )
        problems.push({
          path: source.file,
          message: `no bar of ${source.instrument} has volume: where volumes mean nothing (mark prices), say --no-volumes`,
        });
    const isChain = ({ format }: ReadFile): boolean =>
      this.formats.find(({ name }) => name === format)?.needsUnderlying === true;
    const isInTime = ({ dropped }: ReadFile): boolean => !dropped.every(({ reason }) => OUTSIDE.has(reason));
    if (problems.length === 0)
      problems.push(
        ...files
          .filter((file) => kept.length === 0 || (isChain(file) && file.read === 0 && isInTime(file)))
          .map((file) => this.nothingOf(file)),
      );
    if (problems.length > 0) throw new InvalidInputError(`tape ${this.options.tape}`, problems);
  }

  private nothingOf({ file, dropped }: ReadFile): InputProblem {
    const reasons = [...dropped.map(({ reason }) => reason), ...this.findings.remarks];
    const why = reasons.join('; ') || 'no whole bar, hour or snapshot';
    return { path: file, message: `nothing of it can be on a tape: ${why}` };
  }
}

function originOf(path: string, tables: readonly OutputTable[]): string {
  const [, file, line = ''] = /^(.*):(\d+)$/.exec(path) ?? [];
  const origin = tables.find(({ source }) => source.file === file)?.originOf(Number(line));
  return origin === undefined ? path : `${origin.file}:${origin.line}, of which came ${path}`;
}

/** Reads what an import wrote as a run would; where that is amiss, it is said of the files that were imported. */
export function judgedImport(
  result: ImportResult,
  read: () => { readonly remarks: readonly string[] },
): ImportResult {
  try {
    const { remarks } = read();
    return { ...result, report: { ...result.report, remarks: [...result.report.remarks, ...remarks] } };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const problems = error.problems.map(({ path, message }) => ({ path: result.originOf(path), message }));
    throw new InvalidInputError(`tape ${result.report.tape}`, problems);
  }
}

const SECOND: Micros = 1_000_000;

/** From the first row to when the last was known; a tape of one moment is a second long. */
function spanOf(tables: readonly OutputTable[]): { readonly from: Micros; readonly to: Micros } {
  const priced = tables.filter(
    ({ source }) => source.format !== 'delivery' && source.format !== 'volatility-index',
  );
  const counted = priced.length > 0 ? priced : tables;
  const from = Math.min(...counted.map(({ span }) => span?.first ?? Infinity));
  return { from, to: Math.max(from + SECOND, ...counted.map(({ known }) => known)) };
}
