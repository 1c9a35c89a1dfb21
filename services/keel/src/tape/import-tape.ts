import { foreignParts, loadTape, packingOf } from '@evenkeel/config';
import { judgedImport, readingOrder, reportText, TapeImport } from '@evenkeel/market';
import type { ImportOptions, ImportResult } from '@evenkeel/market';
import { TapeFolder } from './tape-folder';
import { columnarRows } from './columnar-files';
import { picturePage } from './picture-page';

/** So much of a file shows what it is. */
const HEAD_CHARACTERS = 64 * 1024;

/** A file, and what it is of where its command says it: `BTCUSDT@binance=spot.csv`. */
export interface NamedFile {
  readonly path: string;
  readonly instrument?: string;
}

interface Beginning {
  readonly needsUnderlying: boolean;
  readonly first: number | undefined;
}

/**
 * Reads files of others into a new folder with a tape, and a report of what was read and dropped. What it wrote is read as a run would
 * read it before it is called a tape; where anything is amiss nothing stays behind.
 */
export async function importTape(
  files: readonly NamedFile[],
  out: string,
  options: ImportOptions,
  onProgress: (path: string, index: number) => void,
): Promise<ImportResult> {
  const folder = new TapeFolder(out);
  const giveUp = (): never => {
    folder.giveUp();
    process.exit(130);
  };
  for (const signal of SIGNALS) process.once(signal, giveUp);
  try {
    const tape = new TapeImport(options, folder);
    const sources = await inOrder(files, tape);
    for (const [index, file] of sources.entries()) {
      onProgress(file.path, index);
      await readFile(file, tape);
    }
    const written = tape.finish();
    folder.close(written.needless);
    folder.text('tape.json', `${JSON.stringify(written.manifest, null, 2)}\n`);
    const result = judgedImport(written, () => loadTape(folder.path('tape.json')));
    folder.text('report.json', `${JSON.stringify(result.report, null, 2)}\n`);
    folder.text('report.txt', reportText(result.report));
    folder.text('report.html', picturePage(result));
    folder.finish();
    return result;
  } catch (error) {
    folder.giveUp();
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, giveUp);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function inOrder(
  files: readonly NamedFile[],
  tape: TapeImport,
): Promise<readonly (NamedFile & Beginning)[]> {
  const sources: (NamedFile & Beginning)[] = [];
  for (const file of files) sources.push({ ...file, ...(await beginningOf(file, tape)) });
  return sources.sort(readingOrder);
}

async function beginningOf({ path, ...said }: NamedFile, tape: TapeImport): Promise<Beginning> {
  if (isColumnar(path)) {
    const { columns, rows } = await columnarRows(path);
    for await (const cells of rows) return tape.peekCells(path, columns, cells, said);
    return { needsUnderlying: false, first: undefined };
  }
  for await (const { name, text } of foreignParts(path)) {
    let head = '';
    for await (const piece of text) {
      head += piece;
      if (head.length >= HEAD_CHARACTERS) break;
    }
    return tape.peek(name, head, said);
  }
  return { needsUnderlying: false, first: undefined };
}

const isColumnar = (path: string): boolean => ['parquet', 'arrow'].includes(packingOf(path));

async function readFile({ path, ...said }: NamedFile, tape: TapeImport): Promise<void> {
  if (isColumnar(path)) {
    const { name, columns, rows } = await columnarRows(path);
    const file = tape.begin(name, said);
    file.columns(columns);
    for await (const cells of rows) file.cells(cells);
    tape.end(file);
    return;
  }
  for await (const { name, text } of foreignParts(path)) {
    const file = tape.begin(name, said);
    for await (const piece of text) file.text(piece);
    tape.end(file);
  }
}
